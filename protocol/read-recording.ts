import { decodeParts, decodePrompt, decodeTokens, decodeVitals, type TokenBlock, type TokenRow, type VitalsRow } from "./trace-recording.ts";
import type { AnswerTokens, RecordLevel, TraceTokens, Vitals } from "./trace-tokens.ts";

/** What stands beside the bytes of a recording. */
export interface RecordingFacts {
  readonly id: string;
  readonly recording: RecordLevel;
  readonly live: boolean;
  readonly complete: boolean;
  /** The trace's start on the machine's monotonic clock, which the recording's times are of. */
  readonly startUs: number;
  /** Prompt tokens that were not computed again. */
  readonly cached: number;
}

/** Columns of a recording's bytes. Throws RangeError where they are none. */
export function readRecording(facts: RecordingFacts, bytes: Uint8Array, only?: number): TraceTokens {
  const { id, recording, live, complete, startUs, cached } = facts;
  const parts = decodeParts(bytes);
  const of = (kind: (typeof parts)[number][0]): Uint8Array[] => parts.flatMap(([name, body]) => (name === kind ? [body] : []));
  const prompt = of("prompt").map(decodePrompt).at(-1);
  const blocks = of("tokens").map(decodeTokens).filter(({ answer }) => only === undefined || answer === only);
  const numbers = [...new Set(blocks.map(({ answer }) => answer))].toSorted((a, b) => a - b);
  return {
    id, recording, live, complete,
    ...textsOf([...(prompt?.pieces ?? []), ...blocks.flatMap(({ pieces }) => [...(pieces ?? [])])]),
    prompt: prompt === undefined ? null : { ids: [...prompt.ids], cached },
    answers: numbers.map((answer) => columnsOf(answer, blocks.filter((block) => block.answer === answer), startUs)),
    vitals: vitalsOf(of("vitals").flatMap(decodeVitals), startUs),
  };
}

function columnsOf(answer: number, blocks: readonly TokenBlock[], startUs: number): AnswerTokens {
  const rows = blocks.flatMap((block) => block.rows);
  const text = blocks.every(({ pieces }) => pieces !== null);
  const column = <K extends keyof TokenRow>(key: K): TokenRow[K][] => rows.map((row) => row[key]);
  return {
    answer,
    ids: text ? column("id") : null,
    logprobs: column("logprob").map(finite),
    entropies: column("entropy").map(finite),
    topIds: text ? rows.map(({ top }) => top.map((each) => each.id)) : null,
    topLogprobs: text ? rows.map(({ top }) => top.map((each) => finite(each.logprob))) : null,
    chosenBy: column("chosenBy"),
    guesses: column("guess"),
    timesUs: column("timeUs").map((timeUs) => timeUs - startUs),
    steps: column("step"),
    batch: column("batch"),
    cells: column("cells"),
    poolCells: column("poolCells"),
  };
}

function vitalsOf(rows: readonly VitalsRow[], startUs: number): Vitals {
  const column = <K extends keyof VitalsRow>(key: K): VitalsRow[K][] => rows.map((row) => row[key]);
  return {
    timesUs: column("timeUs").map((timeUs) => timeUs - startUs),
    loopDelayUs: column("loopDelayUs"), rssBytes: column("rssBytes"), cells: column("cells"), cellsInAll: column("cellsInAll"),
    sequences: column("sequences"), threads: column("threads"), othersBusy: column("othersBusy"),
  };
}

/** JSON has neither infinity nor NaN. */
const finite = (value: number): number | null => (Number.isFinite(value) ? value : null);

function textsOf(all: readonly (readonly [number, Uint8Array])[]): Pick<TraceTokens, "pieces" | "partial"> {
  const exact = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });
  const lossy = new TextDecoder("utf-8", { ignoreBOM: true });
  const pieces: Record<string, string> = {};
  const partial: Record<string, string> = {};
  for (const [id, bytes] of all) {
    if (pieces[id] !== undefined) continue;
    try {
      pieces[id] = exact.decode(bytes);
    } catch {
      pieces[id] = lossy.decode(bytes);
      partial[id] = Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
    }
  }
  return { pieces, partial };
}

/** The exact bytes of a token of a recording; empty for one that is not in it. */
export function pieceBytes({ pieces, partial }: Pick<TraceTokens, "pieces" | "partial">, id: number): Uint8Array {
  const hex = partial[id];
  return hex === undefined ? new TextEncoder().encode(pieces[id] ?? "") : Uint8Array.from(hex.match(/../g) ?? [], (pair) => parseInt(pair, 16));
}
