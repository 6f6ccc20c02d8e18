/** How numbers are shown, everywhere in the panels. Pure; numbers are written the English way, like the rest of the text. */

const counts = new Intl.NumberFormat("en-US");

export const formatCount = (value: number): string => counts.format(value);

/** Three significant digits: more would suggest a precision that one measurement does not have. */
function significant(value: number): string {
  if (value >= 99.95) return counts.format(Math.round(value));
  return value >= 9.995 ? value.toFixed(1) : value.toFixed(2);
}

/** A length of time, given in microseconds. */
export function formatDuration(us: number): string {
  if (us === 0) return "0";
  if (us < 0) return `-${formatDuration(-us)}`;
  if (us < 999.5) return us < 0.005 ? "< 0.01 µs" : `${trim(significant(us))} µs`;
  if (us < 999_500) return `${significant(us / 1000)} ms`;
  if (us < 119_500_000) return `${significant(us / 1_000_000)} s`;
  const seconds = Math.round(us / 1_000_000);
  return `${counts.format(Math.floor(seconds / 60))} min ${String(seconds % 60).padStart(2, "0")} s`;
}

const trim = (digits: string): string => (digits.includes(".") ? digits.replace(/\.?0+$/, "") : digits);

/** A tick of a time axis: all ticks of one axis carry as many digits as their step needs to tell them apart. */
export function formatTick(us: number, stepUs: number): string {
  if (us === 0) return "0";
  const [unit, size] = stepUs >= 1_000_000 ? ["s", 1_000_000] : stepUs >= 1000 || Math.abs(us) >= 100_000 ? ["ms", 1000] : ["µs", 1];
  const digits = Math.max(0, Math.ceil(-Math.log10(stepUs / size) - 1e-9));
  return `${(us / size).toLocaleString("en-US", { minimumFractionDigits: digits, maximumFractionDigits: digits })} ${unit}`;
}

/** A part of a whole, 0 to 1. */
export function formatShare(share: number): string {
  if (!Number.isFinite(share)) return "–";
  if (share > 0 && share < 0.0005) return "< 0.1 %";
  return `${(share * 100).toFixed(1)} %`;
}

export const formatRate = (tokensPerSecond: number | null): string => (tokensPerSecond === null ? "–" : `${significant(tokensPerSecond)} tokens/s`);

/** A speed as profiles give it: bytes or operations by microseconds. */
export const formatGiga = (amount: number, us: number, unit: "GB/s" | "GFLOP/s"): string => (us > 0 ? `${significant(amount / us / 1000)} ${unit}` : "–");

export function formatBytes(bytes: number): string {
  const units = ["B", "KiB", "MiB", "GiB", "TiB"];
  const power = Math.min(units.length - 1, Math.max(0, Math.floor(Math.log2(Math.max(1, bytes)) / 10)));
  return power === 0 ? `${bytes} B` : `${significant(bytes / 1024 ** power)} ${units[power] ?? ""}`;
}

/** `1 token`, `2 tokens`. */
export const formatPlural = (count: number, one: string, many = `${one}s`): string => `${formatCount(count)} ${count === 1 ? one : many}`;

/** The time of day of an ISO date, with the date in front when it is not today's. */
export function formatMoment(iso: string, now: Date): string {
  const moment = new Date(iso);
  if (Number.isNaN(moment.getTime())) return iso;
  const two = (value: number) => String(value).padStart(2, "0");
  const time = `${two(moment.getHours())}:${two(moment.getMinutes())}:${two(moment.getSeconds())}`;
  if (moment.toDateString() === now.toDateString()) return time;
  return `${moment.getFullYear()}-${two(moment.getMonth() + 1)}-${two(moment.getDate())} ${time}`;
}
