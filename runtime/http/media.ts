import type { FileField } from "../../protocol/api/media.ts";
import { InfernoError } from "../../protocol/errors.ts";
import { base64Bytes } from "../base64.ts";

/** The bytes of a file in a body. Throws `invalid_request` for a text that is neither base64 nor a data URL. */
export function bytesOf(field: FileField, param: string): Uint8Array {
  if (typeof field !== "string") return field;
  const data = /^data:[^,]*,/.exec(field);
  if (data !== null && !data[0].endsWith(";base64,")) throw new InfernoError("invalid_request", `${param}: the data URL is not base64.`, { param });
  if (data === null && /^[a-z][a-z0-9+.-]*:\/\//i.test(field)) {
    throw new InfernoError("invalid_request", `${param}: the daemon fetches no addresses.`, { param, hint: "Send the file's bytes: base64, a data URL, or a form." });
  }
  const bytes = base64Bytes(field.slice(data?.[0].length ?? 0).replaceAll(/\s+/g, ""));
  if (bytes === null || bytes.length === 0) throw new InfernoError("invalid_request", `${param}: this is not base64.`, { param, hint: "Send the file's bytes: base64, a data URL, or a form." });
  return bytes;
}
