import type { z } from "zod";

/** One HTTP route, declared once: the daemon mounts it, the client calls it, OpenAPI and the reference are generated from it. */
export interface Route {
  readonly method: "GET" | "POST";
  /** Path parameters in braces, as in OpenAPI: `/api/v1/traces/{id}`. */
  readonly path: `/${string}`;
  readonly summary: string;
  /** Needs the bearer token. */
  readonly secured: boolean;
  readonly params?: z.ZodType;
  readonly query?: z.ZodType;
  readonly body?: z.ZodType;
  /** The body may also be `multipart/form-data`, and be larger: it carries images or sound. */
  readonly form?: true;
  /** The body, and then the answer, may also be bytes of this media type. */
  readonly bytes?: `${string}/${string}`;
  /** Bytes that the body may have, where that is fewer than usual. */
  readonly limit?: number;
  /** Over a WebSocket: binary messages in, one JSON message of `response` for each out. */
  readonly socket?: true;
  /** A JSON answer's schema, or a media type for answers that are not JSON. */
  readonly response: z.ZodType | `${string}/${string}`;
  /** One `data:` event of the answer as server-sent events, when the body says `stream: true`. */
  readonly event?: z.ZodType;
}

type Output<S> = S extends z.ZodType ? z.output<S> : undefined;
type Input<S> = S extends z.ZodType ? z.input<S> : undefined;

/** What a handler receives, after validation and defaults. */
export interface Received<R extends Route> {
  readonly params: Output<R["params"]>;
  readonly query: Output<R["query"]>;
  readonly body: Output<R["body"]>;
}

type Given<K extends string, S> = S extends z.ZodType ? { readonly [P in K]: Input<S> } : { readonly [P in K]?: undefined };

/** What a caller gives, before defaults. */
export type Sent<R extends Route> = Given<"params", R["params"]> & (R["query"] extends z.ZodType ? { readonly query?: Input<R["query"]> } : object) & Given<"body", R["body"]>;

export type Answer<R extends Route> = R["response"] extends z.ZodType ? z.output<R["response"]> : R["response"] extends `text/${string}` ? string : Uint8Array;
export type StreamEvent<R extends Route> = Output<R["event"]>;
