import { EventSourceParserStream } from "eventsource-parser/stream";
import { InfernoError } from "../errors.ts";
import type { Route } from "../route.ts";
import { broken, errorIn, parseJson } from "./body.ts";

type Bytes = ReadableStream<Uint8Array<ArrayBuffer>>;

export interface StreamOptions {
  readonly signal?: AbortSignal | undefined;
  /**
   * Longest silence in milliseconds before the stream counts as broken. The daemon sends a heartbeat comment
   * every 10 s, also while a model loads, so silence means a dead peer. Default 60,000.
   */
  readonly silenceMs?: number | undefined;
  /** Text of one event, so that a broken stream's error can hold what had arrived in `partial`. */
  readonly textOf?: ((event: unknown) => string) | undefined;
}

/** Decodes server-sent events until `[DONE]`. A typed error event, a broken connection and silence become InfernoErrors. */
export async function* readEvents<T>(route: Route, response: Response, options: StreamOptions): AsyncGenerator<T> {
  const { event } = route;
  if (event === undefined || response.body === null) throw new InfernoError("bad_response", `${route.path} did not answer with a stream.`);
  const reader = withSilenceLimit(response.body, options.silenceMs ?? 60_000)
    .pipeThrough(new TextDecoderStream())
    .pipeThrough(new EventSourceParserStream())
    .getReader();
  let partial = "";
  try {
    for (;;) {
      const { done, value } = await reader.read();
      if (done) throw new InfernoError("stream_interrupted", "The connection closed before the end of the answer.", { partial });
      if (value.data === "[DONE]") return;
      const error = errorIn(value.data);
      if (error !== null) throw InfernoError.fromBody(error, { partial });
      const parsed = parseJson<T>(event, value.data, `An event of ${route.path}`);
      partial += options.textOf?.(parsed) ?? "";
      yield parsed;
    }
  } catch (cause) {
    if (cause instanceof InfernoError) throw cause;
    throw broken(cause, options.signal, "The stream broke", partial);
  } finally {
    // The connection may be broken already; the reader has to be released either way.
    await reader.cancel().catch(() => undefined);
  }
}

/**
 * The same bytes; errors when none comes for `limitMs` although they are waited for: a slow reader's own pauses are no silence.
 * Heartbeats are comments, which the event parser drops: so bytes are watched, not events.
 */
function withSilenceLimit(body: Bytes, limitMs: number): Bytes {
  const reader = body.getReader();
  return new ReadableStream({
    pull: async (controller) => {
      const { promise: silence, reject } = Promise.withResolvers<never>();
      const timer = setTimeout(() => reject(new Error(`nothing came for ${limitMs / 1000} s`)), limitMs);
      try {
        const { done, value } = await Promise.race([reader.read(), silence]);
        if (done) controller.close();
        else controller.enqueue(value);
      } finally {
        clearTimeout(timer);
      }
    },
    cancel: (reason) => reader.cancel(reason),
  });
}
