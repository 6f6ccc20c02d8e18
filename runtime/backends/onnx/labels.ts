import { readFile } from "node:fs/promises";
import { z } from "zod";
import { InfernoError } from "../../../protocol/errors.ts";
import type { PipelineParts } from "./pipeline.ts";

const List = z.array(z.string()).min(1);
/** A Hugging Face `config.json`: class number → label. */
const Config = z.object({ id2label: z.record(z.string().regex(/^\d+$/), z.string()) });

/** The labels of a manifest, written there or in a file that it names. Throws InfernoError `manifest_invalid`. */
export async function readLabels(parts: Pick<PipelineParts, "file">, labels: string | readonly string[]): Promise<readonly string[]> {
  if (typeof labels !== "string") return labels;
  const text = await readFile(parts.file(labels), "utf8");
  return /^\s*[[{]/.test(text) ? fromJson(text, labels) : fromLines(text, labels);
}

function fromJson(text: string, name: string): readonly string[] {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch (cause) {
    throw new InfernoError("manifest_invalid", `labels: ${name} is not valid JSON.`, { cause });
  }
  const list = List.safeParse(json);
  if (list.success) return list.data;
  const config = Config.safeParse(json);
  if (!config.success) throw new InfernoError("manifest_invalid", `labels: ${name} is neither a list of texts nor a configuration with \`id2label\`.`);
  const { id2label } = config.data;
  return Array.from({ length: Object.keys(id2label).length }, (_, index) => {
    const label = id2label[index];
    if (label === undefined) throw new InfernoError("manifest_invalid", `labels: \`id2label\` of ${name} has no label ${index}.`);
    return label;
  });
}

function fromLines(text: string, name: string): readonly string[] {
  const lines = text.split(/\r?\n/).map((line) => line.trim()).filter((line) => line !== "");
  if (lines.length === 0) throw new InfernoError("manifest_invalid", `labels: ${name} holds no label.`);
  return lines;
}
