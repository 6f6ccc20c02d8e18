import type { DebugToken } from "../../protocol/api/debug.ts";
import { InfernoError } from "../../protocol/errors.ts";
import type { Branch } from "./branch.ts";

/** How a token was chosen, as its model's process saw it; of a token that was taken over, as it was chosen in the branch that it comes from. */
export async function stagesOf(branch: Branch, token: number): Promise<Pick<DebugToken, "stages" | "grammar">> {
  const { parent } = branch;
  if (branch.kind === "fork" && parent !== null && token < parent.token) return await stagesOf(parent.branch, token);
  try {
    const { choice, pieces } = await branch.model.ask("debugChoice", { request: branch.id, token }, new AbortController().signal);
    const textOf = (id: number): string => new TextDecoder().decode(pieces.get(id));
    return {
      grammar: choice?.grammar ?? null,
      stages: choice?.stages.map(({ candidates, ...stage }) => ({ ...stage, candidates: candidates.map(({ id, logit, probability }) => ({ id, text: textOf(id), logit: finite(logit), probability: finite(probability) })) })) ?? null,
    };
  } catch (error) {
    // The process that knew it has ended.
    if (InfernoError.from(error).code === "debug_impossible") return { stages: null, grammar: null };
    throw error;
  }
}

/** JSON has no others, and a model with broken weights has nothing else. */
const finite = (value: number): number => (Number.isFinite(value) ? value : 0);
