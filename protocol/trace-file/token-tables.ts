import type { AnswerTokens, TraceTokens, Vitals } from "../trace-tokens.ts";
import type { Row, Series, Table, TraceContent } from "./content.ts";

/** The same content with what was recorded of the request's tokens, a row each, and of what went on around it. */
export function withTokens(content: TraceContent, tokens: TraceTokens): TraceContent {
  const { prompt, answers, pieces, vitals, complete } = tokens;
  const rows = answers.flatMap((answer) => answerRows(answer, pieces));
  const tables: Table[] = [
    ...(rows.length === 0 ? [] : [{ name: "tokens", rows }]),
    ...(prompt === null ? [] : [{ name: "prompt", rows: prompt.ids.map((id, index): Row => ({ id, text: pieces[id] ?? null, cached: index < prompt.cached })) }]),
  ];
  const notes = complete ? content.meta.notes : [...content.meta.notes, "The recording of tokens outgrew its limit: the latest are missing."];
  return { ...content, meta: { ...content.meta, notes }, tables: [...content.tables, ...tables], series: [...content.series, ...seriesOf(vitals)] };
}

function answerRows({ answer, ids, logprobs, entropies, topIds, topLogprobs, chosenBy, guesses, timesUs, steps, batch, cells, poolCells }: AnswerTokens, pieces: Readonly<Record<string, string>>): Row[] {
  return timesUs.map((timeUs, index): Row => {
    const id = ids?.[index] ?? null;
    const top = topIds?.[index] ?? null;
    return {
      answer, timeUs, id, text: id === null ? null : pieces[id] ?? null, logprob: logprobs[index] ?? null, entropy: entropies[index] ?? null,
      topIds: top, topTexts: top === null ? null : top.map((candidate) => pieces[candidate] ?? ""), topLogprobs: topLogprobs?.[index]?.map((value) => value ?? -Infinity) ?? null,
      chosenBy: chosenBy[index] ?? null, guess: guesses[index] ?? null, step: steps[index] ?? null, batch: batch[index] ?? null, cells: cells[index] ?? null, poolCells: poolCells[index] ?? null,
    };
  });
}

const units = { loopDelayUs: "us", rssBytes: "bytes", cells: "cells", sequences: "answers", threads: "threads", othersBusy: "cores" } as const satisfies Partial<Record<keyof Vitals, string>>;

function seriesOf(vitals: Vitals): Series[] {
  const names = Object.keys(units) as (keyof typeof units)[];
  return names.map((name): Series => ({
    name, unit: units[name],
    points: vitals.timesUs.flatMap((timeUs, index): [number, number][] => {
      const value = vitals[name][index];
      return value === null || value === undefined ? [] : [[timeUs, value]];
    }),
  })).filter(({ points }) => points.length > 0);
}
