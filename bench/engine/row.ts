import { median, ratio } from "../statistics.ts";

/** What a ratio (ours by the peer's) should be. */
export interface Bar {
  readonly at: "least" | "most";
  readonly value: number;
}

export const atLeast = (value: number): Bar => ({ at: "least", value });
export const atMost = (value: number): Bar => ({ at: "most", value });

/** One line of the table. */
export interface Row {
  readonly scenario: string;
  readonly figure: string;
  readonly unit: string;
  readonly ours: readonly number[];
  /** Null: nothing to compare with. */
  readonly peer: readonly number[] | null;
  readonly ratio: { readonly median: number; readonly low: number; readonly high: number } | null;
  /** A bar on the ratio, or on our own figure where there is no peer. Null: shown for information. */
  readonly bar: Bar | null;
  /** Null: no bar, or nothing to hold against it. */
  readonly met: boolean | null;
}

interface Measured {
  readonly scenario: string;
  readonly figure: string;
  readonly unit: string;
  readonly ours: readonly number[];
  readonly peer: readonly number[] | null;
  readonly bar?: Bar | undefined;
  /** The bar is on our figure itself, not on the ratio. */
  readonly absolute?: boolean | undefined;
}

export function row({ scenario, figure, unit, ours, peer, bar, absolute = false }: Measured): Row {
  // Nothing reused on the other side, say: a ratio to zero says nothing.
  const compared = peer === null || peer.includes(0) ? null : ratio(ours, peer);
  const judged = absolute ? median(ours) : compared?.median;
  return {
    scenario, figure, unit, ours, peer, ratio: compared,
    bar: bar ?? null,
    met: bar === undefined || judged === undefined ? null : meets(bar, judged),
  };
}

export function meets({ at, value }: Bar, figure: number): boolean {
  return at === "least" ? figure >= value : figure <= value;
}

const digits = (value: number): string => value.toFixed(value >= 100 ? 0 : value >= 10 ? 1 : 2);

/** The table as text, columns aligned. */
export function table(rows: readonly Row[]): string[] {
  const cells = rows.map(({ scenario, figure, unit, ours, peer, ratio: compared, bar, met }, index) => [
    rows[index - 1]?.scenario === scenario ? "" : scenario,
    figure,
    `${digits(median(ours))} ${unit}`,
    peer === null ? "" : digits(median(peer)),
    compared === null ? "" : `${compared.median.toFixed(2)} (${compared.low.toFixed(2)} to ${compared.high.toFixed(2)})`,
    bar === null ? "" : `${bar.at === "least" ? "≥" : "≤"} ${bar.value}`,
    met === null ? "" : met ? "met" : "MISSED",
  ]);
  const all = [["scenario", "figure", "ours", "peer", "ratio (low to high)", "bar", ""], ...cells];
  const widths = all[0]!.map((_, column) => Math.max(...all.map((line) => line[column]!.length)));
  return all.map((line) => line.map((cell, column) => cell.padEnd(widths[column]!)).join("  ").trimEnd());
}
