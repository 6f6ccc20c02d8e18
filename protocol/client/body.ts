import type { z } from "zod";
import { ErrorBody, InfernoError } from "../errors.ts";
import type { Route } from "../route.ts";

/** The answer of a route: text where the route says so, else JSON of its schema. */
export async function parseBody<T>(route: Route, response: Response, signal: AbortSignal | undefined): Promise<T> {
  // A route whose response is a media type answers text or bytes: Answer<R> is `string` or `Uint8Array` there.
  if (typeof route.response === "string" && !route.response.startsWith("text/")) return await bytesOf(response, signal) as T;
  const text = await textOf(response, signal);
  if (typeof route.response === "string") return text as T;
  return parseJson<T>(route.response, text, `${route.method} ${route.path}`);
}

/** `T` is the schema's output type: the caller derives both from one route. */
export function parseJson<T>(schema: z.ZodType, text: string, where: string): T {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (cause) {
    throw new InfernoError("bad_response", `${where} answered something that is not JSON: ${text.slice(0, 200)}`, { cause });
  }
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data as T;
  const issue = parsed.error.issues[0];
  throw new InfernoError("bad_response", `${where} answered outside the contract at ${issue?.path.join(".") ?? "?"}: ${issue?.message ?? "?"}`);
}

/** The error that a failed response carries. */
export async function readError(response: Response, signal: AbortSignal | undefined): Promise<InfernoError> {
  const retry = Number(response.headers.get("retry-after") ?? Number.NaN);
  const text = await textOf(response, signal);
  const error = errorIn(text);
  if (error === null) return new InfernoError("bad_response", `Status ${response.status} without a typed error: ${text.slice(0, 200)}`);
  return InfernoError.fromBody(error, { retryAfter: Number.isFinite(retry) ? retry : undefined });
}

const textOf = (response: Response, signal: AbortSignal | undefined): Promise<string> => whole(response.text(), signal);

const bytesOf = async (response: Response, signal: AbortSignal | undefined): Promise<Uint8Array> => new Uint8Array(await whole(response.arrayBuffer(), signal));

async function whole<T>(reading: Promise<T>, signal: AbortSignal | undefined): Promise<T> {
  try {
    return await reading;
  } catch (cause) {
    throw broken(cause, signal, "The connection broke in the middle of the answer");
  }
}

/** What a connection's failure means once an answer has begun: the caller ended it, or it broke. */
export function broken(cause: unknown, signal: AbortSignal | undefined, what: string, partial?: string): InfernoError {
  if (signal?.aborted === true) return new InfernoError("request_cancelled", "The request was cancelled.", { cause, partial });
  return new InfernoError("stream_interrupted", `${what}: ${cause instanceof Error ? cause.message : String(cause)}.`, { cause, partial });
}

/** The error body in this text, or null when it is something else. */
export function errorIn(text: string): ErrorBody | null {
  try {
    const parsed = ErrorBody.safeParse(JSON.parse(text));
    return parsed.success ? parsed.data : null;
  } catch {
    return null;
  }
}
