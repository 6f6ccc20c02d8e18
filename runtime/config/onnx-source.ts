import { readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { InfernoError } from "../../protocol/errors.ts";
import { Manifest, manifestName } from "../../protocol/manifest.ts";
import type { ModelTask } from "../../protocol/model.ts";
import { YamlFile } from "./yaml-file.ts";

/** An ONNX file, a manifest, or a folder that holds one. */
export const isOnnxSource = (path: string): boolean => /\.onnx$|\.model\.ya?ml$/i.test(path) || isFile(join(path, manifestName));

export interface OnnxTask {
  readonly task: ModelTask;
  /** Why the model cannot be asked. It is no reason for the configuration not to be taken in: the other models are fine. */
  readonly problem?: InfernoError | undefined;
}

/** What an ONNX model is for: its manifest says so, and the configuration may only say the same. The rest of the manifest is its engine's to read. */
export function onnxTask(path: string, configured: ModelTask | undefined): OnnxTask {
  const manifest = manifestOf(path);
  try {
    const task = manifest === null ? "raw" : taskIn(manifest);
    if (configured === undefined || configured === task) return { task };
    throw manifest === null
      ? new InfernoError("manifest_invalid", `${path} has no manifest, so it is asked with tensors (task "raw"), and the configuration says task "${configured}".`, {
        param: "task", hint: "`inferno models add FILE` writes a manifest; then name its folder as `source`.",
      })
      : new InfernoError("manifest_invalid", `${manifest} is for the task "${task}", and the configuration says "${configured}".`, {
        param: "task", hint: "Correct one of the two, or leave `task` out of inferno.yaml.",
      });
  } catch (error) {
    return { task: configured ?? "raw", problem: InfernoError.from(error) };
  }
}

function manifestOf(path: string): string | null {
  if (/\.onnx$/i.test(path)) return null;
  return /\.ya?ml$/i.test(path) ? path : join(path, manifestName);
}

/** Manifests are small; a larger file is something else, and reading it would only take time. */
const mostBytes = 1_000_000;

function taskIn(path: string): ModelTask {
  const yaml = new YamlFile(read(path), path, "manifest_invalid");
  const task = yaml.first("task");
  const known = Manifest.options.map(({ shape }) => shape.task.value).find((each) => each === task);
  if (known !== undefined) return known;
  // The engine says the same of what else is wrong, with the place.
  throw new InfernoError("manifest_invalid", `${yaml.placeOf(["task"])}: task: ${task === undefined ? "is missing" : `there is no task ${JSON.stringify(task)}`}.`, { param: "task" });
}

function read(path: string): string {
  try {
    const stats = statSync(path);
    const { size } = stats;
    // Opening a pipe waits until somebody writes into it, and the daemon with it.
    if (!stats.isFile()) throw new InfernoError("manifest_invalid", `${path} is no manifest: it is not a file.`);
    if (size > mostBytes) throw new InfernoError("manifest_invalid", `${path} is no manifest: it has ${size} bytes.`);
    return readFileSync(path, "utf8");
  } catch (error) {
    if (error instanceof InfernoError) throw error;
    const missing = error instanceof Error && "code" in error && error.code === "ENOENT";
    if (missing) throw new InfernoError("model_file_missing", `The model ${path} does not exist.`, { cause: error });
    throw new InfernoError("manifest_invalid", `Cannot read ${path}: ${String(error)}.`, { cause: error });
  }
}

function isFile(path: string): boolean {
  try {
    return statSync(path, { throwIfNoEntry: false })?.isFile() ?? false;
  } catch {
    // A name that no file system takes, links in a circle: whoever loads the model says so.
    return false;
  }
}
