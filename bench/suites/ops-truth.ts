import { execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { count, type Benchmark } from "../benchmark.ts";
import { startDaemon, type BenchDaemon } from "../daemon.ts";
import { machine } from "../machine.ts";
import { benchModel, benchModels, defaultCache } from "../models/cache.ts";
import { median, sum } from "../statistics.ts";

const root = resolve(import.meta.dirname, "..", "..");
const ember = join(root, "runtime/models/ember/ember-q8_0.gguf");
/** Points by which a share may differ. */
const tolerance = 5;
/** How long perf watches in a round, in milliseconds: some thousand samples. */
const watchedMs = 5000;
/** Answers that we record meanwhile. */
const recorded = 2;

/**
 * llama.cpp's functions by what they compute. Unrecorded, a norm and the multiplication behind it are one function, so they are compared as one; what
 * other multiplications there are goes along.
 */
const groups: readonly { readonly name: string; readonly operators: readonly string[]; readonly functions: RegExp }[] = [
  { name: "MUL_MAT", operators: ["MUL_MAT"], functions: /^ggml_compute_forward_mul_mat$/ },
  { name: "FLASH_ATTN_EXT", operators: ["FLASH_ATTN_EXT"], functions: /^ggml_compute_forward_flash_attn_ext$/ },
  { name: "RMS_NORM + MUL", operators: ["RMS_NORM", "MUL"], functions: /^ggml_compute_forward_(?:rms_norm|rms_norm_mul_fused|mul)$/ },
  { name: "ROPE", operators: ["ROPE"], functions: /^ggml_compute_forward_rope$|^ggml_compute_forward_rope_flt/ },
  { name: "SET_ROWS", operators: ["SET_ROWS"], functions: /^ggml_compute_forward_set_rows$/ },
  { name: "ADD", operators: ["ADD"], functions: /^ggml_compute_forward_add(?:_non_quantized)?$/ },
  { name: "SWIGLU", operators: ["SWIGLU"], functions: /^ggml_compute_forward_glu$/ },
  { name: "GET_ROWS", operators: ["GET_ROWS"], functions: /^ggml_compute_forward_get_rows$/ },
];

/** Shares of decode steps by our operation profile and by Linux's `perf`, which interrupts the process and looks where it is. */
export const opsTruth: Benchmark = {
  name: "ops-truth",
  about: "shares of operations by our profile against perf's samples (docs/guides/profiling.md); needs perf",
  run: async ({ model: asked = ember, rounds, cache = defaultCache }) => {
    const model = benchModels.includes(asked) ? benchModel(asked, cache) : resolve(asked);
    try {
      execFileSync("perf", ["--version"], { stdio: "ignore" });
    } catch {
      return { lines: ["skipped: there is no `perf` here (Debian: linux-perf), and nothing else to compare with"], data: { skipped: "no perf" } };
    }
    const daemon = await startDaemon(JSON.stringify({ models: { m: { source: model, context: 512, parallel: 1, threads: 1, speculation: { mode: "off" } } } }));
    const ours: number[][] = [];
    const theirs: number[][] = [];
    try {
      await ask(daemon, 1, false);
      for (let round = 0; round < count(rounds, 3); round += 1) {
        ours.push(shares(await profileOnce(daemon)));
        theirs.push(shares(await sampleOnce(daemon)));
      }
    } finally {
      await daemon.stop();
    }
    const rows = groups.map(({ name }, index) => {
      const share = (all: readonly number[][]): number => 100 * median(all.map((one) => one[index] ?? 0));
      return { name, ours: share(ours), perf: share(theirs) };
    }).toSorted((a, b) => b.perf - a.perf);
    const worst = Math.max(...rows.slice(0, 5).map((row) => Math.abs(row.ours - row.perf)));
    const lines = rows.map((row) => `| ${row.name} | ${row.ours.toFixed(1)} % | ${row.perf.toFixed(1)} % | ${(row.ours - row.perf).toFixed(1)} |`);
    return {
      lines: ["| operator | our profile | perf | points |", "| --- | --- | --- | --- |", ...lines, "", `five largest: at most ${worst.toFixed(1)} points apart, ${worst <= tolerance ? "within" : "NOT within"} ${tolerance}`],
      data: { machine: machine(), rows, worst, holds: worst <= tolerance },
    };
  },
};

/** By group, of the groups' sum. */
function shares(amounts: readonly number[]): number[] {
  const total = sum(amounts);
  return amounts.map((amount) => amount / total);
}

/** Answers of the same length and prompt, not from the cache: the same steps each time. The traces' ids. */
async function ask({ client }: BenchDaemon, times: number, profiled: boolean): Promise<string[]> {
  const ids: string[] = [];
  for (let index = 0; index < times; index += 1) {
    const { timings } = await client.call("completions", {
      body: { model: "m", prompt: "Once upon a time there was", max_tokens: 128, temperature: 0, cache_prompt: false, ...(profiled && { profile: "ops" as const }) },
    });
    ids.push(timings?.trace_id ?? "");
  }
  return ids;
}

async function profileOnce(daemon: BenchDaemon): Promise<number[]> {
  const sums = new Map<string, number>();
  for (const id of await ask(daemon, recorded, true)) {
    const { spans } = await daemon.client.call("trace", { params: { id } });
    const emptyUs = median(spans.map(({ attributes }) => attributes["emptyUs"]).filter((value) => typeof value === "number"));
    for (const { name, durationUs, attributes: { operator } } of spans) {
      if (name === "operation") sums.set(String(operator), (sums.get(String(operator)) ?? 0) + Math.max(0, durationUs - emptyUs));
    }
  }
  return groups.map(({ operators }) => sum(operators.map((operator) => sums.get(operator) ?? 0)));
}

/** Samples with their callers, so that what a function has others do is its own. */
async function sampleOnce(daemon: BenchDaemon): Promise<number[]> {
  const [model] = (await daemon.client.call("models")).models.filter(({ name }) => name === "m");
  const folder = mkdtempSync(join(tmpdir(), "inferno-perf-"));
  const data = join(folder, "perf.data");
  try {
    const perf = spawn("perf", ["record", "-e", "cpu-clock", "-F", "1500", "--call-graph", "dwarf,4096", "-o", data, "-p", String(model?.pid)], { stdio: "ignore" });
    const ended = once(perf, "exit");
    for (const until = performance.now() + watchedMs; performance.now() < until;) await ask(daemon, 1, false);
    perf.kill("SIGINT");
    await ended;
    const report = ["report", "-i", data, "--no-inline", "--children", "--stdio", "-g", "none", "--percent-limit", "0", "-F", "overhead_children,sym"];
    const text = execFileSync("perf", report, { encoding: "utf8", stdio: ["ignore", "pipe", "ignore"], maxBuffer: 64 * 2 ** 20 });
    const samples = [...text.matchAll(/^\s*([\d.]+)%\s+\[\.\] (\S+)/gm)].map(([, share, symbol]) => ({ share: Number(share), symbol: symbol ?? "" }));
    return groups.map(({ functions }) => Math.max(0, ...samples.filter(({ symbol }) => functions.test(symbol)).map(({ share }) => share)));
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
