import { resolve } from "node:path";
import { count, type Benchmark, type BenchOptions } from "../benchmark.ts";
import { ourSide } from "../engine/ours.ts";
import { peerByAddress, peerByCommand } from "../engine/peer.ts";
import { table, type Row } from "../engine/row.ts";
import type { Scenario } from "../engine/scenario.ts";
import { scenarios } from "../engine/scenarios/index.ts";
import type { StartSide } from "../engine/side.ts";
import { startLoadClient } from "../load/load.ts";
import { machine } from "../machine.ts";
import { benchModel, benchModels, defaultCache } from "../models/cache.ts";

function peerOf(options: BenchOptions, threads: number | undefined): StartSide | null {
  if (options["peer-command"] !== undefined) return peerByCommand(options["peer-command"], threads);
  if (options.peer !== undefined) return peerByAddress(options.peer, options["peer-model"], options["peer-token"] ?? null);
  return null;
}

function chosen(only: string | undefined): readonly Scenario[] {
  if (only === undefined) return scenarios;
  return only.split(",").map((name) => {
    const found = scenarios.find((scenario) => scenario.name === name);
    if (found === undefined) throw new Error(`--only: no ${name}; there are ${scenarios.map((scenario) => scenario.name).join(", ")}`);
    return found;
  });
}

export const engine: Benchmark = {
  name: "engine",
  about: "the daemon against a peer (any OpenAI-compatible server), in turn, with the same requests",
  run: async (options) => {
    const rounds = count(options.rounds, 2);
    const threads = options.threads === undefined ? undefined : count(options.threads, 1);
    const cache = resolve(options.cache ?? defaultCache);
    const modelOf = (name: string): string => benchModel(name, cache);
    const named = options.model ?? "135m";
    const model = benchModels.includes(named) ? modelOf(named) : resolve(named);
    const settings = { ...(threads === undefined ? {} : { threads }), ...(options["kv-layout"] === undefined ? {} : { kv_layout: options["kv-layout"] }) };
    const daemon = options["our-command"] === undefined;
    const ours = options["our-command"] === undefined ? ourSide(settings) : peerByCommand(options["our-command"], threads);
    const say = (line: string): void => console.error(line);
    const load = startLoadClient();
    const rows: Row[] = [];
    const failures: { scenario: string; error: string }[] = [];
    try {
      for (const scenario of chosen(options.only)) {
        if (scenario.oursOnly === true && !daemon) continue;
        say(`${scenario.name}: ${scenario.about}`);
        try {
          const added = await scenario.run({ ours, daemon, peer: peerOf(options, threads), load, rounds, model, modelOf });
          rows.push(...added);
          // At once as well: a run that is cut short then loses only the scenario it was in.
          say(table(added).slice(1).map((line) => `  ${line}`).join("\n"));
        } catch (error) {
          // The other scenarios' figures are worth having all the same; the exit code says that one is missing.
          failures.push({ scenario: scenario.name, error: String(error) });
          process.exitCode = 1;
        }
      }
    } finally {
      load.stop();
    }
    const facts = machine();
    return {
      lines: [
        `engine: ${model}, ${threads ?? "default"} threads, ${rounds * 2} runs each in turn (A B B A), medians; ratio is ours by the peer's, of runs with the same prompts`,
        `  ${Object.entries(facts).map(([key, value]) => `${key} ${value}`).join(", ")}`,
        "",
        ...(rows.length === 0 ? [] : table(rows)),
        ...failures.map(({ scenario, error }) => `${scenario} FAILED: ${error}`),
      ],
      data: { machine: facts, model, rounds, threads: threads ?? null, peer: options["peer-command"] ?? options.peer ?? null, rows, failures },
    };
  },
};
