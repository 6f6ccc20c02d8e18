import { clone } from "@bufbuild/protobuf";
import { ModelProtoSchema, type GraphProto, type ModelProto, type NodeProto, type TensorProto } from "onnx-buf";
import { allGraphs, subGraphs } from "../onnx-file/graphs.ts";

/** A graph with what its names mean. Names of outer graphs are visible in inner ones. */
export interface Scope {
  readonly graph: GraphProto;
  readonly parent: Scope | null;
  readonly initializers: Map<string, TensorProto>;
  readonly producers: Map<string, NodeProto>;
  readonly inputs: ReadonlySet<string>;
}

/** What a name stands for, and the graph that defines it. */
export type Meaning =
  | { readonly kind: "initializer"; readonly tensor: TensorProto; readonly scope: Scope }
  | { readonly kind: "node"; readonly node: NodeProto; readonly scope: Scope }
  | { readonly kind: "input"; readonly scope: Scope };

/** A copy of a model in the making. The original is left as it is. */
export class Draft {
  readonly model: ModelProto;
  /** All graphs, outer before inner. */
  readonly scopes: readonly Scope[];
  readonly #names = new Set<string>();

  constructor(original: ModelProto) {
    this.model = clone(ModelProtoSchema, original);
    this.scopes = this.model.graph === undefined ? [] : [...scopesBelow(this.model.graph, null)];
    for (const { graph } of allGraphs(this.model)) {
      for (const { name } of [...graph.initializer, ...graph.input, ...graph.node]) this.#names.add(name);
      for (const name of graph.node.flatMap(({ input, output }) => [...input, ...output])) this.#names.add(name);
    }
  }

  get main(): Scope {
    const scope = this.scopes[0];
    if (scope === undefined) throw new Error("The model has no graph; the reader refuses such files.");
    return scope;
  }

  /** A name that nothing in any graph has: `base`, or `base_1` and so on. */
  fresh(base: string): string {
    let name = base;
    for (let count = 1; this.#names.has(name); count += 1) name = `${base}_${count}`;
    this.#names.add(name);
    return name;
  }

  opset(domain = ""): number {
    const same = (other: string): boolean => other === domain || (domain === "" && other === "ai.onnx");
    return Number(this.model.opsetImport.find((item) => same(item.domain))?.version ?? 0n);
  }

  addInitializer(scope: Scope, tensor: TensorProto): void {
    scope.graph.initializer.push(tensor);
    scope.initializers.set(tensor.name, tensor);
  }
}

function* scopesBelow(graph: GraphProto, parent: Scope | null): Generator<Scope> {
  const scope: Scope = {
    graph, parent,
    initializers: new Map(graph.initializer.map((tensor) => [tensor.name, tensor])),
    producers: new Map(graph.node.flatMap((node) => node.output.filter((name) => name !== "").map((name) => [name, node] as const))),
    inputs: new Set(graph.input.map(({ name }) => name)),
  };
  yield scope;
  for (const node of graph.node) for (const { graph: inner } of subGraphs(node)) yield* scopesBelow(inner, scope);
}

/** Null for a name that nothing defines, or the empty one of an input that is left out. */
export function lookUp(scope: Scope, name: string): Meaning | null {
  if (name === "") return null;
  for (let at: Scope | null = scope; at !== null; at = at.parent) {
    const node = at.producers.get(name);
    if (node !== undefined) return { kind: "node", node, scope: at };
    // A graph's input with a default may be given another value from outside: it is no constant.
    if (at.inputs.has(name)) return { kind: "input", scope: at };
    const tensor = at.initializers.get(name);
    if (tensor !== undefined) return { kind: "initializer", tensor, scope: at };
  }
  return null;
}
