import type { Machine } from "../machine/machine.ts";

/** Kernel's name → ours, for the instruction sets that llama.cpp has code for. In the order in which they appeared. */
const x64Features: readonly (readonly [flag: string, name: string])[] = [
  ["sse4_2", "SSE4.2"],
  ["avx", "AVX"],
  ["f16c", "F16C"],
  ["fma", "FMA"],
  ["bmi2", "BMI2"],
  ["avx2", "AVX2"],
  ["avx512f", "AVX-512"],
  ["avx512_vbmi", "AVX-512 VBMI"],
  ["avx512_vnni", "AVX-512 VNNI"],
  ["avx512_bf16", "AVX-512 BF16"],
  ["avx_vnni", "AVX-VNNI"],
  ["amx_int8", "AMX INT8"],
];
const armFeatures: readonly (readonly [flag: string, name: string])[] = [
  ["asimd", "NEON"],
  ["asimddp", "DOTPROD"],
  ["fphp", "FP16"],
  ["i8mm", "I8MM"],
  ["sve", "SVE"],
  ["sme", "SME"],
];

/** Instruction sets as Linux reports them; null where the system does not tell without help. */
export function cpuFeatures(machine: Machine): string[] | null {
  const line = /^(?:flags|Features)\s*:(.*)$/m.exec(machine.read("/proc/cpuinfo"))?.[1];
  if (line === undefined) return null;
  const flags = new Set(line.trim().split(/\s+/));
  const known = machine.arch === "x64" ? x64Features : armFeatures;
  return known.filter(([flag]) => flags.has(flag)).map(([, name]) => name);
}

export function describeProcessor(machine: Machine): string {
  const features = cpuFeatures(machine);
  const told = features === null ? "features unknown on this system" : features.join(", ") || "no vector extensions that llama.cpp uses";
  return `${machine.cpuModel}, ${machine.processors} processors; ${told}`;
}

/** Which of its CPU libraries llama.cpp has loaded into a process, such as `haswell`; null where the system does not tell. */
export function loadedCpuVariant(machine: Machine, pid: number): string | null {
  return /libggml-cpu-(\w+)\.so/.exec(machine.read(`/proc/${pid}/maps`))?.[1] ?? null;
}
