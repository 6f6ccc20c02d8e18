import { assert } from "../../../base/assert.ts";
import { InfernoError } from "../../../protocol/errors.ts";
import type { LoadTask, Prepared, TaskCall, TaskItem, TaskLoadOptions, TaskModel } from "../task-model.ts";
import { infer, textsOf } from "./fake-inferences.ts";
import { realTime, type FakeTime } from "./fake-time.ts";
import { fakeModelInfo } from "./model-info.ts";
import { parseFakePath, type FakeOptions } from "./options.ts";

/** The fake engine as a process of its own would load it. */
export const loadFakeTask: LoadTask = (options) => loadFakeTaskOn(realTime(), options);

export async function loadFakeTaskOn(time: FakeTime, load: TaskLoadOptions): Promise<TaskModel> {
  const options = parseFakePath(load.path);
  time.spend(options.loadUs);
  if (options.loadError !== undefined) throw new InfernoError("model_load_failed", options.loadError);
  load.onProgress?.(1);
  return fakeTaskModel(time, options);
}

const context = 512;

/** Runs take the time that the options say, each padded word counted; answers depend on nothing but what was asked. */
export function fakeTaskModel(time: FakeTime, options: FakeOptions): TaskModel {
  return {
    model: fakeModelInfo(options, { context }),
    memoryUse: null,
    limits: { items: options.items, padded: options.padded },
    prepare: async (call) => prepare(call),
    run: async (items, _signal, profile) => {
      const startUs = time.nowUs();
      const texts = items.map((item) => {
        assert(item instanceof TextItem, "an item of another model");
        return item.text;
      });
      await misbehave(time, options, texts);
      time.spend(options.stepUs + options.tokenUs * items.length * Math.max(...items.map(({ length }) => length)));
      const compute = { startUs, endUs: time.nowUs() };
      return { compute, results: texts, ...(profile === true && { operations: [{ name: "/echo", operator: "Echo", provider: "CPU", ...compute }] }) };
    },
    dispose: async () => undefined,
  };
}

class TextItem implements TaskItem {
  readonly text: string;
  readonly length: number;

  constructor(text: string) {
    this.text = text;
    this.length = Math.max(1, text.split(/\s+/).length);
  }
}

function prepare(call: TaskCall): Prepared {
  const texts = asked(call);
  const empty = texts.indexOf("");
  if (empty >= 0) throw new InfernoError("invalid_request", `input.${empty}: there is nothing in it.`, { param: `input.${empty}` });
  const items = texts.map((text) => new TextItem(text));
  const tokens = items.reduce((sum, { length }) => sum + length, 0);
  return {
    items,
    finish: async (results) => {
      const done = results.map(String);
      if (call.kind === "embed") return { vectors: done.map((text) => Float32Array.of(text.length, text.charCodeAt(0))), tokens };
      if (call.kind === "rerank") return { scores: done.map((text) => text.length), tokens };
      return { output: infer(call.input, done) };
    },
  };
}

function asked(call: TaskCall): readonly string[] {
  if (call.kind === "embed") return call.inputs.map((input) => (typeof input === "string" ? input : input.join(" ")));
  return call.kind === "rerank" ? call.documents.map((document) => `${call.query} ${document}`) : textsOf(call.input);
}

/** As a real engine does with an input that it cannot bear. */
async function misbehave(time: FakeTime, { failOn, stuckOn, hangOn, hangUs, crashOn }: FakeOptions, texts: readonly string[]): Promise<void> {
  const has = (word: string | undefined): boolean => word !== undefined && texts.some((text) => text.includes(word));
  if (has(failOn)) throw new InfernoError("inference_failed", `The run failed: one of ${texts.length} inputs has "${failOn ?? ""}".`);
  if (has(hangOn)) time.spend(hangUs);
  if (has(stuckOn)) await new Promise<never>(() => undefined);
  if (has(crashOn)) process.abort();
}
