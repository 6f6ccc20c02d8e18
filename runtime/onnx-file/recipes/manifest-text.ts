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
    const inner = unwrap(schema);
    const text = (schema.meta() ?? inner.meta())?.description;
    if (text !== undefined) key.commentBefore = ` ${text}`;
    if (inner instanceof z.ZodObject) describe(value, inner.shape);
  }
}

/** The type without its default: what describes it may be on either. */
function unwrap(schema: z.ZodType): z.ZodType {
  if (schema instanceof z.ZodDefault || schema instanceof z.ZodPrefault || schema instanceof z.ZodOptional || schema instanceof z.ZodNullable) return unwrap(schema.unwrap() as z.ZodType);
  return schema;
}
