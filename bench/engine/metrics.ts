import type { Target } from "../load/job.ts";

/** The daemon's counters at one moment. */
export type Metrics = ReadonlyMap<string, number>;

/** Prometheus' text: each line a name with labels, and a number. */
export function readMetrics(text: string): Metrics {
  const lines = text.split("\n").filter((line) => line !== "" && !line.startsWith("#"));
  return new Map(lines.map((line) => {
    const end = line.lastIndexOf(" ");
    return [line.slice(0, end), Number(line.slice(end + 1))];
  }));
}

export async function metricsOf({ url, token }: Target): Promise<Metrics> {
  const response = await fetch(`${url}/metrics`, { headers: token === null ? {} : { authorization: `Bearer ${token}` } });
  if (!response.ok) throw new Error(`${url}/metrics: HTTP ${response.status}`);
  return readMetrics(await response.text());
}

/** By how much a histogram grew: observations, and their sum. */
export function growth(before: Metrics, after: Metrics, name: string, model: string): { count: number; sum: number } {
  const labels = `{model="${model}"}`;
  const grown = (part: string): number => (after.get(`${name}_${part}${labels}`) ?? 0) - (before.get(`${name}_${part}${labels}`) ?? 0);
  return { count: grown("count"), sum: grown("sum") };
}
