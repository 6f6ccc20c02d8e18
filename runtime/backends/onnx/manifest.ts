import { accessSync, constants, readFileSync, statSync, type Stats } from "node:fs";
import { basename, dirname, join, resolve } from "node:path";
import type { z } from "zod";
import { InfernoError } from "../../../protocol/errors.ts";
import { schemaOfTask } from "../../../protocol/manifest-check.ts";
import { manifestName, type Manifest } from "../../../protocol/manifest.ts";
import { YamlFile } from "../../config/yaml-file.ts";

/** What a model is for, and where its files are. */
export interface ModelFolder {
  readonly manifest: Manifest;
  /** The model's name where nobody gave it one. */
  readonly name: string;
  /** Absolute path of a file that the manifest names, which is there and can be read. Throws `manifest_invalid` with its line. */
  readonly file: (name: string) => string;
}

/** `source`: an ONNX file, a manifest, or a folder that holds one. Throws `model_file_missing` or `manifest_invalid`. */
export function openModelFolder(source: string): ModelFolder {
  const path = resolve(source);
  const stats = reach(path);
  if (stats.isDirectory()) return readManifest(join(path, manifestName), basename(path));
  if (/\.ya?ml$/i.test(path)) return readManifest(path, basename(dirname(path)));
  // Without a manifest nothing is known but the graph.
  return { manifest: { task: "raw", model: basename(path) }, name: basename(path), file: (name) => join(dirname(path), name) };
}

function reach(path: string): Stats {
  let stats: Stats | undefined;
  try {
    stats = statSync(path, { throwIfNoEntry: false });
  } catch (cause) {
    // Links in a circle, a folder without rights, a name that no file system takes.
    throw new InfernoError("model_file_missing", `The model ${path} cannot be reached: ${String(cause)}.`, { cause });
  }
  if (stats === undefined) throw new InfernoError("model_file_missing", `The model ${path} does not exist.`);
  // Opening a pipe waits until somebody writes into it: a load without end.
  if (!stats.isFile() && !stats.isDirectory()) throw new InfernoError("model_file_invalid", `${path} is not an ONNX file: it is a pipe or a device.`);
  return stats;
}

function readManifest(path: string, name: string): ModelFolder {
  const yaml = new YamlFile(readText(path), path, "manifest_invalid");
  const manifest = yaml.parse(schemaFor(yaml));
  return {
    manifest,
    name,
    file: (file) => {
      const absolute = resolve(dirname(path), file);
      const reason = unreadable(absolute);
      if (reason === null) return absolute;
      throw new InfernoError("manifest_invalid", `${yaml.placeOfText(file)}: ${absolute} ${reason}.`, { hint: "Paths in a manifest are relative to it." });
    },
  };
}

function readText(path: string): string {
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(readFileSync(path));
  } catch (cause) {
    if (cause instanceof TypeError) throw new InfernoError("manifest_invalid", `${path} is not encoded as UTF-8.`, { cause });
    throw new InfernoError("manifest_invalid", `Cannot read ${path}: ${cause instanceof Error ? cause.message : String(cause)}.`, { cause });
  }
}

function schemaFor(yaml: YamlFile): z.ZodType<Manifest> {
  const schema = schemaOfTask(yaml.first("task"));
  if (typeof schema !== "string") return schema;
  throw new InfernoError("manifest_invalid", `${yaml.placeOf(["task"])}: ${schema}`, { param: "task" });
}

function unreadable(path: string): string | null {
  try {
    if (!statSync(path).isFile()) return "is not a file";
    accessSync(path, constants.R_OK);
    return null;
  } catch (error) {
    const code = error instanceof Error && "code" in error ? error.code : null;
    return code === "ENOENT" || code === "ENOTDIR" ? "does not exist" : `cannot be read (${String(code ?? error)})`;
  }
}
