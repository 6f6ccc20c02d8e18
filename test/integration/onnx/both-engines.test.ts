import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { systemClock } from "../../../base/system-clock.ts";
import { OnnxOptions } from "../../../protocol/config.ts";
import { loadLlamaEmbedder } from "../../../runtime/backends/llama/load-embedder.ts";
import { loadOnnx } from "../../../runtime/backends/onnx/index.ts";
import { writeMiniLmGguf } from "../../drivers/models/minilm-gguf.ts";
import { writeMiniLm } from "../../drivers/minilm.ts";

const texts = [
  "The quick brown fox jumps over the lazy dog.", "Wie lange dauert die Fahrt nach Zürich?", "naïve café", "機械学習", "a", "How do I bake bread without yeast?",
  "if (x !== null) { return 42; }", "Sentences of one language beside another: où est la gare ?", "repeated words ".repeat(60),
];

test("one model in both formats: the same tokens, and vectors in the same direction", { timeout: 60_000 }, async (t) => {
  const home = mkdtempSync(join(tmpdir(), "inferno-both-"));
  t.after(() => rmSync(home, { recursive: true }));
  const gguf = join(home, "minilm.gguf");
  writeMiniLmGguf(gguf);
  const llama = await loadLlamaEmbedder({ clock: systemClock, home })({
    path: gguf, parallel: 4, batch: 512, threads: 1, gpu: "cpu", gpuLayers: 0, kvLayout: "auto", kvType: "f16", flashAttention: "auto", draftTokens: 0, candidates: 1,
    adapters: [], checkMemory: false, pooling: "auto", rank: false,
  });
  t.after(() => llama.dispose());
  const onnx = await loadOnnx({ clock: systemClock, home })({ path: writeMiniLm(join(home, "minilm")), threads: 1, onnx: OnnxOptions.parse({}), checkMemory: true, profile: false });
  t.after(async () => await onnx.dispose());

  const tokens = texts.map((text) => llama.tokenize(text, { addSpecial: true, parseSpecial: false }));
  const prepared = await onnx.prepare({ kind: "embed", inputs: texts });
  const answer = await prepared.finish((await onnx.run(prepared.items)).results);
  assert.ok("vectors" in answer);
  assert.equal(answer.tokens, tokens.reduce((sum, { length }) => sum + length, 0));
  for (const [index, text] of texts.entries()) {
    const [vector] = llama.embed([tokens[index]!]).vectors;
    // Both have length 1.
    const cosine = vector!.reduce((sum, value, place) => sum + value * answer.vectors[index]![place]!, 0);
    assert.ok(cosine >= 0.999, `${text.slice(0, 40)}: ${cosine}`);
  }
});
