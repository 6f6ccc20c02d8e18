import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import type { Benchmark } from "../benchmark.ts";
import { count } from "../benchmark.ts";
import { machine } from "../machine.ts";
import { median, sum } from "../statistics.ts";

const root = resolve(import.meta.dirname, "..", "..");
const ember = join(root, "runtime/models/ember/ember-q8_0.gguf");
const decode = join(root, "bench/ops/decode-steps.ts");
/** Points by which a share may differ. */
const tolerance = 5;
const steps = 4000;

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
  run: async ({ model = ember, rounds }) => {
    try {
      execFileSync("perf", ["--version"], { stdio: "ignore" });
    } catch {
      return { lines: ["skipped: there is no `perf` here (Debian: linux-perf), and nothing else to compare with"], data: { skipped: "no perf" } };
    }
    const ours: number[][] = [];
    const theirs: number[][] = [];
    for (let round = 0; round < count(rounds, 3); round += 1) {
      ours.push(shares(profileOnce(resolve(model))));
      theirs.push(shares(sampleOnce(resolve(model))));
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

function profileOnce(model: string): number[] {
  const sums = JSON.parse(execFileSync(process.execPath, [decode, model, String(steps / 4), "ops"], { encoding: "utf8", stdio: ["ignore", "pipe", "ignore"] })) as Record<string, number>;
  return groups.map(({ operators }) => sum(operators.map((operator) => sums[operator] ?? 0)));
}

/** Samples with their callers, so that what a function has others do is its own. */
function sampleOnce(model: string): number[] {
  const folder = mkdtempSync(join(tmpdir(), "inferno-perf-"));
  const data = join(folder, "perf.data");
  try {
    const record = ["record", "-e", "cpu-clock", "-F", "1500", "--call-graph", "dwarf,4096", "-o", data];
    execFileSync("perf", [...record, process.execPath, decode, model, String(steps)], { stdio: "ignore" });
    const report = ["report", "-i", data, "--no-inline", "--children", "--stdio", "-g", "none", "--percent-limit", "0", "-F", "overhead_children,sym"];
    const text = execFileSync("perf", report, { encoding: "utf8", stdio: ["ignore", "pipe", "ignore"], maxBuffer: 64 * 2 ** 20 });
    const samples = [...text.matchAll(/^\s*([\d.]+)%\s+\[\.\] (\S+)/gm)].map(([, share, symbol]) => ({ share: Number(share), symbol: symbol ?? "" }));
    return groups.map(({ functions }) => Math.max(0, ...samples.filter(({ symbol }) => functions.test(symbol)).map(({ share }) => share)));
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
