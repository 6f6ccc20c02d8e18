import { z } from "zod";
import { statSync } from "node:fs";
import { resolve } from "node:path";
import { bitsOf, elementType } from "../../onnx-file/element.ts";
import { externalPath, externalPlace, isExternal } from "../../onnx-file/external.ts";
import { allTensors } from "../../onnx-file/graphs.ts";
import { readModel } from "../../onnx-file/model.ts";
import { freeDimensions, givenInputs, graphValue } from "../../onnx-file/values.ts";

/** What a file is told apart by without reading it: a change of its content changes this, as version control relies on too. */
export const FileStamp = z.object({ path: z.string(), size: z.string(), changed: z.string() });
export type FileStamp = z.infer<typeof FileStamp>;

/** What `ModelInfo` says of an ONNX file, the files that its weights lie in, and the names of its inputs' free dimensions. */
export const GraphFacts = z.object({ producer: z.string(), parameters: z.number(), bytes: z.number(), weights: z.string(), external: z.array(FileStamp), dimensions: z.array(z.string()) });
export type GraphFacts = z.infer<typeof GraphFacts>;

/** Throws when the file is gone. */
export function stampOf(file: string): FileStamp {
  const path = resolve(file);
  const { size, mtimeNs, ctimeNs, ino } = statSync(path, { bigint: true });
  return { path, size: String(size), changed: `${mtimeNs}-${ctimeNs}-${ino}` };
}

/** Throws `model_file_missing` or `model_file_invalid`. Weights are counted, not read. */
export function readFacts(path: string): GraphFacts {
  const model = readModel(path);
  const external = new Set<string>();
  const bytesOfType = new Map<string, number>();
  let parameters = 0;
  for (const tensor of allTensors(model.message)) {
    const elements = tensor.dims.reduce((product, size) => product * Number(size), 1);
    const type = elementType(tensor.dataType);
    parameters += elements;
    if (type !== undefined) bytesOfType.set(type, (bytesOfType.get(type) ?? 0) + (elements * bitsOf(type)) / 8);
    if (isExternal(tensor)) external.add(externalPath(model, externalPlace(model.path, tensor)));
  }
  // The reader gives tensors of the file itself as external ones, too.
  external.delete(model.path);
  const [weights] = [...bytesOfType].toSorted(([, a], [, b]) => b - a)[0] ?? ["none"];
  const bytes = Math.round([...bytesOfType.values()].reduce((sum, count) => sum + count, 0));
  return { producer: model.message.producerName || "unknown", parameters, bytes, weights, external: [...external].map(stampOf), dimensions: freeDimensions(givenInputs(model.graph).map(graphValue)) };
}
