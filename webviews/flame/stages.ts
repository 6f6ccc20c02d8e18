import { kindOf } from "./kinds.ts";
import type { Layout } from "./layout.ts";
import { percentiles } from "./ranks.ts";

/** All spans of one name together. */
export interface Stage {
  readonly name: string;
  readonly kind: "group" | "leaf" | "beside";
  readonly count: number;
  readonly totalUs: number;
  readonly meanUs: number;
  readonly p50Us: number;
  readonly p95Us: number;
  /** Part of the request's wall time. */
  readonly share: number;
}

export type StageColumn = Exclude<keyof Stage, "kind">;

export function stages(layout: Layout, wallUs: number): Stage[] {
  const counts = new Uint32Array(layout.names.length);
  for (const name of layout.name) counts[name]! += 1;
  const durations = Array.from(counts, (count) => new Float64Array(count));
  const filled = new Uint32Array(counts.length);
  for (let index = 0; index < layout.count; index++) {
    const name = layout.name[index]!;
    durations[name]![filled[name]!++] = layout.endUs[index]! - layout.startUs[index]!;
  }
  return durations.map((values, place) => {
    const name = layout.names[place]!;
    let totalUs = 0;
    for (const value of values) totalUs += value;
    const [p50Us = 0, p95Us = 0] = percentiles(values, 0.5, 0.95);
    return {
      name, kind: kindOf(layout.bases[place]!), count: values.length, totalUs, meanUs: totalUs / values.length,
      p50Us, p95Us, share: wallUs > 0 ? totalUs / wallUs : 0,
    };
  });
}

export interface Sort {
  readonly column: StageColumn;
  readonly descending: boolean;
}

export function sortStages(list: readonly Stage[], { column, descending }: Sort): Stage[] {
  const sign = descending ? -1 : 1;
  return [...list].sort((a, b) => {
    const [x, y] = [a[column], b[column]];
    const difference = typeof x === "string" || typeof y === "string" ? String(x).localeCompare(String(y)) : x - y;
    return sign * difference || a.name.localeCompare(b.name);
  });
}

/** A column clicked again turns round; a new one starts with what one looks for: names from A, numbers from the largest. */
export const sortBy = (sort: Sort, column: StageColumn): Sort =>
  sort.column === column ? { column, descending: !sort.descending } : { column, descending: column !== "name" };

/** How much of the wall time the leaf spans explain. */
export function accountedShare({ bases, name, count, startUs, endUs }: Layout, wallUs: number): number {
  const isLeaf = bases.map((base) => kindOf(base) === "leaf");
  let leaves = 0;
  for (let index = 0; index < count; index++) if (isLeaf[name[index]!]!) leaves += endUs[index]! - startUs[index]!;
  return wallUs > 0 ? leaves / wallUs : 0;
}
