import type { Socket } from "node:net";
import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import { InfernoError, type ErrorCode } from "../../protocol/errors.ts";
import type { Route } from "../../protocol/route.ts";

export interface ErrorHandling {
  readonly routes: readonly Route[];
  /** A bug of ours, or a failing engine: for the log. */
  readonly onServerError: (error: InfernoError) => void;
}

/** Every error of every route leaves through here, in OpenAI's shape. */
export function handleErrors(app: FastifyInstance, { routes, onServerError }: ErrorHandling): void {
  app.setErrorHandler((thrown, request, reply) => {
    const error = translated(thrown, request.routeOptions.bodyLimit, mediaOf(routes, request));
    if (error.status >= 500) onServerError(error);
    return sendError(reply, error);
  });
  app.setNotFoundHandler((request, reply) => {
    const path = request.url.replace(/\?.*$/s, "");
    const allowed = routes.filter((route) => matches(route.path, path)).map(({ method }) => method);
    if (allowed.length === 0) return sendError(reply, new InfernoError("route_not_found", `There is no ${path.slice(0, 200)}.`));
    void reply.header("allow", allowed.join(", "));
    return sendError(reply, new InfernoError("method_not_allowed", `${path} takes ${allowed.join(", ")}, not ${request.method}.`));
  });
}

/** A path that is no path, such as one with a broken percent escape: it never reaches a route. */
export function refuseBadUrl(thrown: Error, _request: FastifyRequest, reply: FastifyReply): void {
  sendError(reply, new InfernoError("route_not_found", `${thrown.message.slice(0, 200)}.`, { cause: thrown }));
}

/** Bytes that are not HTTP: there is no request yet to reply to, only a connection. */
export function refuseBrokenHttp(thrown: Error & { readonly code?: string }, socket: Socket): void {
  if (!socket.writable) return;
  const body = JSON.stringify(new InfernoError("invalid_request", `The request is not HTTP: ${thrown.message}.`).toBody());
  socket.end(`HTTP/1.1 400 Bad Request\r\nContent-Type: application/json\r\nContent-Length: ${Buffer.byteLength(body)}\r\nConnection: close\r\n\r\n${body}`);
}

function sendError(reply: FastifyReply, error: InfernoError): FastifyReply {
  if (error.retryAfter !== undefined) void reply.header("retry-after", String(error.retryAfter));
  // What is left of the body is not read, however long it goes on.
  if (error.code === "body_too_large") void reply.header("connection", "close");
  if (error.status === 401) void reply.header("www-authenticate", "Bearer");
  return reply.status(error.status).type("application/json; charset=utf-8").send(JSON.stringify(error.toBody()));
}

const matches = (template: string, path: string): boolean => {
  const parts = template.split("/");
  const given = path.split("/");
  return parts.length === given.length && parts.every((part, index) => part.startsWith("{") || part === given[index]);
};

/** What else a client can cause, by the code that the framework or Node gives it. */
const clientCodes: Readonly<Record<string, ErrorCode>> = {
  FST_ERR_CTP_BODY_TOO_LARGE: "body_too_large",
  FST_ERR_CTP_INVALID_MEDIA_TYPE: "unsupported_media_type",
  FST_ERR_CTP_EMPTY_TYPE: "unsupported_media_type",
  // The method QUERY, which is none of ours but known to the framework.
  FST_ERR_ROUTE_MISSING_CONTENT_TYPE: "unsupported_media_type",
  FST_ERR_CTP_INVALID_CONTENT_LENGTH: "invalid_request",
  // Node's own word for a client that left before its body was whole.
  ECONNRESET: "request_cancelled",
};

/** What a route takes and what it was sent, where that is not the same. */
function mediaOf(routes: readonly Route[], { url, method, headers }: FastifyRequest): string {
  const path = url.replace(/\?.*$/s, "");
  const route = routes.find((each) => each.method === method && matches(each.path, path));
  const taken = ["application/json", ...(route?.form === true ? ["multipart/form-data"] : []), ...(route?.bytes === undefined ? [] : [route.bytes])];
  return `${path.slice(0, 200)} takes ${taken.join(" or ")}, not ${headers["content-type"]?.slice(0, 200) ?? "a body without a type"}.`;
}

function translated(thrown: unknown, bodyLimit: number, media: string): InfernoError {
  if (thrown instanceof InfernoError || !(thrown instanceof Error) || !("code" in thrown)) return InfernoError.from(thrown);
  const code = clientCodes[String(thrown.code)];
  if (code === undefined) return InfernoError.from(thrown);
  if (code === "unsupported_media_type") return new InfernoError(code, media, { cause: thrown });
  const limit = code === "body_too_large" ? ` The limit is ${bodyLimit} bytes.` : "";
  return new InfernoError(code, `${thrown.message}.${limit}`, { cause: thrown });
}
