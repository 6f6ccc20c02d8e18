import type { DebugToken } from "../../../protocol/api/debug.ts";
import type { Translate } from "../../translate.ts";
import type { Debuggee } from "./debuggee.ts";
import { quoted } from "./token-lines.ts";

/** Frames by what they show; the numbers are the editor's ids. Innermost last. */
export const frameIds = { request: 1, turn: 2, token: 3, stage: 4 } as const;

export interface Frame {
  readonly id: number;
  readonly name: string;
  /** Line of the token document, from 0. */
  readonly line: number;
  /** Only a caption: nothing can be chosen there. */
  readonly isLabel: boolean;
}

/** Where the debuggee stands, down to the sampler's stage that a person stepped into. */
export class PlaceView {
  readonly #debuggee: Debuggee;
  readonly #t: Translate;
  #token: Promise<DebugToken | null> | null = null;
  #stage: number | null = null;

  constructor(debuggee: Debuggee, t: Translate) {
    this.#debuggee = debuggee;
    this.#t = t;
  }

  /** It stands at another place. */
  moved(): void {
    this.#token = null;
    this.#stage = null;
  }

  get stage(): number | null {
    return this.#stage;
  }

  /** Null before the first token, and where it attached, until there is the next one. */
  async token(): Promise<DebugToken | null> {
    const { token } = this.#debuggee.state.at;
    if (token === null) return null;
    return await (this.#token ??= this.#debuggee.token(token));
  }

  /** Into the stages of the token, or from one to the next; false behind the last. */
  async stageIn(): Promise<boolean> {
    const stages = (await this.token())?.stages ?? [];
    const next = this.#stage === null ? 0 : this.#stage + 1;
    if (next >= stages.length) return false;
    this.#stage = next;
    return true;
  }

  /** From a stage to the token; false where it stands in none. */
  stageOut(): boolean {
    if (this.#stage === null) return false;
    this.#stage = null;
    return true;
  }

  /** From a stage to the one before it, from the first to the token. */
  stageBack(): boolean {
    if (this.#stage === null) return false;
    this.#stage = this.#stage === 0 ? null : this.#stage - 1;
    return true;
  }

  /** Innermost first. */
  async frames(): Promise<readonly Frame[]> {
    const { state, branch } = this.#debuggee;
    const token = await this.token();
    const line = state.at.token ?? 0;
    const stage = this.#stage === null ? undefined : token?.stages?.[this.#stage];
    const turn = turnsTo(state.branches, branch.trace);
    const frame = (kind: keyof typeof frameIds, name: string): Frame => ({ id: frameIds[kind], name, line, isLabel: false });
    return [
      ...(stage === undefined ? [] : [frame("stage", this.#t("{0}: {1} kept", stage.name, stage.kept))]),
      ...(state.at.token === null ? [] : [frame("token", token === null ? this.#t("token {0}", line) : this.#t("token {0}: {1}", line, quoted(token.text)))]),
      { ...frame("turn", this.#t("turn {0}", turn)), line: 0 },
      { ...frame("request", this.#t("request {0}", state.model)), line: 0, isLabel: true },
    ];
  }
}

/** How many turns lead to a branch, itself counted. */
function turnsTo(branches: Debuggee["state"]["branches"], trace: string): number {
  const branch = branches.find((each) => each.trace === trace);
  if (branch === undefined) return 0;
  const before = branch.parent === null ? 0 : turnsTo(branches, branch.parent.trace);
  return branch.kind === "fork" ? before : before + 1;
}
