import { z } from "zod";

/** The keys that exist in the map at this path; none where there is no map of fixed keys. */
export function keysAt(schema: z.core.$ZodType, path: readonly PropertyKey[]): string[] {
  const inner = bare(schema);
  const [step, ...rest] = path;
  if (inner instanceof z.ZodUnion) return [...new Set(inner.options.flatMap((option) => keysAt(option, path)))];
  if (step === undefined) return inner instanceof z.ZodObject ? Object.keys(inner.shape) : [];
  if (inner instanceof z.ZodObject) {
    const value = new Map<PropertyKey, z.core.$ZodType>(Object.entries(inner.shape)).get(step);
    return value === undefined ? [] : keysAt(value, rest);
  }
  if (inner instanceof z.ZodRecord) return keysAt(inner.valueType, rest);
  return inner instanceof z.ZodArray ? keysAt(inner.element, rest) : [];
}

/** Without defaults and the like around it. */
function bare(schema: z.core.$ZodType): z.core.$ZodType {
  const { def } = schema._zod;
  return "innerType" in def ? bare(def.innerType as z.core.$ZodType) : schema;
}
