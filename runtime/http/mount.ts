import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import type { z } from "zod";
import { InfernoError } from "../../protocol/errors.ts";
import type { Answer, Received, Route } from "../../protocol/route.ts";
import type { Access } from "../access/access.ts";
import { mediaLimit, readForm } from "./form.ts";

/** Says that the handler has written the answer itself. */
export const streamed = Symbol("streamed");

/** The HTTP side of a call, for handlers that stream or set headers. */
export interface Call {
  readonly request: FastifyRequest;
  readonly reply: FastifyReply;
  /** On the clock: when the body had been read. */
  readonly receivedUs: number;
}

export type Handler<R extends Route> = (received: Received<R>, call: Call) => Promise<Answer<R> | typeof streamed> | Answer<R>;

export interface Mounted {
  readonly app: FastifyInstance;
  readonly access: Access;
  readonly receivedUs: (request: FastifyRequest) => number;
}

/** Puts one route of the contract into the server: token, validation, handler. `check` sees the body as it was sent, before unknown keys are dropped. */
export function mount<R extends Route>(to: Mounted, route: R, handler: Handler<NoInfer<R>>, check?: (body: unknown) => void): void {
  to.app.route({
    method: route.method,
    ...(route.form === true && { bodyLimit: mediaLimit }),
    ...(route.limit !== undefined && { bodyLimit: route.limit }),
    url: route.path.replaceAll(/\{(\w+)\}/g, ":$1"),
    onRequest: async (request) => {
      if (route.secured) to.access.checkToken(request.headers);
    },
    handler: async (request, reply) => {
      const sent = await sentBody(route, request);
      if (route.body !== undefined && check !== undefined) check(sent);
      const received = {
        params: parse(route.params, request.params),
        query: parse(route.query, request.query),
        // Bytes are the handler's to read.
        body: sent instanceof Uint8Array ? sent : parse(route.body, sent),
      } as Received<R>; // Each field was parsed by the schema that its type is derived from.
      const answer = await handler(received, { request, reply, receivedUs: to.receivedUs(request) });
      if (answer === streamed) return reply;
      if (typeof route.response === "string" && answer instanceof Uint8Array) return reply.type(route.response).send(answer);
      if (typeof route.response === "string") return reply.type(`${route.response}; charset=utf-8`).send(answer);
      return reply.type("application/json; charset=utf-8").send(JSON.stringify(answer));
    },
  });
}

/** A form's fields by name, bytes as the contract's own fields make of them, else JSON. */
async function sentBody(route: Route, request: FastifyRequest): Promise<unknown> {
  if (request.isMultipart()) {
    if (route.form === true) return await readForm(request);
    throw new InfernoError("unsupported_media_type", `${route.path} takes JSON, not a form.`);
  }
  if (request.body instanceof Uint8Array && route.bytes === undefined) throw new InfernoError("unsupported_media_type", `${route.path} takes JSON.`);
  return request.body;
}

/** Throws `invalid_request` that names the field. */
export function parse(schema: z.ZodType | undefined, value: unknown): unknown {
  if (schema === undefined) return undefined;
  const parsed = schema.safeParse(value ?? {});
  if (parsed.success) return parsed.data;
  const { path, message } = deepest(parsed.error.issues);
  const param = path.join(".");
  throw new InfernoError("invalid_request", param === "" ? `${message}.` : `${param}: ${message}.`, { param: param === "" ? null : param });
}

interface Issue {
  readonly path: readonly PropertyKey[];
  readonly message: string;
  /** It is of the right kind, only too large or too small. */
  readonly isSize: boolean;
}

/** Of a union that matched nowhere, the branch whose kind was right, and else the one that came furthest, says what was meant. */
function deepest(issues: readonly z.core.$ZodIssue[], above: readonly PropertyKey[] = []): Issue {
  const [issue] = issues;
  if (issue === undefined) return { path: above, message: "invalid", isSize: false };
  const path = [...above, ...issue.path];
  if (issue.code !== "invalid_union" || issue.errors.length === 0) return { path, message: issue.message, isSize: issue.code === "too_big" || issue.code === "too_small" };
  const all = issue.errors.map((branch) => deepest(branch, path));
  const sizes = all.filter((branch) => branch.isSize);
  const branches = sizes.length > 0 ? sizes : all;
  const length = Math.max(...branches.map((branch) => branch.path.length));
  if (length > path.length) return branches.find((branch) => branch.path.length === length)!;
  return { path, message: [...new Set(branches.map((branch) => branch.message))].join(", or "), isSize: sizes.length > 0 };
}
