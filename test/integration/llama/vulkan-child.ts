/**
 * Answers questions with Ember, greedily and all in one batch, on the device that is asked for; prints where and what as JSON. A process of
 * its own for each device: a process can hold one llama.cpp library. Arguments: state folder, LoadOptions as JSON, questions as JSON.
 */
import { systemClock } from "../../../base/system-clock.ts";
import type { ModelInfo } from "../../../protocol/model.ts";
import type { LoadOptions } from "../../../runtime/backends/backend.ts";
import { loadLlama } from "../../../runtime/backends/llama/index.ts";
import { chat, emberOptions, generate, greedy, ids } from "./ember.ts";

export interface Answers {
  readonly device: ModelInfo["device"];
  readonly tokens: readonly (readonly number[])[];
}

if (import.meta.main) {
  const [home = "", options = "{}", questions = "[]"] = process.argv.slice(2);
  const load = loadLlama({ clock: systemClock, home });
  const backend = await load({ ...emberOptions, ...(JSON.parse(options) as Partial<LoadOptions>) });
  const streams = (JSON.parse(questions) as string[]).map((question, sequence) => ({ sequence, prompt: chat(backend, question), params: greedy }));
  const answers: Answers = { device: backend.model.device, tokens: generate(backend, streams).map(ids) };
  backend.dispose();
  process.stdout.write(JSON.stringify(answers));
}
