import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { violation } from "./import-rule.ts";
import { importsOf } from "./imports-of.ts";
import { sourceFiles } from "./source-files.ts";

const check = (file: string, text: string): string[] =>
  importsOf(file, text).map((found) => violation(file, found)).filter((problem) => problem !== null);

describe("the import rule", () => {
  test("holds in every file", () => {
    const files = sourceFiles(["ts", "tsx"]);
    assert.ok(files.length > 20, "the search finds the sources");
    assert.deepEqual(files.flatMap(({ path, text }) => check(path, text)), []);
  });

  const wrong: readonly (readonly [why: string, file: string, text: string])[] = [
    ["base imports nothing of ours", "base/lru.ts", 'import { errorTable } from "../protocol/errors.ts";'],
    ["the contract does not know its users", "protocol/route.ts", 'export * from "../runtime/pipeline.ts";'],
    ["products do not import each other", "extension/main.ts", 'import type { Daemon } from "../runtime/daemon/daemon.ts";'],
    ["not even lazily", "server/main.ts", 'const m = await import("../runtime/cli/main.ts");'],
    ["not even through an import type", "webviews/flame/model.ts", 'let x: import("../../runtime/trace/trace.ts").Trace;'],
    ["nothing imports the tests", "runtime/cli/main.ts", 'import { fixture } from "../../test/fixtures/a.ts";'],
    ["vscode stays in extension/", "server/features/hover.ts", 'import * as vscode from "vscode";'],
    ["the debug adapter knows no editor", "extension/debug/adapter/adapter.ts", 'import * as vscode from "vscode";'],
    ["koffi stays with the llama backend", "runtime/host/main.ts", 'const koffi = require("koffi");'],
    ["so does a sub-path", "runtime/cli/gpu.ts", 'import { getLlama } from "node-llama-cpp/dist/index.js";'],
    ["fastify stays in http/", "runtime/pipeline.ts", 'import fastify from "fastify";'],
    ["SQLite stays in store/", "runtime/trace/recorder.ts", 'import Database from "better-sqlite3";'],
    ["panels run without Node", "webviews/flame/main.tsx", 'import { join } from "node:path";'],
    ["so does the contract", "protocol/client/client.ts", 'import { request } from "node:http";'],
    ["builtins are named as such", "runtime/cli/main.ts", 'import fs from "fs";'],
    ["a stage does not construct the next", "runtime/http/server.ts", 'import { Router } from "../routing/router.ts";'],
    ["nor the scheduler's policies", "runtime/host/stepper.ts", 'import { batching } from "../scheduler/batching.ts";'],
    ["an engine does not know what is built with it", "runtime/backends/onnx/float-values.ts", 'import { x } from "../../quantize/kernels/int8.ts";'],
    ["nor does a rewriting know the gateway", "runtime/quantize/calibration-file.ts", 'import type { x } from "../http/server.ts";'],
    ["a file outside every room is not ours", "runtime/cli/main.ts", 'import x from "../../../elsewhere/x.ts";'],
  ];
  for (const [why, file, text] of wrong) {
    test(`refuses: ${why}`, () => {
      assert.equal(check(file, text).length, 1);
    });
  }

  test("allows what the rule allows", () => {
    assert.deepEqual(check("runtime/http/server.ts", 'import fastify from "fastify";\nimport { assert } from "../../base/assert.ts";'), []);
    assert.deepEqual(check("extension/main.ts", 'import * as vscode from "vscode";\nimport { join } from "node:path";'), []);
    assert.deepEqual(check("runtime/http/server.ts", 'import type { Router } from "../routing/router.ts";'), []);
    assert.deepEqual(check("runtime/host/sequence-pool.ts", 'import { PrefixTree } from "../scheduler/prefix-tree.ts";'), []);
    assert.deepEqual(check("runtime/pipeline.ts", 'import { Router } from "./routing/router.ts";'), []);
    assert.deepEqual(check("base/package-root.ts", 'import { existsSync } from "node:fs";'), []);
  });
});

test("type-only imports are told apart", () => {
  const typeOnly = (text: string): boolean | undefined => importsOf("base/a.ts", text)[0]?.typeOnly;
  assert.equal(typeOnly('import type { A } from "./a.ts";'), true);
  assert.equal(typeOnly('import { type A, type B } from "./a.ts";'), false);
  assert.equal(typeOnly('import { a, type B } from "./a.ts";'), false);
  assert.equal(typeOnly('import "./a.ts";'), false);
  assert.equal(typeOnly('export type { A } from "./a.ts";'), true);
});
