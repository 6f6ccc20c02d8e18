/**
 * node-llama-cpp's own memory estimates, as a program: reads settings as JSON lines, answers each with bytes. A process of its own, because two
 * llama.cpp instances would share a process's memory.
 */
import { createInterface } from "node:readline";
import { getLlama, GgmlType, GgufInsights, LlamaLogLevel, readGgufFileInfo } from "node-llama-cpp";

interface Question {
  readonly path: string;
  readonly context: number;
  readonly parallel: number;
  readonly kvType: "f16" | "q8_0" | "q4_0";
  readonly batch: number;
}

const types = { f16: GgmlType.F16, q8_0: GgmlType.Q8_0, q4_0: GgmlType.Q4_0 };
const llama = await getLlama({ gpu: false, build: "never", logLevel: LlamaLogLevel.error });

for await (const line of createInterface({ input: process.stdin })) {
  const { path, context, parallel, kvType, batch } = JSON.parse(line) as Question;
  const insights = await GgufInsights.from(await readGgufFileInfo(path), llama);
  const settings = {
    contextSize: context, sequences: parallel, modelGpuLayers: 0, batchSize: batch, kvCacheKeyType: types[kvType], kvCacheValueType: types[kvType],
  };
  console.log(JSON.stringify({
    weights: (await insights.estimateModelResourceRequirementsV2({ gpuLayers: 0 })).cpuRam,
    context: (await insights.estimateContextResourceRequirementsV2({ ...settings, flashAttention: "auto" })).cpuRam,
  }));
}
process.exit(0);
