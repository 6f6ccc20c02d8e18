import type { Tensor } from "../tensors.ts";
import { halfToNumber } from "../../../../base/half.ts";
import type { Difference } from "./questions.ts";

/** Adds up, input by input, how far an output is from what it was. */
export class DifferenceSum {
  readonly #output: string;
  #largest = 0;
  #magnitude = 0;
  #product = 0;
  #before = 0;
  #after = 0;

  constructor(output: string) {
    this.#output = output;
  }

  /** Answers false when the two cannot be compared: other types or shapes. */
  add(before: Tensor, after: Tensor): boolean {
    const [a, b] = [numbersOf(before), numbersOf(after)];
    if (a === null || b === null || before.type !== after.type || !sameShape(before.shape, after.shape) || a.length !== b.length) return false;
    for (let i = 0; i < a.length; i += 1) {
      const [x, y] = [a[i]!, b[i]!];
      // Two infinities of one sign, as masks have them, are equal; and a NaN on one side only must not be lost.
      const difference = Object.is(x, y) ? 0 : Math.abs(x - y);
      if (!(difference <= this.#largest) && !Number.isNaN(this.#largest)) this.#largest = difference;
      if (!Number.isFinite(x) && Object.is(x, y)) continue;
      this.#magnitude = Math.max(this.#magnitude, Math.abs(x));
      this.#product += x * y;
      this.#before += x * x;
      this.#after += y * y;
    }
    return true;
  }

  result(): Difference {
    const [largest, norm] = [this.#largest, Math.sqrt(this.#before * this.#after)];
    const cosine = Math.min(1, this.#product / norm);
    return {
      output: this.#output, largest: finiteOrNull(largest),
      relative: largest === 0 ? 0 : finiteOrNull(largest / this.#magnitude),
      // Two vectors of nothing but zeros point the same way; what is not finite points nowhere.
      cosine: norm === 0 ? (this.#before === this.#after ? 1 : 0) : finiteOrNull(cosine) ?? 0,
    };
  }
}

/** JSON has neither infinity nor NaN. */
const finiteOrNull = (value: number): number | null => (Number.isFinite(value) ? value : null);
const sameShape = (a: readonly number[], b: readonly number[]): boolean => a.length === b.length && a.every((size, index) => size === b[index]);

function numbersOf(tensor: Tensor): ArrayLike<number> | null {
  if (tensor.type === "string") return null;
  if (tensor.type === "float16") return Float32Array.from(tensor.data, halfToNumber);
  return tensor.type === "int64" || tensor.type === "uint64" ? Array.from(tensor.data, Number) : tensor.data;
}
