import { quantile, sum } from "../statistics.ts";
import type { Stream } from "./job.ts";

/** What a run of streams comes to. The definitions are those of docs/guides/performance.md. */
export interface Figures {
  /** All answers' tokens by the time from the first request to the last text. */
  readonly tokensPerSecond: number;
  /** One stream's rate behind its first token: (tokens - 1) / (last text - first text), the median of the streams. */
  readonly decodeTokensPerSecond: number;
  /** Prompt tokens by the time to the first text, of the slowest stream. */
  readonly prefillTokensPerSecond: number;
  readonly ttftMeanMs: number;
  readonly ttftP95Ms: number;
  /** Time to the last stream's first text. */
  readonly ttftLastMs: number;
  /** 95th percentile of all gaps between two texts of one stream, over all streams. */
  readonly itlP95Ms: number;
  readonly itlMaxMs: number;
  readonly cachedTokens: number;
  readonly promptTokens: number;
  readonly completionTokens: number;
}

export type FigureName = keyof Figures;

const ttft = ({ sentMs, textMs }: Stream): number => {
  if (textMs[0] === undefined) throw new Error("A stream had no text.");
  return textMs[0] - sentMs;
};

export function figuresOf(streams: readonly Stream[]): Figures {
  const ttfts = streams.map(ttft);
  const gaps = streams.flatMap(({ textMs }) => textMs.slice(1).map((at, index) => at - textMs[index]!));
  const start = Math.min(...streams.map(({ sentMs }) => sentMs));
  const end = Math.max(...streams.map(({ textMs }) => textMs.at(-1)!));
  const tokens = sum(streams.map(({ completionTokens }) => completionTokens));
  const promptTokens = sum(streams.map((stream) => stream.promptTokens));
  const decode = streams.filter(({ textMs }) => textMs.length > 1)
    .map((stream) => (stream.completionTokens - 1) / ((stream.textMs.at(-1)! - stream.textMs[0]!) / 1000));
  return {
    tokensPerSecond: tokens / ((end - start) / 1000),
    decodeTokensPerSecond: decode.length === 0 ? 0 : quantile(decode, 0.5),
    prefillTokensPerSecond: promptTokens / (Math.max(...ttfts) / 1000),
    ttftMeanMs: sum(ttfts) / ttfts.length,
    ttftP95Ms: quantile(ttfts, 0.95),
    ttftLastMs: Math.max(...ttfts),
    itlP95Ms: gaps.length === 0 ? 0 : quantile(gaps, 0.95),
    itlMaxMs: Math.max(0, ...gaps),
    cachedTokens: sum(streams.map((stream) => stream.cachedTokens)),
    promptTokens,
    completionTokens: tokens,
  };
}
