const units = ["B", "kB", "MB", "GB", "TB"];

/** Bytes as a person reads them, in SI units: "1.23 GB". */
export function formatBytes(bytes: number): string {
  let value = bytes;
  let unit = 0;
  // 999.5 would round to "1000 kB".
  while (value >= 999.5 && unit < units.length - 1) {
    value /= 1000;
    unit += 1;
  }
  return `${unit === 0 ? value : significant(value)} ${units[unit]!}`;
}

/** Three significant digits without exponent: 1.23, 12.3, 123, 1234. */
export function significant(value: number): string {
  if (value >= 99.95) return value.toFixed(0);
  return value >= 9.995 ? value.toFixed(1) : value.toFixed(2);
}
