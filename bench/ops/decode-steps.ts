/**
 * Decodes single tokens with nothing of ours around them but the engine, for a profiler that looks from outside. Arguments: the model, the number of
 * steps, and `ops` to let the engine record them itself and print, as JSON, each operator's microseconds.
 */
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { systemClock } from "../../base/system-clock.ts";
import { loadLlama } from "../../runtime/backends/llama/index.ts";

const [model = "", count = "32", mode] = process.argv.slice(2);
const backend = await loadLlama({ clock: systemClock, home: join(tmpdir(), "inferno-ops-truth") })({
  path: resolve(model), context: 256, parallel: 1, kvLayout: "auto", kvType: "f16", flashAttention: "auto", batch: 64, threads: 1, gpu: "cpu", gpuLayers: 0,
  draftTokens: 0, candidates: 1, adapters: [], checkMemory: false,
});
const recorded = mode === "ops";
if (recorded) backend.profiler?.begin();
const sums: Record<string, number> = {};
for (let step = 0; step < Number(count); step += 1) {
  const position = step % 200;
  if (position === 0) backend.memory.truncate(0, 0);
  const { profile } = backend.step([{ sequence: 0, tokens: [100 + (position % 50)], position, sampler: null }], recorded);
  // The first steps find cold caches.
  if (profile === undefined || step < 4) continue;
  for (const { operator, startUs, endUs } of profile.operations) sums[operator] = (sums[operator] ?? 0) + Math.max(0, endUs - startUs - (profile.emptyUs ?? 0));
}
if (recorded) process.stdout.write(`${JSON.stringify(sums)}\n`);
backend.dispose();
