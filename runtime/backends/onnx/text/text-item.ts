import { assert } from "../../../../base/assert.ts";
import type { TaskItem } from "../../task-model.ts";
import type { EncodedText } from "./text-tokenizer.ts";

/** One text, or pair of texts, on its way through the graph. */
export class TextItem implements TaskItem {
  readonly ids: readonly number[];
  readonly types: readonly number[] | null;
  /** With padding to the length that a graph has fixed, if it has. */
  readonly length: number;

  constructor({ ids, types }: Pick<EncodedText, "ids" | "types">, fixedLength: number | null) {
    this.ids = ids;
    this.types = types;
    this.length = fixedLength ?? ids.length;
  }
}

export function textItems(items: readonly TaskItem[]): readonly TextItem[] {
  return items.map((item) => {
    assert(item instanceof TextItem, "an item of another pipeline");
    return item;
  });
}

export const countTokens = (items: readonly TextItem[]): number => items.reduce((sum, { ids }) => sum + ids.length, 0);
