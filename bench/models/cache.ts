import { existsSync, mkdirSync, renameSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { readGguf, writeGguf, type Gguf } from "./gguf.ts";
import { heavy, heavyEmber } from "./heavy-ember.ts";
import { randomModel, shapes } from "./random-model.ts";

const ember = resolve(import.meta.dirname, "../../runtime/models/ember/ember-q8_0.gguf");

/** Each generator's version is in the file's name: a changed generator writes another file. */
const makers: Readonly<Record<string, { readonly file: string; readonly make: () => Gguf }>> = {
  "135m": { file: "random-135m-1.gguf", make: () => randomModel(shapes["135m"]) },
  "0.5b": { file: "random-0.5b-1.gguf", make: () => randomModel(shapes["0.5b"]) },
  "ember-heavy": { file: "ember-heavy-2.gguf", make: () => heavyEmber(readGguf(ember), heavy) },
};

export const benchModels = Object.keys(makers);
export const defaultCache = join(tmpdir(), "inferno-bench-models");

/** The path of a model of ours, written on first use. A half-written file never gets the model's name. */
export function benchModel(name: string, folder: string): string {
  const maker = makers[name];
  if (maker === undefined) throw new Error(`no model ${name}; there are ${benchModels.join(", ")}`);
  const path = join(folder, maker.file);
  if (existsSync(path)) return path;
  mkdirSync(folder, { recursive: true });
  const partial = `${path}.${process.pid}`;
  writeGguf(partial, maker.make());
  renameSync(partial, path);
  return path;
}
