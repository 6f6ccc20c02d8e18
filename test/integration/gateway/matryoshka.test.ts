import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { miniLmManifest, writeMiniLm } from "../../drivers/minilm.ts";
import { writeTinyBert } from "../../drivers/models/tiny-bert.ts";
import { startTestDaemon, type TestDaemon } from "../../drivers/test-daemon.ts";

const folder = mkdtempSync(join(tmpdir(), "inferno-matryoshka-"));
const gguf = (name: string, tags: readonly string[]): string => {
  writeTinyBert(join(folder, name), { pooling: 1, tags });
  return join(folder, name);
};
const onnx = (name: string, line: string): string => writeMiniLm(join(folder, name), `${miniLmManifest}${line}\n`);

describe("`dimensions` of embeddings, by both engines", () => {
  let daemon: TestDaemon;
  before(async () => {
    const [plain, tagged] = [gguf("plain.gguf", ["sentence-transformers"]), gguf("tagged.gguf", ["sentence-transformers", "loss:MatryoshkaLoss"])];
    const task = "embedding";
    daemon = await startTestDaemon({
      yaml: {
        models: {
          plain: { source: plain, task }, tagged: { source: tagged, task }, allowed: { source: plain, task, matryoshka: true }, some: { source: plain, task, matryoshka: [16, 8] },
          forbidden: { source: tagged, task, matryoshka: false },
          onnx: { source: onnx("silent", "") }, "onnx-says": { source: onnx("says", "matryoshka: [192, 8]") }, "onnx-allowed": { source: onnx("other", ""), matryoshka: true },
        },
      },
    });
  });
  after(async () => {
    await daemon[Symbol.asyncDispose]();
    rmSync(folder, { recursive: true });
  });

  const embed = async (model: string, dimensions?: number): Promise<readonly number[]> => {
    const { data } = await daemon.client.call("embeddings", { body: { model, input: "the cat sleeps", dimensions } });
    return data[0]!.embedding as readonly number[];
  };

  for (const model of ["tagged", "allowed", "some", "onnx-says", "onnx-allowed"]) {
    test(`${model}: the beginning of the vector, of length 1`, async () => {
      const [whole, part] = [await embed(model), await embed(model, 8)];
      assert.equal(part.length, 8);
      const length = Math.hypot(...whole.slice(0, 8));
      for (const [index, value] of part.entries()) assert.ok(Math.abs(value - whole[index]! / length) < 1e-6);
      assert.deepEqual(await embed(model, whole.length), whole);
      await assert.rejects(embed(model, whole.length + 1), { code: "unsupported_parameter" });
    });
  }

  for (const model of ["plain", "forbidden", "onnx"]) {
    test(`${model}: refused, for nothing says that a beginning means something`, async () => {
      await assert.rejects(embed(model, 8), { code: "unsupported_parameter", param: "dimensions", message: /nothing says/, hint: /`matryoshka`/ });
      assert.ok((await embed(model)).length > 8);
    });
  }

  test("only the lengths that are named", async () => {
    await assert.rejects(embed("some", 12), { code: "unsupported_parameter", message: /can be shortened to 16, 8\.$/ });
    await assert.rejects(embed("onnx-says", 12), { code: "unsupported_parameter", message: /can be shortened to 192, 8\.$/ });
  });
});
