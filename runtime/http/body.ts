import type { FastifyInstance, FastifyRequest } from "fastify";
import type { Clock } from "../../base/clock.ts";
import { safetensorsType } from "../../protocol/api/infer.ts";
import { InfernoError } from "../../protocol/errors.ts";
import { mediaLimit } from "./form.ts";
import { jsonErrorOffset } from "./json-position.ts";

const strictUtf8 = new TextDecoder("utf-8", { fatal: true });

/** Reads request bodies as JSON in strict UTF-8, and notes when the last byte was there: a request's trace starts then. */
export function readJsonBodies(app: FastifyInstance, clock: Clock): (request: FastifyRequest) => number {
  const received = new WeakMap<FastifyRequest, number>();
  app.removeAllContentTypeParsers();
  app.addContentTypeParser<Buffer>("application/json", { parseAs: "buffer" }, async (request: FastifyRequest, body: Buffer) => {
    received.set(request, clock.nowUs());
    const encoding = request.headers["content-encoding"] ?? "identity";
    if (encoding !== "identity") throw new InfernoError("unsupported_media_type", `The body is compressed (${encoding.slice(0, 50)}).`, { hint: "Send it as it is: JSON without `Content-Encoding`." });
    if (body.length === 0) return undefined;
    const value = parseJson(decodeUtf8(body));
    if (isDeeper(value, deepestLevel)) throw new InfernoError("invalid_request", `The body nests values more than ${deepestLevel} levels deep.`);
    return value;
  });
  app.addContentTypeParser<Buffer>(safetensorsType, { parseAs: "buffer", bodyLimit: mediaLimit }, async (request: FastifyRequest, body: Buffer) => {
    received.set(request, clock.nowUs());
    return body;
  });
  return (request) => received.get(request) ?? clock.nowUs();
}

/** Reading JSON has no limit of its own, but on its way to the model's process a value nested some thousand levels deep overflows stacks there. */
const deepestLevel = 200;

const isDeeper = (value: unknown, levels: number): boolean =>
  typeof value === "object" && value !== null && (levels === 0 || Object.values(value).some((inner) => isDeeper(inner, levels - 1)));

function decodeUtf8(body: Buffer): string {
  try {
    return strictUtf8.decode(body);
  } catch (cause) {
    throw new InfernoError("invalid_utf8", `The body is not UTF-8: byte ${firstBadByte(body)} begins no valid character.`, { cause });
  }
}

/** Bytes before it decode without loss. */
function firstBadByte(body: Buffer): number {
  // Replacement characters re-encode to other bytes: the first difference is the place.
  const again = Buffer.from(body.toString("utf8"), "utf8");
  const length = Math.min(again.length, body.length);
  for (let index = 0; index < length; index++) if (again[index] !== body[index]) return index;
  return length;
}

/** Throws `invalid_json` with line and column: the engine's own message has a position in some cases only. */
export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch (cause) {
    const offset = jsonErrorOffset(text) ?? text.length;
    const before = text.slice(0, offset).split("\n");
    const place = `line ${before.length}, column ${(before.at(-1)?.length ?? 0) + 1}`;
    const what = offset === text.length ? "it ends too early" : `unexpected ${JSON.stringify(String.fromCodePoint(text.codePointAt(offset) ?? 0))}`;
    throw new InfernoError("invalid_json", `The body is not JSON: ${what} at ${place}.`, { cause });
  }
}
