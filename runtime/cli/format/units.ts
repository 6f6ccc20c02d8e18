import { significant } from "../../../base/format-bytes.ts";

export { formatBytes } from "../../../base/format-bytes.ts";

/** Numbers as a person reads them. All take plain SI input: bytes, microseconds. */

export function formatUs(us: number): string {
  if (us < 999.5) return `${Math.round(us)} µs`;
  if (us < 999_500) return `${significant(us / 1000)} ms`;
  return `${significant(us / 1_000_000)} s`;
}

export function formatPercent(share: number): string {
  const percent = share * 100;
  // "0 %" would say that nothing happened.
  if (percent > 0 && percent < 0.1) return "<0.1 %";
  return `${percent.toFixed(1)} %`;
}

export function formatRate(tokensPerSecond: number | null): string {
  return tokensPerSecond === null ? "–" : `${significant(tokensPerSecond)} tokens/s`;
}

/** How long ago, to the coarsest unit that says something. */
export function formatAgo(thenMs: number, nowMs: number): string {
  const seconds = Math.max(0, Math.round((nowMs - thenMs) / 1000));
  if (seconds < 60) return `${seconds} s ago`;
  if (seconds < 3600) return `${Math.floor(seconds / 60)} min ago`;
  if (seconds < 86_400) return `${Math.floor(seconds / 3600)} h ago`;
  return `${Math.floor(seconds / 86_400)} d ago`;
}
