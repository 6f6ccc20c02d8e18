import { pointer, register, unregister } from "koffi";

import type { Clock } from "../../../../base/clock.ts";
import type { Disposable } from "../../../../base/disposable.ts";
import { median } from "../../../../base/median.ts";
import type { EngineOperation, StepProfile } from "../../backend.ts";
import type { Binding, Pointer } from "../native/llama.generated.ts";
import { costOf, isView, type Operand } from "./cost.ts";
import { layerOf } from "./layer.ts";
import { TensorReader, type TensorBytes } from "./tensor.ts";

/** What a node is: a copy, because the graph's memory is used again. */
interface NodeCopy {
  readonly node: TensorBytes;
  readonly sources: readonly (TensorBytes | null)[];
  readonly provider: string;
}

/** One node that ran. Times in microseconds since the step began. */
interface Ran {
  readonly tensor: Pointer;
  readonly copy: NodeCopy | null;
  startUs: number;
  endUs: number;
}

/** So many nodes of a step that do nothing are run alone, to see what the instrument itself takes. */
const emptiesWanted = 16;

/**
 * llama.cpp asks this about every node of a graph, and runs those alone that it is told to, with a call before and after. An operation's time goes from
 * the end of the question to the beginning of the second call: what we do in between calls is not in it.
 */
export class OperationRecorder implements Disposable {
  /** For `cb_eval`. */
  readonly callback: Pointer;
  readonly #binding: Binding;
  readonly #clock: Clock;
  readonly #reader: TensorReader;
  readonly #providers = new Map<Pointer, string>();
  #recording = false;
  #oneGraph = true;
  #origin = { clockUs: 0, atMs: 0 };
  #ran: Ran[] = [];
  #empties = 0;

  constructor(binding: Binding, clock: Clock) {
    this.#binding = binding;
    this.#clock = clock;
    this.#reader = new TensorReader(binding);
    const called = (tensor: Pointer, ask: boolean): boolean => (ask ? this.#asked(tensor) : this.#done());
    this.callback = register(called, pointer(binding.types.ggml_backend_sched_eval_callback));
  }

  /**
   * Records what `step` computes. `oneGraph`: it computes a single graph, which is still there when it is over. Then nodes are looked at afterwards:
   * what we do between two of them drives the model out of the processor's caches, and matrices took twice as long.
   */
  record<T>(step: () => T, oneGraph: boolean): T {
    this.#oneGraph = oneGraph;
    this.#ran = [];
    this.#empties = 0;
    this.#providers.clear();
    this.#origin = { clockUs: this.#clock.nowUs(), atMs: performance.now() };
    this.#recording = true;
    try {
      return step();
    } finally {
      this.#recording = false;
    }
  }

  /** Of what was recorded last; making it takes as long as the step. */
  profile(threads: number): StepProfile {
    const ran = this.#ran.splice(0);
    const operations: EngineOperation[] = [];
    const empties: number[] = [];
    let betweenUs = 0;
    for (const [index, each] of ran.entries()) {
      betweenUs += index === 0 ? 0 : each.startUs - (ran[index - 1]?.endUs ?? each.startUs);
      const copy = each.copy ?? this.#copy(each.tensor);
      if (!isView(this.#reader.op(copy.node))) {
        operations.push(this.#operation(copy, each));
        continue;
      }
      empties.push(each.endUs - each.startUs);
      betweenUs += each.endUs - each.startUs;
    }
    return { operations, threads, emptyUs: empties.length === 0 ? null : tenths(median(empties)), betweenUs: tenths(betweenUs) };
  }

  dispose(): void {
    if (this.callback !== null) unregister(this.callback);
  }

  #nowUs(): number {
    return (performance.now() - this.#origin.atMs) * 1000;
  }

  #asked(tensor: Pointer): boolean {
    if (!this.#recording) return false;
    const empty = isView(this.#reader.opAt(tensor));
    if (empty && this.#empties === emptiesWanted) return false;
    if (empty) this.#empties += 1;
    const ran: Ran = { tensor, copy: this.#oneGraph ? null : this.#copy(tensor), startUs: 0, endUs: 0 };
    this.#ran.push(ran);
    ran.startUs = this.#nowUs();
    return true;
  }

  #done(): boolean {
    const endUs = this.#nowUs();
    const ran = this.#ran.at(-1);
    if (ran !== undefined) ran.endUs = endUs;
    return true;
  }

  #copy(tensor: Pointer): NodeCopy {
    const node = this.#reader.copy(tensor);
    return { node, sources: this.#reader.sources(node), provider: this.#provider(this.#reader.buffer(node)) };
  }

  #provider(buffer: Pointer): string {
    if (buffer === null) return "";
    const known = this.#providers.get(buffer) ?? this.#binding.ggml_backend_buffer_name(buffer) ?? "";
    this.#providers.set(buffer, known);
    return known;
  }

  #operation({ node, sources, provider }: NodeCopy, { startUs, endUs }: Ran): EngineOperation {
    const { clockUs } = this.#origin;
    const facts = this.#reader.facts(node);
    const operands = sources.map((source) => (source === null ? null : this.#reader.facts(source)));
    const given = operands.filter((operand) => operand !== null);
    const operand = ({ type, ne }: { readonly type: number; readonly ne: Operand["ne"] }): Operand => ({ ne, elementBytes: this.#elementBytes(type) });
    const { bytes, flops } = costOf({ op: facts.op, result: operand(facts), sources: operands.map((it) => it && operand(it)) });
    const layer = layerOf([facts.name, ...given.map(({ name }) => name)]);
    const weight = given.find(({ name }) => name.endsWith(".weight"))?.name;
    const shape = ({ type, ne }: { readonly type: number; readonly ne: readonly number[] }): string => `${this.#typeName(type)}[${trimmed(ne).join(",")}]`;
    return {
      name: facts.name, operator: this.#binding.ggml_op_desc(node) ?? String(facts.op), provider, startUs: tenths(clockUs + startUs), endUs: tenths(clockUs + endUs),
      shapes: `${given.map(shape).join(" ")} → ${shape(facts)}`, type: this.#typeName(facts.type), bytes,
      ...(flops !== null && { flops }), ...(layer !== null && { layer }), ...(weight !== undefined && { weight }),
    };
  }

  #elementBytes(type: number): number {
    return Number(this.#binding.ggml_type_size(type)) / Number(this.#binding.ggml_blck_size(type));
  }

  #typeName(type: number): string {
    return this.#binding.ggml_type_name(type) ?? String(type);
  }
}

/** Sizes without the ones at the end. */
const trimmed = (ne: readonly number[]): readonly number[] => ne.slice(0, Math.max(1, ne.findLastIndex((size) => size !== 1) + 1));

const tenths = (us: number): number => Math.round(us * 10) / 10;
