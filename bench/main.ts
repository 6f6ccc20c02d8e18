/**
 * `npm run bench -- NAME [options]`. Without a name: what there is.
 * Figures depend on the machine and on what else it does: only ratios of one run say something about two programs.
 */
import { parseArgs } from "node:util";
import { engine } from "./suites/engine.ts";
import { ember } from "./suites/ember.ts";
import { firstLight } from "./suites/first-light.ts";
import { memory } from "./suites/memory.ts";
import { onnx } from "./suites/onnx.ts";
import { opsTruth } from "./suites/ops-truth.ts";
import { recording } from "./suites/recording.ts";
import type { Benchmark } from "./benchmark.ts";

const benchmarks: readonly Benchmark[] = [firstLight, ember, engine, memory, onnx, opsTruth, recording];

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    model: { type: "string" },
    rounds: { type: "string" },
    limit: { type: "string" },
    peer: { type: "string" },
    "peer-model": { type: "string" },
    "peer-token": { type: "string" },
    "peer-command": { type: "string" },
    "our-command": { type: "string" },
    only: { type: "string" },
    threads: { type: "string" },
    "kv-layout": { type: "string" },
    cache: { type: "string" },
    json: { type: "boolean", default: false },
  },
});

const chosen = benchmarks.find(({ name }) => name === positionals[0]);
if (chosen === undefined) {
  console.log("npm run bench -- NAME\n");
  for (const { name, about } of benchmarks) console.log(`  ${name.padEnd(12)} ${about}`);
  process.exitCode = positionals.length === 0 ? 0 : 2;
} else {
  const report = await chosen.run(values);
  console.log(values.json ? JSON.stringify(report.data, null, 2) : report.lines.join("\n"));
}
