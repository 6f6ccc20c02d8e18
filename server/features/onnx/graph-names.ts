import type { GraphNames } from "../../../protocol/manifest-check.ts";
import { EndOfFile } from "../gguf/byte-source.ts";
import type { Cancellation } from "../workspace.ts";
import { NotProtobuf, TooMuch, WireReader } from "./wire-reader.ts";

/** Field numbers of onnx.proto: of the model its graph, of the graph its values, of a value its name. */
const field = { model: { irVersion: 1, graph: 7 }, graph: { initializer: 5, input: 11, output: 12 }, tensor: { name: 8 }, value: { name: 1 } } as const;

interface Source {
  readonly size: number;
  readonly read: (offset: number, length: number) => Promise<Uint8Array>;
  readonly cancellation: Cancellation;
}

/** The names of a graph's inputs and outputs, or in a text why the file is no ONNX model. Null where finding out would take too long. Nodes and weights are passed over. */
export async function readGraphNames({ size, read, cancellation }: Source): Promise<GraphNames | string | null> {
  if (size === 0) return "it is empty";
  const reader = new WireReader(size, read, cancellation);
  try {
    return await graphIn(reader, size);
  } catch (error) {
    if (error instanceof TooMuch) return null;
    if (error instanceof NotProtobuf) return `byte ${error.at} begins no field of a model`;
    if (error instanceof EndOfFile) return `it is truncated: it ends at byte ${error.at}, in the middle of a field`;
    throw error;
  }
}

async function graphIn(reader: WireReader, size: number): Promise<GraphNames | string> {
  let hasVersion = false;
  for await (const { number, end } of reader.fields(size)) {
    if (number === field.model.irVersion) hasVersion = true;
    // Whatever comes behind the graph is not read: a truncated end is the daemon's to find.
    if (number === field.model.graph && end !== null) return await namesIn(reader, end);
  }
  return hasVersion ? "it has no graph" : "it has neither a version nor a graph";
}

async function namesIn(reader: WireReader, end: number): Promise<GraphNames> {
  const inputs: string[] = [];
  const outputs: string[] = [];
  const constants = new Set<string>();
  for await (const { number, end: fieldEnd } of reader.fields(end)) {
    if (fieldEnd === null) continue;
    if (number === field.graph.input) inputs.push(await nameIn(reader, fieldEnd, field.value.name));
    else if (number === field.graph.output) outputs.push(await nameIn(reader, fieldEnd, field.value.name));
    else if (number === field.graph.initializer) constants.add(await nameIn(reader, fieldEnd, field.tensor.name));
  }
  // Older exporters list the weights among the inputs; nobody gives those.
  return { inputs: inputs.filter((name) => !constants.has(name)), outputs };
}

async function nameIn(reader: WireReader, end: number, number: number): Promise<string> {
  for await (const entry of reader.fields(end)) if (entry.number === number && entry.end !== null) return await reader.text(entry.end);
  return "";
}
