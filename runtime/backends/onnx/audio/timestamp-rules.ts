import type { SpokenSegment } from "../../../../protocol/infer.ts";
import type { SpeechTokens } from "./speech-tokens.ts";

/** The most likely token among those that may follow. `logits` are of one place; `said`: the answer so far, without its start. */
export function nextToken(logits: Float32Array, said: readonly number[], tokens: SpeechTokens, timestamps: boolean): number {
  const allowed = timestamps ? withTimes(logits, said, tokens) : withoutTimes(tokens);
  let best = tokens.end;
  let most = -Infinity;
  logits.forEach((logit, id) => {
    if (logit <= most || !allowed(id)) return;
    best = id;
    most = logit;
  });
  return best;
}

type Allowed = (id: number) => boolean;

const withoutTimes = ({ times }: SpeechTokens): Allowed => (id) => !times.has(id);

/**
 * How recognisers are trained to write times: one first, then text, then the segment's end and at once the next one's beginning; never back in time.
 * All times together count against the likeliest text, for their likelihood is spread over hundreds of tokens.
 */
function withTimes(logits: Float32Array, said: readonly number[], { times, end, noTimestamps }: SpeechTokens): Allowed {
  const last = said.at(-1);
  const before = said.at(-2);
  const afterTime = last !== undefined && times.has(last);
  const opened = afterTime && (before === undefined || times.has(before));
  const latest = said.findLast((id) => times.has(id));
  const least = latest === undefined ? 0 : times.get(latest)!;
  const timeAllowed: Allowed = (id) => {
    const time = times.get(id);
    // A segment's end has to be later than its beginning; the next one's beginning may be the same.
    return time !== undefined && !opened && (afterTime ? time >= least : time > least || latest === undefined);
  };
  if (said.length === 0) return timeAllowed;
  if (afterTime && !opened) return (id) => id === end || timeAllowed(id);
  if (!opened && timesOutweigh(logits, timeAllowed, times)) return timeAllowed;
  return (id) => id !== noTimestamps && (times.has(id) ? timeAllowed(id) : true);
}

function timesOutweigh(logits: Float32Array, timeAllowed: Allowed, times: ReadonlyMap<number, number>): boolean {
  let text = -Infinity;
  logits.forEach((logit, id) => {
    if (!times.has(id)) text = Math.max(text, logit);
  });
  let sum = 0;
  for (const id of times.keys()) if (timeAllowed(id)) sum += Math.exp((logits[id] ?? -Infinity) - text);
  return sum > 1;
}

/** Tokens of one chunk as segments; what has no times is one segment over the whole chunk. */
export function segmentsOf(said: readonly number[], tokens: Pick<SpeechTokens, "times">, chunk: { readonly start: number; readonly end: number }, textOf: (ids: number[]) => string): SpokenSegment[] {
  const segments: SpokenSegment[] = [];
  let start = chunk.start;
  let ids: number[] = [];
  const close = (end: number): void => {
    if (ids.length === 0) return;
    const text = textOf(ids).trim();
    if (text !== "") segments.push({ start, end: Math.min(end, chunk.end), text });
    ids = [];
  };
  for (const id of said) {
    const time = tokens.times.get(id);
    if (time === undefined) {
      ids.push(id);
      continue;
    }
    close(chunk.start + time);
    start = Math.min(chunk.start + time, chunk.end);
  }
  close(chunk.end);
  return segments;
}
