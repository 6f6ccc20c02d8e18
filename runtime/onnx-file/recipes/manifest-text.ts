import { Document, isMap, isScalar } from "yaml";
import { z } from "zod";
import { InfernoError } from "../../../protocol/errors.ts";
import { Manifest } from "../../../protocol/manifest.ts";
import type { Recipe } from "./facts.ts";

/** `inferno.model.yaml` with what the recipe says, why, and what each key means. Throws `manifest_invalid` when the recipe does not fit its own task. */
export function manifestText({ manifest, reasons, assumed }: Recipe): string {
  const checked = Manifest.safeParse(manifest);
  if (!checked.success) throw new InfernoError("manifest_invalid", `A model for ${manifest.task} cannot be described so: ${z.prettifyError(checked.error)}.`);
  const document = new Document(manifest);
  document.commentBefore = [
    " What this model is for, and what happens before and after its graph; paths are relative to this file. Change what is not so.",
    ...reasons.map((reason) => ` Because ${reason}.`),
    ...assumed.map((what) => ` Assumed: ${what}. Please check.`),
  ].join("\n");
  describe(document.contents, Manifest.options.find(({ shape }) => shape.task.value === manifest.task)?.shape ?? {});
  return document.toString({ lineWidth: 0, flowCollectionPadding: true });
}

/** Puts each key's description in front of it. */
function describe(map: unknown, shape: Readonly<Record<string, unknown>>): void {
  if (!isMap(map)) return;
  for (const { key, value } of map.items) {
    if (!isScalar(key) || key.value === "task") continue;
    const schema = shape[String(key.value)];
    if (!(schema instanceof z.ZodType)) continue;
    const layers = unwrapped(schema);
    const text = layers.map((layer) => layer.meta()?.description).find((description) => description !== undefined);
    if (text !== undefined) key.commentBefore = ` ${text}`;
    const inner = layers.at(-1);
    if (inner instanceof z.ZodObject) describe(value, inner.shape);
  }
}

/** The type, then what is left of it without its default or its null, and so on: its description may be on any of them. */
function unwrapped(schema: z.ZodType): z.ZodType[] {
  const wraps = schema instanceof z.ZodDefault || schema instanceof z.ZodPrefault || schema instanceof z.ZodOptional || schema instanceof z.ZodNullable;
  return wraps ? [schema, ...unwrapped(schema.unwrap() as z.ZodType)] : [schema];
}
