import assert from "node:assert/strict";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, suite, test } from "node:test";
import fc from "fast-check";
import { packageRoot } from "../../../base/package-root.ts";
import { InfernoError } from "../../../protocol/errors.ts";
import { totalOf } from "../../../runtime/backends/llama/memory/device-need.ts";
import { DryModel } from "../../../runtime/backends/llama/memory/dry-model.ts";
import { bufferParts } from "../../../runtime/backends/llama/memory/measured.ts";
import { findLibraryFolder } from "../../../runtime/backends/llama/native/folder.ts";
import { ggml_type, type llama_context_params } from "../../../runtime/backends/llama/native/llama.generated.ts";
import { openLibrary } from "../../../runtime/backends/llama/native/library.ts";

const emberPath = join(packageRoot(import.meta.dirname), "runtime/models/ember/ember-q8_0.gguf");
const { platform, arch } = process;
const library = openLibrary(findLibraryFolder({ platform, arch, from: import.meta.dirname, home: join(tmpdir(), "inferno-no-such-home"), gpu: "cpu" }));
const { binding } = library;
const modelParams = { ...binding.llama_model_default_params(), n_gpu_layers: 0, devices: BigUint64Array.of(0n) };
const dry = new DryModel(library, emberPath, modelParams);
after(() => dry.dispose());

const contextParams = (changes: Partial<llama_context_params>): llama_context_params => ({
  ...binding.llama_context_default_params(), n_ctx: 512, n_seq_max: 1, n_batch: 512, n_ubatch: 512, kv_unified: true, offload_kqv: false, op_offload: false, ...changes,
});

/** The buffers of a load that really allocates. */
function measure(params: llama_context_params) {
  const { result: loaded, lines } = library.log.linesOf(() => {
    const model = binding.llama_model_load_from_file(emberPath, modelParams);
    return { model, context: binding.llama_init_from_model(model, params) };
  });
  assert.ok(loaded.context !== null, library.log.summary());
  binding.llama_free(loaded.context);
  binding.llama_model_free(loaded.model);
  return bufferParts(lines);
}

suite("a prediction without allocations", () => {
  const settings: [what: string, changes: Partial<llama_context_params>][] = [
    ["one sequence", {}],
    ["a long context of several", { n_ctx: 8192, n_seq_max: 4, n_outputs_max: 4 }],
    ["cells for each sequence", { n_ctx: 4096, n_seq_max: 8, kv_unified: false, n_outputs_max: 8 }],
    ["quantized cells", { n_ctx: 4096, type_k: ggml_type.GGML_TYPE_Q8_0, type_v: ggml_type.GGML_TYPE_Q8_0 }],
    ["no flash attention", { n_ctx: 4096, flash_attn_type: 0 }],
    ["a small batch", { n_batch: 64, n_ubatch: 64 }],
  ];
  for (const [what, changes] of settings) {
    test(`is what a load then takes: ${what}`, () => {
      const predicted = totalOf(dry.predict(contextParams(changes)));
      const measured = measure(contextParams(changes));
      // The log rounds to hundredths of a MiB, in each of at most four lines.
      for (const part of ["kv", "compute"] as const) assert.ok(Math.abs(predicted[part] - measured[part]) <= 4 * 5243, `${part}: ${predicted[part]} and ${measured[part]}`);
      assert.ok(Math.abs(predicted.weights - measured.weights) <= 0.02 * measured.weights, `weights: ${predicted.weights} and ${measured.weights}`);
    });
  }

  test("takes no memory of that size", () => {
    const before = process.memoryUsage.rss();
    const { kv } = totalOf(dry.predict(contextParams({ n_ctx: 262_144, n_seq_max: 16 })));
    assert.ok(kv > 200_000_000);
    assert.ok(process.memoryUsage.rss() - before < kv / 4);
  });

  test("grows with the context, and answers for the largest one that can be written", () =>
    fc.assert(fc.property(fc.array(fc.integer({ min: 1, max: 4_294_967_295 }), { minLength: 2, maxLength: 5 }), (contexts) => {
      const totals = contexts.sort((a, b) => a - b).map((n_ctx) => totalOf(dry.predict(contextParams({ n_ctx }))).total);
      for (const [index, total] of totals.entries()) {
        assert.ok(Number.isSafeInteger(total) && total >= (totals[index - 1] ?? 0), `${contexts.join(", ")}: ${totals.join(", ")}`);
      }
    }), { numRuns: 25 }));

  test("of a context that cannot be is an error, not the end of the process", () => {
    assert.throws(() => dry.predict(contextParams({ type_k: ggml_type.GGML_TYPE_Q8_0, type_v: ggml_type.GGML_TYPE_Q8_0, flash_attn_type: 0 })), { code: "model_load_failed" });
    assert.throws(() => new DryModel(library, join(tmpdir(), "no-such-file.gguf"), modelParams), InfernoError);
  });
});
