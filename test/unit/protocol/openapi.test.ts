import assert from "node:assert/strict";
import { test } from "node:test";
import { openApiDocument } from "../../../protocol/emit/openapi.ts";
import type { Route } from "../../../protocol/route.ts";
import { routes } from "../../../protocol/routes.ts";

const document = openApiDocument("1.2.3");

test("every route is in the document, with its lock", () => {
  for (const [name, route] of Object.entries<Route>(routes)) {
    const item = document.paths?.[route.path];
    const operation = route.method === "GET" ? item?.get : item?.post;
    assert.equal(operation?.operationId, name);
    assert.deepEqual(operation.security, route.secured ? [{ token: [] }] : []);
  }
});

test("every reference resolves", () => {
  const text = JSON.stringify(document);
  const names = new Set(Object.keys(document.components?.schemas ?? {}));
  const references = [...text.matchAll(/"#\/components\/schemas\/(\w+)"/g)].map((match) => match[1] ?? "");
  assert.ok(references.length > 0);
  for (const name of references) assert.ok(names.has(name), name);
});
