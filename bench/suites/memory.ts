import { spawn } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { basename, join, resolve } from "node:path";
import { createInterface } from "node:readline";
import type { Client } from "../../protocol/client/index.ts";
import type { KvType } from "../../protocol/config.ts";
import type { MemoryParts, ModelMemory } from "../../protocol/model.ts";
import type { Benchmark } from "../benchmark.ts";
import { startDaemon } from "../daemon.ts";
import { machine } from "../machine.ts";
import { benchModel, benchModels, defaultCache } from "../models/cache.ts";
import { median } from "../statistics.ts";

const root = resolve(import.meta.dirname, "..", "..");
const ember = join(root, "runtime/models/ember/ember-q8_0.gguf");
const batch = 512;

interface Setting {
  readonly context: number;
  readonly parallel: number;
  readonly kvType: Extract<KvType, "f16" | "q8_0" | "q4_0">;
}

/** Sizes that ask different things of the buffers; a model whose heads a KV type does not divide leaves that one out. */
const settings: readonly Setting[] = [
  { context: 512, parallel: 1, kvType: "f16" },
  { context: 2048, parallel: 4, kvType: "f16" },
  { context: 2048, parallel: 16, kvType: "f16" },
  { context: 2048, parallel: 4, kvType: "q8_0" },
  { context: 2048, parallel: 4, kvType: "q4_0" },
];

interface Estimate {
  readonly weights: number;
  readonly context: number;
}

interface Row extends Setting {
  readonly model: string;
  readonly predicted: MemoryParts;
  readonly measured: ModelMemory["measured"];
  /** node-llama-cpp's estimate of the same settings. */
  readonly insights: Estimate;
}

/** Loads every model with every setting, and compares what was predicted before with what was measured after. */
export const memory: Benchmark = {
  name: "memory",
  about: "predicted memory against measured, over models and settings, as Markdown (docs/reference/memory.md)",
  run: async (options) => {
    const cache = options.cache ?? defaultCache;
    const asked = options.model?.split(",") ?? [ember, "135m", "0.5b"];
    const models = asked.map((model) => (benchModels.includes(model) ? benchModel(model, cache) : resolve(model)));
    const cases = models.flatMap((path) => settings.map((setting, index) => ({ path, setting, alias: `m${models.indexOf(path)}-${index}` })));
    const daemon = await startDaemon(JSON.stringify({ models: Object.fromEntries(cases.map(({ alias, path, setting }) => [alias, configOf(path, setting)])) }));
    const peer = startInsights();
    try {
      const rows: Row[] = [];
      const leftOut: string[] = [];
      for (const { alias, path, setting } of cases) {
        const found = await measure(daemon.client, alias).catch((error: unknown) => (error instanceof Error ? error.message.replace(/^.*: /, "").replace(/\.$/, "") : String(error)));
        if (typeof found === "string") leftOut.push(`${found}: ${basename(path, ".gguf")}, ${describe(setting)}`);
        else if (found.predicted === null) leftOut.push(`no prediction: ${basename(path, ".gguf")}, ${describe(setting)}`);
        else rows.push({ model: basename(path, ".gguf"), ...setting, predicted: found.predicted, measured: found.measured, insights: await peer.ask(path, setting) });
      }
      return { lines: document(rows, leftOut), data: { machine: machine(), rows, leftOut } };
    } finally {
      peer.stop();
      await daemon.stop();
    }
  },
};

const configOf = (source: string, { context, parallel, kvType }: Setting) => ({ source, context, parallel, kv_type: kvType, batch, threads: 1, check_memory: false });
const describe = ({ context, parallel, kvType }: Setting): string => `${context} × ${parallel}, ${kvType}`;

async function measure(client: Client, name: string): Promise<ModelMemory> {
  await client.call("loadModel", { body: { model: name } });
  const { models } = await client.call("models");
  const found = models.find((model) => model.name === name)?.memory;
  await client.call("unloadModel", { body: { model: name } });
  if (!found) throw new Error("the daemon says nothing of its memory");
  return found;
}

function startInsights() {
  const child = spawn(process.execPath, ["bench/peers/gguf-insights.ts"], { cwd: root, stdio: ["pipe", "pipe", "inherit"] });
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  return {
    ask: async (path: string, setting: Setting): Promise<Row["insights"]> => {
      child.stdin.write(`${JSON.stringify({ path, batch, ...setting })}\n`);
      const line = await lines.next();
      if (line.done === true) throw new Error("The node-llama-cpp process ended.");
      return JSON.parse(line.value) as Row["insights"];
    },
    stop: () => child.stdin.end(),
  };
}

const mb = (bytes: number): string => (bytes / 1e6).toFixed(1);
const both = (predicted: number, measured: number): string => `${mb(predicted)} / ${mb(measured)}`;
const error = (predicted: number, measured: number): number => (predicted - measured) / measured;
/** "-0.0" would be a strange number. */
const percent = (share: number): string => (Math.abs(share) < 0.0005 ? "0.0 %" : `${share > 0 ? "+" : ""}${(100 * share).toFixed(1)} %`);
const sumOf = ({ weights, context }: Estimate): number => weights + context;

function document(rows: readonly Row[], leftOut: readonly string[]): string[] {
  const errors = (of: (row: Row) => number): string => {
    const all = rows.map((row) => error(of(row), row.measured.total));
    return `median ${percent(median(all))}, worst ${percent(all.reduce((worst, value) => (Math.abs(value) > Math.abs(worst) ? value : worst), 0))}`;
  };
  const { cpu, memoryGiB, node } = machine();
  return [
    "# Predicted and measured memory", "",
    "Written by `npm run -s bench -- memory --model FILE,FILE,…`: every model is loaded with every setting. What the columns mean, and how to use them:",
    "[the memory guide](../guides/memory.md).", "",
    `Measured on ${String(cpu)}, ${String(memoryGiB)} GiB, Node ${String(node)}, ${llamaRelease()}. Megabytes, predicted / measured.`, "",
    "| model | context × parallel, KV | weights | KV cache | compute | total | error | resident beyond it |",
    "| --- | --- | --- | --- | --- | --- | --- | --- |",
    ...rows.map(({ model, predicted, measured, ...setting }) => [
      "", model, describe(setting), both(predicted.weights, measured.weights), both(predicted.kv, measured.kv), both(predicted.compute, measured.compute),
      both(predicted.total, measured.total), percent(error(predicted.total, measured.total)), mb(measured.rss - measured.total), "",
    ].join(" | ").trim()), "",
    "## Which prediction", "",
    "Error of the total over these rows, two ways of predicting it:", "",
    "| way | error |", "| --- | --- |",
    `| llama.cpp's load without allocations, with the very parameters of the load (what Inferno uses) | ${errors(({ predicted }) => predicted.total)} |`,
    `| node-llama-cpp's GgufInsights, simulation (\`estimate…V2\`) | ${errors(({ insights }) => sumOf(insights))} |`, "",
    "A model that was rearranged for the processor (`q4_0` here) has its originals in the page cache too, which \"resident beyond it\" then includes; the mapped",
    "range leaves out tensors at its end, so that its measured weights are too low.", "",
    "GgufInsights' simulation is the same mechanism, for a context as node-llama-cpp itself makes one: room for the logits of a whole batch, which is",
    "its error here. It takes no setting for that.",
    ...(leftOut.length === 0 ? [] : ["", "Left out, because llama.cpp refuses them:", "", ...leftOut.map((what) => `- ${what}`)]),
  ];
}

function llamaRelease(): string {
  const info = join(root, "node_modules/node-llama-cpp/llama/llama.cpp.info.json");
  return existsSync(info) ? `llama.cpp ${(JSON.parse(readFileSync(info, "utf8")) as { tag: string }).tag}` : "llama.cpp";
}
