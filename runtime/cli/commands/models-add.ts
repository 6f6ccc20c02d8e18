import { existsSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from "node:fs";
import { basename, dirname, extname, join, relative, resolve, sep } from "node:path";
import { aliasPattern } from "../../../protocol/config.ts";
import { InfernoError } from "../../../protocol/errors.ts";
import { manifestName } from "../../../protocol/manifest.ts";
import { openModelFolder } from "../../backends/onnx/manifest.ts";
import { addModel } from "../../config/add-model.ts";
import type { Recipe } from "../../onnx-file/recipes/facts.ts";
import { readFolder } from "../../onnx-file/recipes/folder.ts";
import { manifestText } from "../../onnx-file/recipes/manifest-text.ts";
import { findClient } from "../connect.ts";
import { chooseConfig, printJson, printLines, success, type Context } from "../context.ts";
import { chooseRecipe } from "../choose-recipe.ts";
import { outPaint } from "../terminal.ts";

export interface AddOptions {
  readonly config?: string | undefined;
  readonly task?: string | undefined;
  readonly name?: string | undefined;
  /** Take the likeliest recipe without asking. */
  readonly yes?: boolean | undefined;
  /** Write over a manifest that is there. */
  readonly force?: boolean | undefined;
}

/** What is to be written, all of it checked before any of it is. */
interface Addition {
  readonly name: string;
  readonly source: string;
  /** The model's folder, or its file where that is all there is. */
  readonly folder: string;
  readonly recipe: Recipe | null;
  readonly manifest: { readonly path: string; readonly text: string } | null;
  readonly config: { readonly path: string; readonly text: string } | null;
}

/** Says what a model is for, in a manifest beside it, and adds it to the configuration. */
export async function addModelFile(context: Context, asked: string, options: AddOptions): Promise<number> {
  const path = resolve(context.terminal.cwd, asked);
  if (!existsSync(path)) throw new InfernoError("model_file_missing", `${path} does not exist.`, { hint: "Correct the path." });
  const described = isGguf(path) ? { folder: path, recipe: null, manifest: null } : await describe(context, path, options);
  const { folder, recipe, manifest } = described;
  const name = options.name ?? aliasOf(path, folder);
  if (!aliasPattern.test(name)) throw new InfernoError("usage", `"${name}" cannot be a model's name.`, { hint: "Give one with --name: letters, digits and . _ : / -" });
  const file = chooseConfig(context, options.config);
  const source = file === undefined ? folder : relativeTo(dirname(file), folder);
  const config = file === undefined ? null : { path: file, text: addModel(readConfig(file), file, name, source) };
  const addition: Addition = { name, source, folder, recipe, manifest, config };
  if (manifest !== null) writeWhole(manifest.path, manifest.text);
  if (config !== null) writeWhole(config.path, config.text);
  const daemon = config === null ? null : await tellDaemon(context, config.path);
  if (context.json) printJson(context, { name, source, task: recipe?.task ?? null, manifest: manifest?.path ?? null, config: config?.path ?? null, reasons: recipe?.reasons ?? [], assumed: recipe?.assumed ?? [], served: daemon === "served" });
  else printLines(context, [...report(addition, context), ...(daemon === null ? [] : [daemon === "served" ? "The running daemon serves it now." : `The running daemon does not take it: ${daemon.message}`])]);
  return success;
}

/** A running daemon reads the configuration anew; null when none runs. Its refusal leaves what was written as it is, for that is right by itself. */
async function tellDaemon(context: Context, config: string): Promise<"served" | InfernoError | null> {
  const client = await findClient(context);
  if (client === null) return null;
  try {
    await client.call("attach", { body: { pid: process.pid, config } });
    return "served";
  } catch (error) {
    return InfernoError.from(error);
  }
}

const isGguf = (path: string): boolean => extname(path).toLowerCase() === ".gguf";

async function describe(context: Context, path: string, options: AddOptions): Promise<Pick<Addition, "recipe" | "manifest"> & { folder: string }> {
  const { folder, facts } = await readFolder(path);
  const target = join(folder, manifestName);
  if (existsSync(target) && options.force !== true) {
    if (options.task !== undefined) throw new InfernoError("usage", `${target} exists already.`, { hint: "Change it by hand, or write it anew with --force." });
    // Somebody's own description of the model: it only has to be a valid one.
    openModelFolder(folder);
    return { folder, recipe: null, manifest: null };
  }
  const recipe = await chooseRecipe(context, facts, options);
  return { folder, recipe, manifest: { path: target, text: manifestText(recipe) } };
}

/** Folders that say where a model lies, not which it is. */
const plainFolders = new Set(["assets", "dist", "models", "model", "onnx", "tmp", "downloads", ""]);

function aliasOf(path: string, folder: string): string {
  const isFile = statSync(path).isFile();
  const fromFolder = basename(folder);
  const name = isFile && (isGguf(path) || plainFolders.has(fromFolder.toLowerCase())) ? basename(path, extname(path)) : fromFolder;
  return name.replaceAll(/[^A-Za-z0-9._:-]+/g, "-").replace(/^[^A-Za-z0-9]+/, "").slice(0, 100);
}

/** As people write it in a configuration: with slashes, and never taken for anything but a path. */
function relativeTo(folder: string, path: string): string {
  const way = relative(folder, path).split(sep).join("/");
  return way === "" ? "." : way;
}

function readConfig(file: string): string {
  try {
    return readFileSync(file, "utf8");
  } catch (cause) {
    throw new InfernoError("config_missing", `Cannot read ${file}: ${cause instanceof Error ? cause.message : String(cause)}.`, { cause });
  }
}

/** Whole or not at all. */
function writeWhole(path: string, text: string): void {
  const temporary = join(dirname(path), `.${basename(path)}.${process.pid}.tmp`);
  try {
    writeFileSync(temporary, text, { flag: "wx" });
    renameSync(temporary, path);
  } catch (cause) {
    rmSync(temporary, { force: true });
    throw new InfernoError("home_unwritable", `${path} cannot be written: ${cause instanceof Error ? cause.message : String(cause)}.`, { hint: "Correct the folder's rights, or free space.", cause });
  }
}

function report({ name, source, folder, recipe, manifest, config }: Addition, context: Context): string[] {
  const paint = outPaint(context.terminal);
  return [
    ...(recipe === null || manifest === null ? [] : [
      `${paint.bold(recipe.task)}: ${recipe.reasons.join("; ")}.`,
      ...recipe.assumed.map((what) => `${paint.yellow("assumed")} ${what}`),
      `Wrote ${manifest.path}.`,
    ]),
    ...(recipe === null && !isGguf(source) ? [`${join(folder, manifestName)} is there and stays as it is; --force writes it anew.`] : []),
    ...(config !== null ? [`Added "${name}" to ${config.path}.`] : ["No inferno.yaml is in use here. Add to yours:", "", "models:", `  ${name}:`, `    source: ${source}`]),
  ];
}
