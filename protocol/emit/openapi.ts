import { z } from "zod";
import { createDocument, type ZodOpenApiContentObject, type ZodOpenApiOperationObject, type ZodOpenApiPathsObject } from "zod-openapi";
import { ErrorBody } from "../errors.ts";
import type { Route } from "../route.ts";
import { routes } from "../routes.ts";

/** The route table as an OpenAPI 3.1 document: the daemon serves it, and a copy is kept in docs/reference. */
export function openApiDocument(version: string): ReturnType<typeof createDocument> {
  const paths: ZodOpenApiPathsObject = {};
  for (const [name, route] of Object.entries<Route>(routes)) {
    paths[route.path] = { ...paths[route.path], [route.method.toLowerCase()]: operation(name, route) };
  }
  return createDocument({
    openapi: "3.1.0",
    info: { title: "Inferno daemon", version, license: { name: "Apache-2.0", identifier: "Apache-2.0" } },
    paths,
    components: { securitySchemes: { token: { type: "http", scheme: "bearer" } } },
  });
}

function operation(name: string, route: Route): ZodOpenApiOperationObject {
  const requestParams = {
    ...(route.params instanceof z.ZodObject ? { path: route.params } : {}),
    ...(route.query instanceof z.ZodObject ? { query: route.query } : {}),
  };
  return {
    operationId: name,
    summary: route.summary,
    security: route.secured ? [{ token: [] }] : [],
    requestParams,
    ...(route.body === undefined ? {} : { requestBody: { required: true, content: requestContent(route, route.body) } }),
    responses: {
      200: {
        description: route.event === undefined ? (route.socket === true ? "After 101: one message." : "The answer.") : "The answer; as server-sent events, ended by `data: [DONE]`, when `stream` is true.",
        content: {
          ...(typeof route.response === "string" ? { [route.response]: { schema: z.string() } } : { "application/json": { schema: route.response } }),
          ...(route.bytes === undefined ? {} : { [route.bytes]: { schema: bytes } }),
          ...(route.event === undefined ? {} : { "text/event-stream": { schema: route.event } }),
        },
      },
      default: { description: "An error of the table in docs/reference/errors.md.", content: { "application/json": { schema: ErrorBody } } },
    },
  };
}

const bytes = { type: "string", format: "binary" } as const;

function requestContent({ form, bytes: type }: Route, schema: z.ZodType): ZodOpenApiContentObject {
  return {
    "application/json": { schema },
    ...(form === true && { "multipart/form-data": { schema } }),
    ...(type !== undefined && { [type]: { schema: bytes } }),
  };
}
