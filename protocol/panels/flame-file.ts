import { z } from "zod";

/** How much of a file a panel holds: a large one is read in part, the longest spans first. */
export const FilePart = z.object({
  name: z.string(),
  /** The format that it is in, or was imported from. */
  format: z.string(),
  spans: z.number(),
  /** Spans of the part that is looked at that were left out because they are short. */
  leftOut: z.number(),
  /** What was put right or left out while reading. */
  notes: z.array(z.string()),
  /** From where to where spans of every length were looked for. */
  fromUs: z.number(),
  toUs: z.number(),
});
export type FilePart = z.infer<typeof FilePart>;

/** Spans as columns, as they travel to the page. */
const numbers = { f64: z.instanceof(Float64Array), u32: z.instanceof(Uint32Array), i32: z.instanceof(Int32Array), u16: z.instanceof(Uint16Array), u8: z.instanceof(Uint8Array) };

export const Columns = z.object({
  count: z.int(), startUs: numbers.f64, endUs: numbers.f64, name: numbers.u32, names: z.array(z.string()), bases: z.array(z.string()), parent: numbers.i32,
  attributes: z.object({
    offsets: numbers.u32, key: numbers.u16, keys: z.array(z.string()), value: numbers.f64, isOther: numbers.u8, others: z.array(z.union([z.string(), z.boolean()])),
  }),
  lane: numbers.u32.nullable(), lanes: z.array(z.string()),
});
