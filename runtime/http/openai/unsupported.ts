import { InfernoError } from "../../../protocol/errors.ts";

/**
 * Parameters of OpenAI's API (and of other local servers) that would change the answer and that Inferno does not have.
 * Ignoring them would give an answer that was not asked for. `harmless` values are what leaving the parameter out means.
 * Parameters that change nothing here (`user`, `metadata`, `store`, `service_tier` …) are ignored and not listed.
 */
interface Unsupported {
  readonly harmless: (value: unknown) => boolean;
  readonly instead?: string;
}

const zero: Unsupported = { harmless: (value) => value === 0 };
const never: Unsupported = { harmless: () => false };
const only = (...values: unknown[]): Unsupported => ({ harmless: (value) => values.includes(value) });
const empty: Unsupported = { harmless: (value) => typeof value === "object" && value !== null && Object.keys(value).length === 0 };
/** Wrong types are left to the schema, which names what is right. */
const oneIfNumber: Unsupported = { harmless: (value) => typeof value !== "number" || value <= 1, instead: "Send the request once per answer." };

const common: Readonly<Record<string, Unsupported>> = {
  best_of: oneIfNumber,
  repetition_penalty: { ...only(1), instead: "Use `repeat_penalty`." },
  typ_p: { ...only(1), instead: "Use `typical_p`." },
  min_keep: { ...zero, instead: "Samplers that cut keep one token." },
  json_schema: { ...never, instead: "Use `response_format` of type `json_schema`." },
  guided_json: { ...never, instead: "Use `response_format` of type `json_schema`." },
};

export const chatUnsupported: Readonly<Record<string, Unsupported>> = {
  ...common,
  functions: { ...empty, instead: "Use `tools`." },
  function_call: only("auto", "none"),
  modalities: { harmless: (value) => Array.isArray(value) && value.every((each) => each === "text") },
  audio: never,
  prediction: never,
  web_search_options: never,
  reasoning_effort: only("none"),
  verbosity: only("medium"),
};

export const completionUnsupported: Readonly<Record<string, Unsupported>> = {
  ...common,
  echo: only(false),
};

/** Throws `unsupported_parameter` for the first of these that has an effect. Null means absent, as everywhere in OpenAI's API. */
export function refuseUnsupported(table: Readonly<Record<string, Unsupported>>): (body: unknown) => void {
  return (body) => {
    if (typeof body !== "object" || body === null) return;
    for (const [param, value] of Object.entries(body)) {
      const row = Object.hasOwn(table, param) ? table[param] : undefined;
      if (row === undefined || value === null || row.harmless(value)) continue;
      const shown = JSON.stringify(value).slice(0, 100);
      throw new InfernoError("unsupported_parameter", `${param}: ${shown} is not supported.`, { param, hint: row.instead });
    }
  };
}
