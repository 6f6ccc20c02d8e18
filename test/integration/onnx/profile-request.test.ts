import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { packageRoot } from "../../../base/package-root.ts";
import { writeMiniLm } from "../../drivers/minilm.ts";
import { startTestDaemon, type TestDaemon } from "../../drivers/test-daemon.ts";

const ember = join(packageRoot(import.meta.dirname), "runtime", "models", "ember", "ember-q8_0.gguf");

let home: string;
let daemon: TestDaemon;
before(async () => {
  home = mkdtempSync(join(tmpdir(), "inferno-profiled-"));
  daemon = await startTestDaemon({
    yaml: { models: { minilm: { source: writeMiniLm(join(home, "minilm")), threads: 1 }, gguf: { source: ember, task: "embedding" } } },
  });
});
after(async () => {
  await daemon[Symbol.asyncDispose]();
  rmSync(home, { recursive: true });
});

const embed = async (model: string, profile?: string) => await daemon.send("/v1/embeddings", { body: { model, input: "A red kite over the valley", ...(profile !== undefined && { profile }) } });
const traceOf = async ({ headers }: Awaited<ReturnType<typeof embed>>) => await daemon.client.call("trace", { params: { id: headers.get("x-inferno-trace-id")! } });

test("a request with `profile: ops` has every operation of its run in its trace, inside the run; the next one has none, and the same vector", async () => {
  const [profiled, plain] = [await embed("minilm", "ops"), await embed("minilm")];
  assert.deepEqual([profiled.status, profiled.text], [200, plain.text]);
  const { spans, parameters } = await traceOf(profiled);
  assert.equal(parameters["profile"], true);
  const run = spans.find(({ name }) => name === "run")!;
  const operations = spans.filter(({ name }) => name === "operation");
  assert.ok(operations.length > 50);
  assert.deepEqual([run.attributes["operations"], run.attributes["operationsLeftOut"]], [operations.length, 0]);
  for (const { startUs, durationUs } of operations) assert.ok(startUs >= run.startUs && startUs + durationUs <= run.startUs + run.durationUs);
  // Six layers, six matrices in four bits in each.
  assert.equal(operations.filter(({ attributes }) => attributes["operator"] === "MatMulNBits").length, 36);
  assert.equal((await traceOf(plain)).spans.filter(({ name }) => name === "operation").length, 0);
});

test("what cannot be profiled says so", async () => {
  const gguf = await embed("gguf", "ops");
  assert.deepEqual([gguf.status, gguf.error.code, gguf.error.param], [400, "unsupported_parameter", "profile"]);
  const unknown = await embed("minilm", "everything");
  assert.deepEqual([unknown.status, unknown.error.code, unknown.error.param], [400, "invalid_request", "profile"]);
});
