import { InfernoError } from "../../protocol/errors.ts";
import type { GenerateRequest, HostCall, HostCalls } from "./messages.ts";
import type { SequencePool } from "./sequence-pool.ts";
import { readStateFile, readStateHeader, writeStateFile } from "./state-files.ts";

export type StateCall = Extract<HostCall, { kind: "saveState" | "restoreState" }>;

export interface StateCallsOptions {
  readonly pool: SequencePool;
  /** The request's tokens, and the namespace of its adapters. */
  readonly prepare: (request: GenerateRequest) => { readonly tokens: readonly number[]; readonly namespace: string };
  /** Model, engine and cache format: see `StateHeader`. */
  readonly binding: string;
  readonly now: () => Date;
}

/** No token: a prompt with it behind its own is found with its own last token too. */
const beyond = -1;

/** Conversations' states between the KV cache and files. */
export class StateCalls {
  readonly #options: StateCallsOptions;

  constructor(options: StateCallsOptions) {
    this.#options = options;
  }

  answer(call: StateCall): HostCalls[StateCall["kind"]]["answered"] {
    return call.kind === "saveState" ? this.#save(call.path, call.request) : this.#restore(call.path);
  }

  #save(path: string, request: GenerateRequest): { tokens: number; bytes: number } {
    const { pool, prepare, binding, now } = this.#options;
    const { tokens, namespace } = prepare(request);
    const match = pool.match([...tokens, beyond], namespace);
    const state = match === null || match.ready === 0 ? null : pool.snapshot(match.sequence, match.ready, tokens);
    if (match === null || state === null) {
      throw new InfernoError("state_not_found", "Nothing of this conversation is in the KV cache: the model cannot keep it, or others needed the room.", {
        hint: "Set `prefix_cache.enabled: true` and raise `kv_cells`; models with a recurrent state cannot be saved.",
      });
    }
    const kept = Int32Array.from(tokens.slice(0, match.ready));
    return { tokens: kept.length, bytes: writeStateFile(path, { tokens: kept, state, namespace }, binding, now().toISOString()) };
  }

  #restore(path: string): { tokens: number; bytes: number } {
    const { pool, binding } = this.#options;
    const saved = readStateFile(path, binding);
    const header = readStateHeader(path);
    if (saved === null || header === null) {
      const why = header === null ? "its file is missing or damaged" : header.binding === binding ? "its file is damaged" : "it belongs to another model file, engine release or cache format";
      throw new InfernoError("state_not_found", `The state cannot be restored: ${why}.`, { param: "name" });
    }
    if (!pool.adopt(saved.state, Array.from(saved.tokens), saved.namespace)) {
      throw new InfernoError("context_length_exceeded", `The state's ${saved.tokens.length} tokens do not fit into the KV cache now.`, { param: "name", hint: "Raise `kv_cells`, or try again when fewer requests run." });
    }
    return { tokens: saved.tokens.length, bytes: header.size };
  }
}
