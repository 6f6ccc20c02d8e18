import type { Client } from "../client/index.ts";
import { InfernoError } from "../errors.ts";
import type { Trace, TraceSummary } from "../trace.ts";
import type { EarlierPrompt } from "./tokens.ts";

/** So many requests are looked through for the one before: a conversation's turns are near each other. */
const lookedAt = 8;

/**
 * The earlier request of this model whose prompt and answer begin most like this one's prompt: most often the conversation's turn before.
 * Null when none does, or when texts are not recorded.
 */
export async function earlierPrompt(client: Client, trace: Trace, traces: readonly TraceSummary[]): Promise<EarlierPrompt | null> {
  const { prompt } = trace;
  if (prompt === null) return null;
  const before = traces.filter(({ id, model, startedAt, status }) => id !== trace.id && model === trace.model && startedAt <= trace.startedAt && status !== "running");
  let best: EarlierPrompt | null = null;
  let longest = 0;
  for (const { id } of before.slice(0, lookedAt)) {
    const other = await traceOrNull(client, id);
    if (other === null || other.prompt === null || other.branch !== undefined) continue;
    const { spans: _spans, prompt: text, completion, ...rest } = other;
    const shared = sharedBeginning(prompt, text + (completion ?? ""));
    if (shared <= longest) continue;
    longest = shared;
    best = { trace: rest, prompt: text, completion: completion ?? "" };
  }
  return best;
}

/** Traces are dropped when there are too many; one that is gone meanwhile is nobody's turn before. */
async function traceOrNull(client: Client, id: string): Promise<Trace | null> {
  try {
    return await client.call("trace", { params: { id } });
  } catch (error) {
    if (InfernoError.from(error).code === "trace_not_found") return null;
    throw error;
  }
}

function sharedBeginning(a: string, b: string): number {
  let at = 0;
  while (at < a.length && a[at] === b[at]) at++;
  return at;
}
