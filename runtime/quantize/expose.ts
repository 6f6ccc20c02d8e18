import type { ModelProto } from "onnx-buf";
import { value } from "../onnx-file/build.ts";
import { Draft } from "./draft.ts";

/** The model with further outputs: values inside its main graph, which are 32-bit floats. */
export function exposed(message: ModelProto, names: readonly string[]): ModelProto {
  const draft = new Draft(message);
  const { graph } = draft.main;
  const known = new Set(graph.output.map(({ name }) => name));
  graph.output.push(...names.filter((name) => !known.has(name)).map((name) => value(name, "float32", null)));
  return draft.model;
}
