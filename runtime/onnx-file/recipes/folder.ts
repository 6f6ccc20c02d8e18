import { z } from "zod";
import { readdirSync, readFileSync, statSync } from "node:fs";
import { basename, dirname, join, posix, resolve } from "node:path";
import { InfernoError } from "../../../protocol/errors.ts";
import { inspectModel } from "../inspect.ts";
import type { FolderFacts, ImageFacts, LabelFile } from "./facts.ts";

export interface ModelFolderFacts {
  /** Where the manifest belongs: the folder of the model, or the one above, where Hugging Face's repositories have the tokenizer. */
  readonly folder: string;
  readonly facts: FolderFacts;
}

/** What a configuration or a vocabulary may take; lists of labels are far below. */
const largestNeighbour = 32 * 2 ** 20;
const longestLabelLine = 200;
/** Variants of one model lie side by side: the plain one is what is meant by the folder. */
const plainNames = ["model.onnx", "encoder_model.onnx"];

/** Reads a model and what lies around it. Rejects with `model_file_missing`, `model_file_invalid`, or `usage` for a folder with several models. */
export async function readFolder(asked: string): Promise<ModelFolderFacts> {
  const path = resolve(asked);
  const stat = statSync(path, { throwIfNoEntry: false });
  if (stat === undefined) throw new InfernoError("model_file_missing", `${path} does not exist.`);
  const start = stat.isDirectory() ? path : dirname(path);
  const above = basename(start) === "onnx" && readdirSync(dirname(start)).some((name) => /^(config|tokenizer)\.json$/.test(name));
  const folder = above ? dirname(start) : start;
  const files = [folder, join(folder, "onnx")].flatMap((each) => filesIn(each).map((name) => posix.join(each === folder ? "" : "onnx", name)));
  const graphs = files.filter((name) => name.endsWith(".onnx"));
  const first = stat.isDirectory() ? chooseGraph(folder, graphs) : posix.join(above ? "onnx" : "", basename(path));
  const names = [first, ...graphs.filter((name) => name !== first)];
  const models = await Promise.all(names.map(async (file, index) => {
    try {
      const { inputs, outputs } = await inspectModel(join(folder, file));
      return [{ file, inputs, outputs }];
    } catch (error) {
      // A broken neighbour is no part of this model.
      if (index === 0) throw error;
      return [];
    }
  }));
  return { folder, facts: { models: models.flat(), ...neighbours(folder, files) } };
}

const filesIn = (folder: string): string[] =>
  (statSync(folder, { throwIfNoEntry: false })?.isDirectory() === true ? readdirSync(folder, { withFileTypes: true }) : []).filter((entry) => !entry.isDirectory()).map(({ name }) => name).sort();

function chooseGraph(folder: string, graphs: readonly string[]): string {
  const plain = graphs.find((name) => plainNames.includes(basename(name)));
  // Text in images takes several graphs: any of them leads to the others.
  const chosen = plain ?? graphs.find((name) => /det/i.test(name)) ?? graphs[0];
  if (chosen === undefined) throw new InfernoError("model_file_missing", `There is no ONNX file in ${folder}.`);
  if (plain !== undefined || graphs.length === 1 || /det/i.test(chosen)) return chosen;
  throw new InfernoError("usage", `There are ${graphs.length} models in ${folder}: ${graphs.join(", ")}.`, { hint: "Name one of the files." });
}

const Config = z.object({
  architectures: z.array(z.string()).nullish().catch(null), id2label: z.record(z.string(), z.string()).nullish().catch(null),
  max_position_embeddings: z.int().min(1).max(1_048_576).nullish().catch(null),
});
const Size = z.union([z.int(), z.object({ width: z.int().optional(), height: z.int().optional(), shortest_edge: z.int().optional() })]);
const Preprocessor = z.object({
  size: Size.optional().catch(undefined), crop_size: Size.optional().catch(undefined), do_center_crop: z.boolean().optional().catch(undefined),
  rescale_factor: z.number().optional().catch(undefined), do_normalize: z.boolean().optional().catch(undefined),
  image_mean: z.array(z.number()).min(1).max(3).optional().catch(undefined), image_std: z.array(z.number().positive()).min(1).max(3).optional().catch(undefined),
});
const Pooling = z.object({ pooling_mode_cls_token: z.boolean().optional(), pooling_mode_mean_tokens: z.boolean().optional(), pooling_mode_lasttoken: z.boolean().optional() });

function neighbours(folder: string, files: readonly string[]): Omit<FolderFacts, "models"> {
  const named = (...names: string[]): string | null => names.find((name) => files.includes(name)) ?? null;
  const config = parsed(folder, named("config.json"), Config);
  const pooling = parsed(folder, "1_Pooling/config.json", Pooling);
  const count = Object.keys(config?.id2label ?? {}).length;
  const lists = files.filter((name) => name.endsWith(".txt")).map((file) => ({ file, lines: lineCount(join(folder, file)) })).filter(({ lines }) => lines > 1);
  return {
    tokenizer: named("tokenizer.json"),
    architectures: config?.architectures ?? [],
    labels: count > 1 ? { file: "config.json", count } : labelList(folder, files, lists),
    // A row or two of the positions are not for tokens, in some families; the tokenizer's own limit is one that holds.
    maxTokens: modelMaxLength(folder, named("tokenizer_config.json")) ?? config?.max_position_embeddings ?? null,
    pooling: pooling?.pooling_mode_cls_token === true ? "cls" : pooling?.pooling_mode_lasttoken === true ? "last" : pooling?.pooling_mode_mean_tokens === true ? "mean" : null,
    image: imageFacts(parsed(folder, named("preprocessor_config.json"), Preprocessor)),
    lists: lists.map(({ file, lines }) => ({ file, lines })),
    vocabularies: files.filter((name) => /^(characters|phonemes|tokens|symbols|vocab)\w*\.json$/i.test(name)),
  };
}

/** Exporters write a very large number where there is no limit. */
function modelMaxLength(folder: string, file: string | null): number | null {
  const length = parsed(folder, file, z.object({ model_max_length: z.number().optional().catch(undefined) }))?.model_max_length;
  return length !== undefined && Number.isInteger(length) && length > 0 && length <= 1_048_576 ? length : null;
}

function labelList(folder: string, files: readonly string[], lists: readonly { file: string; lines: number }[]): LabelFile | null {
  const text = lists.find(({ file }) => /label|class|synset/i.test(file));
  if (text !== undefined) return { file: text.file, count: text.lines };
  const json = files.find((name) => /^(labels|classes)\.json$/i.test(name)) ?? null;
  const list = parsed(folder, json, z.array(z.string()).min(2));
  return json !== null && list !== null ? { file: json, count: list.length } : null;
}

function imageFacts(said: z.infer<typeof Preprocessor> | null): ImageFacts | null {
  if (said === null) return null;
  const crop = said.do_center_crop === true;
  const size = (crop ? said.crop_size : undefined) ?? said.size;
  const [width, height] = typeof size === "number" ? [size, size] : [size?.width ?? size?.shortest_edge, size?.height ?? size?.shortest_edge];
  const normal = said.do_normalize !== false;
  return {
    width, height, scale: said.rescale_factor, resize: crop ? "cover" : "stretch",
    ...(normal ? { mean: said.image_mean, std: said.image_std } : { mean: [0, 0, 0], std: [1, 1, 1] }),
  };
}

/** Null for what is not there, is no JSON or of another form: neighbours help, they do not have to. */
function parsed<T>(folder: string, file: string | null, schema: z.ZodType<T>): T | null {
  if (file === null) return null;
  try {
    return schema.parse(JSON.parse(small(join(folder, file))));
  } catch {
    return null;
  }
}

function small(path: string): string {
  if (statSync(path).size > largestNeighbour) throw new RangeError(`${path} is too large.`);
  return readFileSync(path, "utf8");
}

/** Lines with something in them; 0 for what is no list of short entries. */
function lineCount(path: string): number {
  try {
    // A last line end ends the last line; a line of a space is an entry.
    const lines = small(path).replace(/\r?\n$/, "").split(/\r?\n/);
    return lines.every((line) => line.length <= longestLabelLine) ? lines.length : 0;
  } catch {
    return 0;
  }
}
