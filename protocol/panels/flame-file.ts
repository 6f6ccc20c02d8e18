import { z } from "zod";
import type { SpanColumns } from "./flame-columns.ts";

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
  /** The file's whole time. */
  boundsUs: z.tuple([z.number(), z.number()]).readonly(),
  /** From where to where spans were read. */
  fromUs: z.number(),
  toUs: z.number(),
});
export type FilePart = z.infer<typeof FilePart>;

const arraysOf = ({ startUs, endUs, name, parent }: Partial<SpanColumns>): readonly unknown[] => [startUs, endUs, name, parent];
const hasColumns = (value: object, count: number): boolean => arraysOf(value).every((array) => ArrayBuffer.isView(array) && "length" in array && array.length === count);

/** Spans as columns, as they travel to the page: the typed arrays are taken as they are, so that a million spans are not walked through once more. */
export const Columns = z.custom<SpanColumns>((value) => typeof value === "object" && value !== null && "count" in value && typeof value.count === "number" && hasColumns(value, value.count));
