import type { NodeProto } from "onnx-buf";
import { elementType } from "../onnx-file/element.ts";
import { lookUp, type Draft, type Scope } from "./draft.ts";
import type { KeptNode, Precisions } from "./precision.ts";
import { isOp } from "./sites.ts";

/** In which precisions a value is there: under its own name in the old one, if it stays, and under another in the new one. */
export interface FloatValue {
  /** It is there in the old precision: an input of the model, made by a kept node, or a constant that one of these reads. */
  readonly stays: boolean;
  /** Someone reads it in the new precision. */
  readonly changed: boolean;
  readonly changedName: string;
}

interface Readers {
  readonly scope: Scope;
  stays: boolean;
  byKept: boolean;
  byChanged: boolean;
}

/** Who makes and who reads each value, of all graphs, before any of it is changed. */
export class FloatValues {
  readonly #found = new Map<Scope, Map<string, FloatValue>>();

  constructor(draft: Draft, { from, to }: Precisions, kept: ReadonlyMap<NodeProto, KeptNode>) {
    const all = new Map<Scope, Map<string, Readers>>();
    const readers = (scope: Scope, name: string): Readers => {
      const owner = lookUp(scope, name)?.scope ?? scope;
      const ofScope = all.get(owner) ?? new Map<string, Readers>();
      all.set(owner, ofScope);
      const value = ofScope.get(name) ?? { scope: owner, stays: false, byKept: false, byChanged: false };
      ofScope.set(name, value);
      return value;
    };
    const isFloat = ({ type }: Scope["graph"]["input"][number]): boolean => type?.value.case === "tensorType" && elementType(type.value.value.elemType) === from;
    const asked = new Set(draft.main.graph.output.filter(isFloat).map(({ name }) => name));
    for (const { name } of draft.main.graph.input.filter(isFloat)) readers(draft.main, name).stays = true;
    for (const name of asked) readers(draft.main, name).byKept = true;
    for (const scope of draft.scopes) {
      if (scope !== draft.main) for (const { name } of scope.graph.output) readers(scope, name).byChanged = true;
      for (const item of scope.graph.node) {
        const old = kept.get(item);
        for (const name of old?.outputs ?? []) readers(scope, name).stays = true;
        for (const name of item.input) {
          if (name === "") continue;
          if (old === undefined) readers(scope, name).byChanged = true;
          else if (old.inputs.has(name)) readers(scope, name).byKept = true;
        }
      }
    }
    for (const [scope, ofScope] of all) {
      const names = new Map<string, FloatValue>();
      this.#found.set(scope, names);
      for (const [name, { stays, byKept, byChanged }] of ofScope) {
        const there = stays || (byKept && isConstant(scope, name, from));
        const renamed = there ? byChanged : scope === draft.main && asked.has(name);
        names.set(name, { stays: there, changed: byChanged, changedName: renamed ? draft.fresh(`${name}_${to === "float16" ? "fp16" : "fp32"}`) : name });
      }
    }
  }

  /** `scope` is where the name is read. */
  get(scope: Scope, name: string): FloatValue {
    return this.#found.get(lookUp(scope, name)?.scope ?? scope)?.get(name) ?? { stays: false, changed: false, changedName: name };
  }
}

function isConstant(scope: Scope, name: string, from: Precisions["from"]): boolean {
  const meaning = lookUp(scope, name);
  if (meaning?.kind === "initializer") return elementType(meaning.tensor.dataType) === from;
  if (meaning?.kind !== "node" || !isOp(meaning.node, "Constant")) return false;
  return meaning.node.attribute.some(({ name: key, t }) => (t !== undefined ? elementType(t.dataType) === from : from === "float32" && key.startsWith("value_float")));
}
