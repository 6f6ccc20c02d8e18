import type { Answer, Received, Route, Sent, StreamEvent } from "../route.ts";
import { routes, type RouteName, type Routes } from "../routes.ts";
import { InfernoError } from "../errors.ts";
import { parseBody, readError } from "./body.ts";
import { readEvents, type StreamOptions } from "./events.ts";

export interface ClientOptions {
  /** Such as `http://127.0.0.1:11500`, no slash at the end. */
  readonly url: string;
  readonly token: string;
  /** For tests; the platform's own otherwise. */
  readonly fetch?: typeof fetch | undefined;
}

export interface CallOptions {
  readonly signal?: AbortSignal | undefined;
  /** The call outlives the page that sends it. */
  readonly keepalive?: boolean | undefined;
}

type StreamRoute = { [N in RouteName]: Routes[N] extends { event: object } ? N : never }[RouteName];
type Arguments<R extends Route> = object extends Sent<R> ? [sent?: Sent<R>, options?: CallOptions] : [sent: Sent<R>, options?: CallOptions];

/**
 * The typed client of the daemon: one call for every route, derived from the route table. Works in Node, the extension host and the browser.
 * Every failure is an InfernoError: the daemon's own, `daemon_unreachable`, `stream_interrupted`, `request_cancelled` or `bad_response`.
 */
export class Client {
  readonly url: string;
  readonly #token: string;
  readonly #fetch: typeof fetch;

  constructor(options: ClientOptions) {
    this.url = options.url;
    this.#token = options.token;
    this.#fetch = options.fetch ?? ((input, init) => fetch(input, init));
  }

  /** Calls a route and returns its answer, checked against the contract. */
  async call<N extends RouteName>(name: N, ...[sent, options]: Arguments<Routes[N]>): Promise<Answer<Routes[N]>> {
    const route: Route = routes[name];
    const response = await this.#send(route, sent ?? {}, options?.signal, options?.keepalive);
    return await parseBody<Answer<Routes[N]>>(route, response, options?.signal);
  }

  /** Calls a streaming route. Ends normally after the server's `[DONE]`; leaving the loop early, or aborting, ends the request. */
  async *stream<N extends StreamRoute>(name: N, sent: Sent<Routes[N]>, options: StreamOptions = {}): AsyncGenerator<StreamEvent<Routes[N]>> {
    const route: Route = routes[name];
    const abort = new AbortController();
    const signal = options.signal === undefined ? abort.signal : AbortSignal.any([abort.signal, options.signal]);
    try {
      const response = await this.#send(route, sent, signal);
      yield* readEvents<StreamEvent<Routes[N]>>(route, response, { ...options, signal });
    } finally {
      abort.abort();
    }
  }

  async #send(route: Route, sent: Partial<Received<Route>>, signal: AbortSignal | undefined, keepalive = false): Promise<Response> {
    const headers: Record<string, string> = { authorization: `Bearer ${this.#token}` };
    if (sent.body !== undefined) headers["content-type"] = "application/json";
    let response: Response;
    try {
      response = await this.#fetch(this.url + fillPath(route.path, sent.params) + queryString(sent.query), {
        method: route.method,
        headers,
        ...(sent.body === undefined ? {} : { body: JSON.stringify(sent.body) }),
        ...(signal === undefined ? {} : { signal }),
        ...(keepalive ? { keepalive } : {}),
      });
    } catch (cause) {
      if (signal?.aborted === true) throw new InfernoError("request_cancelled", "The request was cancelled.", { cause });
      throw new InfernoError("daemon_unreachable", isSlow(cause) ? `The daemon at ${this.url} goes on, but this client waits no longer for the beginning of its answer.` : `No daemon answers at ${this.url}.`, { cause });
    }
    if (!response.ok) throw await readError(response, signal);
    return response;
  }
}

/** Node's fetch waits five minutes for an answer's first byte; what is streamed begins at once. */
const isSlow = (error: unknown): boolean => error instanceof Error && error.cause instanceof Error && "code" in error.cause && error.cause.code === "UND_ERR_HEADERS_TIMEOUT";

function fillPath(path: string, params: unknown): string {
  const values = new Map(Object.entries(params ?? {}));
  return path.replaceAll(/\{(\w+)\}/g, (_, name: string) => encodeURIComponent(String(values.get(name))));
}

function queryString(query: unknown): string {
  const entries = Object.entries(query ?? {}).filter(([, value]) => value !== undefined);
  return entries.length === 0 ? "" : `?${new URLSearchParams(entries.map(([key, value]): [string, string] => [key, String(value)])).toString()}`;
}
