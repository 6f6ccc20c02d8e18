import { count, type Benchmark } from "../benchmark.ts";
import { table, type Row } from "../engine/row.ts";
import { machine } from "../machine.ts";
import type { OnnxScenario } from "../onnx/scenario.ts";
import { onnxScenarios } from "../onnx/scenarios/index.ts";

function chosen(only: string | undefined): readonly OnnxScenario[] {
  if (only === undefined) return onnxScenarios;
  return only.split(",").map((name) => {
    const found = onnxScenarios.find((scenario) => scenario.name === name);
    if (found === undefined) throw new Error(`--only: no ${name}; there are ${onnxScenarios.map((scenario) => scenario.name).join(", ")}`);
    return found;
  });
}

export const onnx: Benchmark = {
  name: "onnx",
  about: "ONNX models through the daemon against what a program would use instead, in turn, on the same file and threads",
  run: async (options) => {
    const rounds = count(options.rounds, 2);
    const threads = count(options.threads, 1);
    const rows: Row[] = [];
    const failures: { scenario: string; error: string }[] = [];
    for (const scenario of chosen(options.only)) {
      console.error(`${scenario.name}: ${scenario.about}`);
      try {
        rows.push(...await scenario.run({ rounds, threads }));
      } catch (error) {
        failures.push({ scenario: scenario.name, error: String(error) });
        process.exitCode = 1;
      }
    }
    const facts = machine();
    return {
      lines: [
        `onnx: ${threads} threads on both sides, ${rounds * 2} runs each in turn (A B B A), medians; ratio is ours by the peer's`,
        `  ${Object.entries(facts).map(([key, value]) => `${key} ${value}`).join(", ")}`,
        "",
        ...(rows.length === 0 ? [] : table(rows)),
        ...failures.map(({ scenario, error }) => `${scenario} FAILED: ${error}`),
      ],
      data: { machine: facts, rounds, threads, rows, failures },
    };
  },
};
