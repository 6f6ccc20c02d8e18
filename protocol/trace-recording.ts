import { ByteReader, ByteWriter } from "../base/bytes.ts";
import { chosenByNames, guessNames, type ChosenBy, type Guess } from "./trace-tokens.ts";

/**
 * A recording is a row of parts, each a kind (u8), a length (u32) and as many bytes; little-endian throughout. Whoever records only ever adds
 * parts, and nobody takes one apart until somebody wants to see it. Readers skip kinds they do not know.
 */
export const recordingParts = { prompt: 1, tokens: 2, vitals: 3 } as const;
export type RecordingPart = keyof typeof recordingParts;

/** One chosen token, as it is recorded. */
export interface TokenRow {
  readonly id: number;
  readonly logprob: number;
  readonly entropy: number;
  readonly top: readonly { readonly id: number; readonly logprob: number }[];
  readonly chosenBy: ChosenBy;
  readonly guess: Guess;
  /** On the machine's monotonic clock. */
  readonly timeUs: number;
  readonly step: number;
  readonly batch: number;
  readonly cells: number;
  readonly poolCells: number;
}

/** Rows of one answer. Without `pieces` the ids and candidates were not recorded: all ids are -1. */
export interface TokenBlock {
  readonly answer: number;
  readonly rows: readonly TokenRow[];
  readonly pieces: Pieces | null;
}

/** The bytes of every token that a block names. */
export type Pieces = ReadonlyMap<number, Uint8Array>;

export interface PromptBlock {
  readonly ids: readonly number[];
  readonly pieces: Pieces;
}

export interface VitalsRow {
  readonly timeUs: number;
  readonly loopDelayUs: number;
  readonly rssBytes: number | null;
  readonly cells: number;
  readonly cellsInAll: number;
  readonly sequences: number;
  readonly threads: number | null;
  readonly othersBusy: number | null;
}

const rowBytes = 4 + 4 + 1 + 1 + 8 + 4 + 2 + 4 + 4;

/** `pieceOf`: null leaves out all that is text. */
export function encodeTokens(answer: number, rows: readonly TokenRow[], pieceOf: ((id: number) => Uint8Array) | null): Uint8Array {
  const out = new ByteWriter(64 + 128 * rows.length);
  out.u8(pieceOf === null ? 0 : 1);
  out.u16(answer);
  out.u32(rows.length);
  for (const { logprob, entropy, chosenBy, guess, timeUs, step, batch, cells, poolCells } of rows) {
    out.f32(logprob);
    out.f32(entropy);
    out.u8(chosenByNames.indexOf(chosenBy));
    out.u8(guessNames.indexOf(guess));
    out.f64(timeUs);
    out.u32(step);
    out.u16(batch);
    out.u32(cells);
    out.u32(poolCells);
  }
  if (pieceOf === null) return out.finish();
  const named = new Set<number>();
  for (const { id, top } of rows) {
    out.u32(id);
    named.add(id);
    out.u8(top.length);
    for (const each of top) {
      out.u32(each.id);
      out.f32(each.logprob);
      named.add(each.id);
    }
  }
  writePieces(out, named, pieceOf);
  return out.finish();
}

/** Throws RangeError where the bytes are no such block. */
export function decodeTokens(bytes: Uint8Array): TokenBlock {
  const from = new ByteReader(bytes);
  const withText = from.u8() === 1;
  const answer = from.u16();
  const numbers = from.many(from.u32(), rowBytes, () => ({
    logprob: from.f32(), entropy: from.f32(), chosenBy: nameAt(chosenByNames, from.u8()), guess: nameAt(guessNames, from.u8()),
    timeUs: from.f64(), step: from.u32(), batch: from.u16(), cells: from.u32(), poolCells: from.u32(),
  }));
  if (!withText) return { answer, rows: numbers.map((row) => ({ ...row, id: -1, top: [] })), pieces: null };
  const rows = numbers.map((row) => ({ ...row, id: from.u32(), top: from.many(from.u8(), 8, () => ({ id: from.u32(), logprob: from.f32() })) }));
  return { answer, rows, pieces: readPieces(from) };
}

export function encodePrompt(ids: readonly number[], pieceOf: (id: number) => Uint8Array): Uint8Array {
  const out = new ByteWriter(64 + 16 * ids.length);
  out.u32(ids.length);
  for (const id of ids) out.u32(id);
  writePieces(out, new Set(ids), pieceOf);
  return out.finish();
}

/** Throws RangeError where the bytes are no such block. */
export function decodePrompt(bytes: Uint8Array): PromptBlock {
  const from = new ByteReader(bytes);
  return { ids: from.many(from.u32(), 4, () => from.u32()), pieces: readPieces(from) };
}

/** Null as a number: none of these is ever negative. */
const absent = -1;
const vitalsBytes = 8 * 8;

export function encodeVitals(rows: readonly VitalsRow[]): Uint8Array {
  const out = new ByteWriter(vitalsBytes * rows.length + 8);
  for (const row of rows) {
    out.f64(row.timeUs);
    out.f64(row.loopDelayUs);
    for (const value of [row.rssBytes, row.cells, row.cellsInAll, row.sequences, row.threads, row.othersBusy]) out.f64(value ?? absent);
  }
  return out.finish();
}

/** Throws RangeError where the bytes are no such block. */
export function decodeVitals(bytes: Uint8Array): VitalsRow[] {
  if (bytes.length % vitalsBytes !== 0) throw new RangeError(`vitals of ${bytes.length} bytes, where each look takes ${vitalsBytes}`);
  const from = new ByteReader(bytes);
  const maybe = (): number | null => {
    const value = from.f64();
    return value === absent ? null : value;
  };
  return from.many(bytes.length / vitalsBytes, vitalsBytes, () => ({
    timeUs: from.f64(), loopDelayUs: from.f64(), rssBytes: maybe(), cells: from.f64(), cellsInAll: from.f64(), sequences: from.f64(), threads: maybe(), othersBusy: maybe(),
  }));
}

export function encodeParts(parts: readonly (readonly [RecordingPart, Uint8Array])[]): Uint8Array {
  const out = new ByteWriter(parts.reduce((sum, [, bytes]) => sum + bytes.length + 5, 8));
  for (const [kind, bytes] of parts) {
    out.u8(recordingParts[kind]);
    out.u32(bytes.length);
    out.bytes(bytes);
  }
  return out.finish();
}

/** Throws RangeError where the bytes end inside a part. */
export function decodeParts(bytes: Uint8Array): (readonly [RecordingPart, Uint8Array])[] {
  const from = new ByteReader(bytes);
  const parts: (readonly [RecordingPart, Uint8Array])[] = [];
  while (from.left > 0) {
    const number = from.u8();
    const body = from.bytes(from.u32());
    const kind = (Object.keys(recordingParts) as RecordingPart[]).find((name) => recordingParts[name] === number);
    if (kind !== undefined) parts.push([kind, body]);
  }
  return parts;
}

function writePieces(out: ByteWriter, ids: ReadonlySet<number>, pieceOf: (id: number) => Uint8Array): void {
  out.u32(ids.size);
  for (const id of ids) {
    const piece = pieceOf(id);
    out.u32(id);
    out.u16(piece.length);
    out.bytes(piece);
  }
}

function readPieces(from: ByteReader): Pieces {
  return new Map(from.many(from.u32(), 6, () => [from.u32(), from.bytes(from.u16())] as const));
}

function nameAt<T extends string>(names: readonly T[], index: number): T {
  const name = names[index];
  if (name === undefined) throw new RangeError(`number ${index} of ${names.join(", ")}`);
  return name;
}
