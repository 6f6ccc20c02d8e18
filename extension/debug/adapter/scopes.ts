import type { DebugAction, DebugStage, DebugState, DebugToken } from "../../../protocol/api/debug.ts";
import { samplingFields } from "../../../protocol/api/openai.ts";
import { InfernoError } from "../../../protocol/errors.ts";
import { chosenByTable } from "../../../protocol/trace-tokens.ts";
import type { Trace } from "../../../protocol/trace.ts";
import type { Translate } from "../../translate.ts";
import { candidateNodes } from "./candidates.ts";
import { leaf, type Node } from "./nodes.ts";
import { branchName, percent, quoted } from "./token-lines.ts";

type Change = Extract<DebugAction, { do: "fork" | "select" }>;

export interface ScopeParts {
  readonly state: DebugState;
  /** Null before the first token. */
  readonly token: DebugToken | null;
  /** The stage of the frame that was chosen; null for the token's own. */
  readonly stage: number | null;
  readonly trace: () => Promise<Trace>;
  /** Makes another branch, or goes to one. */
  readonly change: (action: Change) => Promise<void>;
  readonly t: Translate;
}

/** The scopes of a frame, as rows whose rows are the variables. */
export function scopesOf(parts: ScopeParts): readonly Node[] {
  const { token, t } = parts;
  const scope = (name: string, children: NonNullable<Node["children"]>): Node => ({ name, value: "", children });
  const ofToken = token === null ? [] : [
    scope(t("Token"), () => tokenNodes(token, parts)),
    scope(t("Candidates"), () => stagesShown(token, parts.stage).flatMap((at) => stageNode(token.stages ?? [], at, parts))),
    scope(t("Sampler"), async () => settingNodes((await parts.trace()).parameters, token, parts)),
    scope(t("KV cache"), () => [leaf(t("cells of this answer"), token.cells, { evaluateName: "cells" }), leaf(t("cells in use in the pool"), token.poolCells)]),
    scope(t("Timings"), async () => timingNodes(await parts.trace(), token, t)),
  ];
  return [...ofToken, scope(t("Branches"), () => branchNodes(parts))];
}

function tokenNodes(token: DebugToken, { change, t }: ScopeParts): readonly Node[] {
  const fork = async (chosen: Pick<Change & { do: "fork" }, "choose" | "text">): Promise<void> => await change({ do: "fork", token: token.index, ...chosen });
  return [
    leaf("index", token.index, { evaluateName: "index" }),
    leaf("id", token.id, {
      evaluateName: "id",
      set: async (value) => {
        const id = Number(value);
        if (!/^\s*\d+\s*$/.test(value) || !Number.isSafeInteger(id)) throw new InfernoError("invalid_request", t("A token's id is a whole number."));
        await fork({ choose: id });
        return String(id);
      },
    }),
    leaf("text", quoted(token.text), {
      evaluateName: "piece",
      set: async (value) => {
        const text = unquoted(value);
        await fork({ text });
        return quoted(text);
      },
    }),
    leaf("probability", percent(token.probability), { evaluateName: "probability" }),
    leaf("logprob", token.logprob, { evaluateName: "logprob" }),
    leaf("entropy", token.entropy, { evaluateName: "entropy" }),
    leaf("latency_ms", token.latencyMs, { evaluateName: "latency_ms" }),
    leaf("chosen_by", token.chosenBy, { evaluateName: "chosen_by", children: () => [leaf(t("meaning"), chosenByTable[token.chosenBy])] }),
    ...(token.toolCall === null ? [] : [leaf("tool_call", token.toolCall, { evaluateName: "tool_call" })]),
    ...(token.guess === "none" ? [] : [leaf("guess", token.guess)]),
    leaf("grammar", grammarText(token, t), { evaluateName: "dead_end" }),
  ];
}

function grammarText({ grammar }: DebugToken, t: Translate): string {
  if (grammar === null) return t("none");
  return grammar.refused === null ? t("allowed the samplers' choice") : t("refused token {0}", grammar.refused);
}

const stagesShown = ({ stages }: DebugToken, stage: number | null): readonly number[] => (stage === null ? (stages ?? []).map((_, at) => at) : [stage]);

function stageNode(stages: readonly DebugStage[], at: number, { t, stage: shown }: ScopeParts): readonly Node[] {
  const stage = stages[at];
  if (stage === undefined) return [];
  const rows = candidateNodes(stage, stages[at - 1], t);
  return shown === null ? [{ name: stage.name, value: t("{0} kept", stage.kept), children: () => rows }] : rows;
}

/** `topK` of a trace is `top_k` of a request. */
const fieldOf = (name: string): string => name.replaceAll(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);

function settingNodes(parameters: Readonly<Record<string, unknown>>, token: DebugToken, { change }: ScopeParts): readonly Node[] {
  return Object.entries(parameters).flatMap(([parameter, value]) => {
    const name = fieldOf(parameter);
    if (!(name in samplingFields) || (typeof value !== "number" && typeof value !== "string" && !Array.isArray(value))) return [];
    const set = async (typed: string): Promise<string> => {
      await change({ do: "fork", token: token.index, sampling: { [name]: jsonOrText(typed) } });
      return typed;
    };
    return [leaf(name, Array.isArray(value) ? JSON.stringify(value) : value, { set })];
  });
}

function timingNodes(trace: Trace, token: DebugToken, t: Translate): readonly Node[] {
  const ms = (us: number | null): string => (us === null ? "–" : `${(us / 1000).toFixed(1)} ms`);
  return [
    leaf(t("this token"), token.latencyMs === null ? null : `${token.latencyMs.toFixed(2)} ms`, { evaluateName: "latency_ms" }),
    leaf(t("decode step"), token.step),
    leaf(t("answers in the step"), token.batch, { evaluateName: "batch" }),
    leaf(t("time to first token"), ms(trace.ttftUs)),
    leaf(t("prompt tokens"), trace.promptTokens),
    leaf(t("prompt tokens taken from the cache"), trace.reuse?.tokens ?? null),
  ];
}

function branchNodes({ state, change, t }: ScopeParts): readonly Node[] {
  const current = state.branches.findIndex(({ trace }) => trace === state.at.trace);
  const set = async (value: string): Promise<string> => {
    await change({ do: "select", trace: branchNumbered(state, value, t) });
    return value;
  };
  return [
    leaf(t("current"), current + 1, { set }),
    ...state.branches.map((branch, at): Node => ({
      name: String(at + 1), value: `${branchName(state, branch.trace)}: ${quoted(branch.text.slice(-80))}`,
      children: () => [
        leaf("trace", branch.trace), leaf("kind", branch.kind), leaf("tokens", branch.tokens), leaf("text", quoted(branch.text)), leaf(t("over"), branch.over),
        ...(branch.error === null ? [] : [leaf(t("error"), branch.error.error.message)]),
      ],
    })),
  ];
}

/** The trace of the branch that a person calls by its number. */
export function branchNumbered({ branches }: DebugState, number: string, t: Translate): string {
  const branch = /^\s*\d+\s*$/.test(number) ? branches[Number(number) - 1] : undefined;
  if (branch === undefined) throw new InfernoError("invalid_request", t("There is no branch {0}; there are 1 to {1}.", number.trim(), branches.length));
  return branch.trace;
}

/** What a person types as a text, with or without quotes. */
export function unquoted(typed: string): string {
  const value = jsonOrText(typed.trim());
  return typeof value === "string" && typed.trim().startsWith('"') ? value : typed;
}

function jsonOrText(typed: string): unknown {
  try {
    return JSON.parse(typed);
  } catch {
    return typed;
  }
}
