import { InfernoError } from "../../../../protocol/errors.ts";
import { withoutNaN } from "../float-values.ts";
import type { GraphValue, Session } from "../session.ts";
import { int64, type Tensor, type Tensors } from "../tensors.ts";
import { checkType, floatsOf, freeAsOne, valueNamed } from "./graph-values.ts";

/** An input that holds what earlier runs computed, and the output that becomes it. */
interface CacheSlot {
  readonly past: GraphValue;
  readonly present: string;
  /** Computed from the encoder's states alone: once, in the first run. */
  readonly fromEncoder: boolean;
}

/** The parts of one answer's cache; it belongs to whoever decodes. */
export type DecoderCache = Tensors;

const names = { ids: "input_ids", states: "encoder_hidden_states", branch: "use_cache_branch" } as const;

/**
 * A decoder as Hugging Face exports it with both branches in one file: `use_cache_branch` says whether the inputs `past_key_values.…` hold anything;
 * the outputs `present.…` are the next run's. In the branch with a cache, the encoder's part comes out empty: the first run's is kept.
 */
export class CachedDecoder {
  readonly #session: Session;
  readonly #slots: readonly CacheSlot[];
  readonly #logits: string;

  /** Throws `manifest_invalid` for a graph of another kind. */
  constructor(session: Session) {
    this.#session = session;
    const inputs = session.inputs.map(({ name }) => name);
    const outputs = session.outputs.map(({ name }) => name);
    this.#slots = session.inputs.filter(({ name }) => name.startsWith("past_key_values.")).map((past) => {
      const present = past.name.replace("past_key_values.", "present.");
      if (!outputs.includes(present)) throw misfit(`it has an input ${past.name} and no output ${present}`);
      return { past, present, fromEncoder: past.name.includes(".encoder.") };
    });
    for (const name of [names.ids, names.states]) if (!inputs.includes(name)) throw misfit(`it has no input ${name}`);
    checkType("decoder", valueNamed(session.inputs, names.ids), "int64");
    const strange = inputs.find((name) => !Object.values<string>(names).includes(name) && !name.startsWith("past_key_values."));
    if (strange !== undefined) throw misfit(`nothing is known to put into its input ${strange}`);
    if (this.#slots.length === 0) throw misfit("it has no inputs past_key_values.…, so each token would cost as much as all before; export the model with its cache (merged)");
    const logits = outputs.find((name) => name === "logits") ?? outputs.find((name) => !name.startsWith("present."));
    if (logits === undefined) throw misfit("it has no output logits");
    this.#logits = logits;
  }

  /** Logits for what follows the ids, and the cache that then holds them. `cache`: of all ids before; null at the beginning. */
  async step(states: Tensor, ids: readonly number[], cache: DecoderCache | null): Promise<{ readonly logits: Float32Array; readonly cache: DecoderCache }> {
    const wanted = this.#slots.filter(({ fromEncoder }) => cache === null || !fromEncoder);
    const past = cache ?? Object.fromEntries(this.#slots.map(({ past: input }) => [input.name, empty(input)]));
    const branch: Tensors = this.#session.inputs.some(({ name }) => name === names.branch) ? { [names.branch]: { type: "bool", shape: [1], data: Uint8Array.of(cache === null ? 0 : 1) } } : {};
    const feeds = { [names.ids]: int64(BigInt64Array.from(ids, BigInt), [1, ids.length]), [names.states]: states, ...past, ...branch };
    const outputs = await this.#session.run(feeds, [this.#logits, ...wanted.map(({ present }) => present)]);
    const next = Object.fromEntries(wanted.flatMap(({ past: input, present }) => (outputs[present] === undefined ? [] : [[input.name, outputs[present]]])));
    const logits = withoutNaN(floatsOf(outputs, this.#logits), "logits");
    const size = outputs[this.#logits]!.shape.at(-1) ?? logits.length;
    return { logits: logits.subarray(logits.length - size), cache: { ...past, ...next } };
  }
}

/** A cache without any place in it: [batch, heads, 0, size]. */
function empty({ name, type, shape }: GraphValue): Tensor {
  const sizes = freeAsOne(shape).with(2, 0);
  if (type === "float32") return { type, shape: sizes, data: new Float32Array() };
  if (type === "float16") return { type, shape: sizes, data: new Uint16Array() };
  throw misfit(`its input ${name} is ${type}, where floating-point numbers are expected`);
}

const misfit = (what: string): InfernoError => new InfernoError("manifest_invalid", `The decoder cannot be used: ${what}.`);
