import type { DebugToken } from "../../protocol/api/debug.ts";
import type { Branch } from "./branch.ts";

/** A token as conditions and expressions see it; whole numbers are CEL's `int`, others its `double`. docs/guides/debugging.md lists them. */
export interface TokenView {
  readonly index: bigint;
  readonly id: bigint;
  readonly piece: string;
  readonly text: string;
  readonly probability: number;
  readonly logprob: number;
  readonly entropy: number;
  readonly latency_ms: number;
  readonly chosen_by: string;
  readonly tool_call: string;
  readonly is_end: boolean;
  readonly dead_end: boolean;
  readonly batch: bigint;
  readonly cells: bigint;
  /** By text: the probability under the model's own logits of each recorded candidate. */
  readonly top: ReadonlyMap<string, number>;
}

const decode = (bytes: Uint8Array): string => new TextDecoder().decode(bytes);

/** Undefined for a token that is not known. */
export function viewOf(branch: Branch, token: number): TokenView | undefined {
  const known = branch.row(token);
  if (known === undefined) return undefined;
  const { row, bytes, call, isEnd, pieces } = known;
  return {
    index: BigInt(token), id: BigInt(row.id), piece: decode(bytes), text: branch.textTo(token),
    probability: Math.exp(row.logprob), logprob: row.logprob, entropy: row.entropy, latency_ms: latencyOf(known), chosen_by: row.chosenBy,
    tool_call: call ?? "", is_end: isEnd, dead_end: row.chosenBy === "grammar" || row.chosenBy === "end",
    batch: BigInt(row.batch), cells: BigInt(row.cells), top: new Map(row.top.map(({ logprob }, index) => [decode(pieces[index] ?? new Uint8Array()), Math.exp(logprob)])),
  };
}

/** All that is known without asking the model's process. */
export function describeToken(branch: Branch, token: number): Omit<DebugToken, "stages" | "grammar"> | undefined {
  const known = branch.row(token);
  if (known === undefined) return undefined;
  const { row, bytes, call } = known;
  const { id, logprob, entropy, chosenBy, guess, step, batch, cells, poolCells } = row;
  return {
    trace: branch.id, index: token, id, text: decode(bytes), probability: number(Math.exp(logprob)), logprob: number(logprob), entropy: number(entropy),
    chosenBy, guess, step, batch, cells, poolCells, latencyMs: latencyOf(known), toolCall: call,
  };
}

const latencyOf = ({ row, sinceUs }: { readonly row: { readonly timeUs: number }; readonly sinceUs: number }): number => (row.timeUs - sinceUs) / 1000;

/** JSON has no others. */
const number = (value: number): number | null => (Number.isFinite(value) ? value : null);
