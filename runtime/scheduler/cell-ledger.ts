import { assert } from "../../base/assert.ts";
import type { BackendCapacity } from "../backends/backend.ts";

/** Neighbouring cells that the same sequences hold. */
interface Extent {
  readonly length: number;
  holders: number;
}

/**
 * How many KV cells each sequence holds, and how many are free, without asking the engine. In the unified layout the cells of a shared
 * prefix count once, however many sequences hold them; in `per_sequence` every sequence has a part of its own.
 */
export class CellLedger {
  readonly #unified: boolean;
  readonly #cells: number;
  /** Cells of one sequence in the layout `per_sequence`. */
  readonly #part: number;
  readonly #sequences: Extent[][];
  #used = 0;

  constructor({ cells, sequences, layout }: Pick<BackendCapacity, "cells" | "sequences" | "layout">) {
    this.#unified = layout === "unified";
    this.#cells = cells;
    this.#part = Math.floor(cells / sequences);
    this.#sequences = Array.from({ length: sequences }, () => []);
  }

  get used(): number {
    return this.#used;
  }

  get free(): number {
    return this.#cells - this.#used;
  }

  /** Tokens that this sequence holds. */
  lengthOf(sequence: number): number {
    return this.#at(sequence).reduce((sum, extent) => sum + extent.length, 0);
  }

  /** Cells that would be free without this sequence. */
  ownCells(sequence: number): number {
    return this.#at(sequence).reduce((sum, { length, holders }) => sum + (holders === 1 ? length : 0), 0);
  }

  /** Cells that at least one of these sequences holds. */
  heldBy(sequences: readonly number[]): number {
    return [...new Set(sequences.flatMap((sequence) => this.#at(sequence)))].reduce((sum, extent) => sum + extent.length, 0);
  }

  /** Cells that this sequence could still take. */
  room(sequence: number): number {
    return this.#unified ? this.free : this.#part - this.lengthOf(sequence);
  }

  append(sequence: number, count: number): void {
    assert(count >= 0 && count <= this.room(sequence), `sequence ${sequence} takes ${count} cells, and ${this.room(sequence)} are free`);
    if (count === 0) return;
    const extents = this.#at(sequence);
    const last = extents.at(-1);
    // Cells of one holder are one extent: an answer of a thousand steps stays a short list.
    if (last?.holders === 1) extents[extents.length - 1] = { length: last.length + count, holders: 1 };
    else extents.push({ length: count, holders: 1 });
    this.#used += count;
  }

  /** The empty sequence `to` begins with the first `length` cells of `from`. */
  share(from: number, to: number, length: number): void {
    assert(this.#at(to).length === 0, `sequence ${to} is not empty`);
    assert(length <= this.lengthOf(from), `sequence ${from} holds less than ${length} cells`);
    if (!this.#unified) return this.append(to, length);
    this.#split(from, length);
    let left = length;
    for (const extent of this.#at(from)) {
      if (left === 0) break;
      extent.holders += 1;
      this.#at(to).push(extent);
      left -= extent.length;
    }
  }

  /** Keeps the first `length` cells. */
  truncate(sequence: number, length: number): void {
    assert(length >= 0 && length <= this.lengthOf(sequence), `sequence ${sequence} holds less than ${length} cells`);
    const extents = this.#at(sequence);
    this.#split(sequence, length);
    let kept = 0;
    let end = 0;
    while (kept < length) kept += extents[end++]?.length ?? Infinity;
    for (const extent of extents.splice(end)) {
      extent.holders -= 1;
      if (extent.holders === 0) this.#used -= extent.length;
    }
  }

  /** Makes an extent end at `position` of this sequence, for all that hold it. */
  #split(sequence: number, position: number): void {
    let start = 0;
    for (const extent of this.#at(sequence)) {
      const head = position - start;
      if (head <= 0) return;
      if (head < extent.length) return this.#replace(extent, head);
      start += extent.length;
    }
  }

  #replace(extent: Extent, head: number): void {
    const { length, holders } = extent;
    const parts = [{ length: head, holders }, { length: length - head, holders }];
    for (const extents of this.#sequences) {
      const index = extents.indexOf(extent);
      if (index !== -1) extents.splice(index, 1, ...parts);
    }
  }

  #at(sequence: number): Extent[] {
    const extents = this.#sequences[sequence];
    assert(extents, `sequence ${sequence} is out of range`);
    return extents;
  }
}
