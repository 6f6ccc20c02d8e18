import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { systemClock } from "../../base/system-clock.ts";
import { OnnxOptions } from "../../protocol/config.ts";
import type { Inference, Inferred, InferTask } from "../../protocol/infer.ts";
import { manifestName } from "../../protocol/manifest.ts";
import { loadOnnx } from "../../runtime/backends/onnx/index.ts";
import type { TaskModel } from "../../runtime/backends/task-model.ts";

/** Files of a model's folder; what is no bytes is written as JSON, which is YAML too. */
export type FolderFiles = Readonly<Record<string, Uint8Array | object>>;

/** A model in a folder of its own, as the engine loads it. The folder goes with the model. */
export async function loadFolder(manifest: object, files: FolderFiles = {}): Promise<TaskModel & AsyncDisposable> {
  const folder = await mkdtemp(join(tmpdir(), "inferno-onnx-"));
  for (const [name, content] of Object.entries({ ...files, [manifestName]: manifest })) {
    await writeFile(join(folder, name), content instanceof Uint8Array ? content : JSON.stringify(content));
  }
  const remove = async (): Promise<void> => await rm(folder, { recursive: true, force: true });
  try {
    const model = await loadOnnx({ clock: systemClock, home: folder })({ path: folder, threads: 1, onnx: OnnxOptions.parse({}), checkMemory: true });
    return Object.assign(model, { [Symbol.asyncDispose]: async () => { await model.dispose(); await remove(); } });
  } catch (error) {
    await remove();
    throw error;
  }
}

/** One request by itself, in batches of what the model takes at once. */
export async function ask<T extends InferTask>(model: TaskModel, input: Extract<Inference, { readonly task: T }>): Promise<Extract<Inferred, { readonly task: T }>> {
  const prepared = await model.prepare({ kind: "infer", input });
  const { items } = prepared;
  const results: unknown[] = [];
  for (let at = 0; at < items.length; at += model.limits.items) results.push(...(await model.run(items.slice(at, at + model.limits.items))).results);
  const answer = await prepared.finish(results);
  if (!("output" in answer) || answer.output.task !== input.task) throw new Error("the answer is of another task");
  return answer.output as Extract<Inferred, { readonly task: T }>;
}
