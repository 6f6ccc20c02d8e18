import { InferenceSession } from "onnxruntime-node";
import { compareModels } from "../../onnx-file/compare.ts";
import { reportOf, type InspectFile } from "../../onnx-file/inspect.ts";
import { readModel } from "../../onnx-file/model.ts";
import { quietEngine } from "./options.ts";
import { loadError } from "./ort-error.ts";

/** Rejects with `model_file_missing` or `model_file_invalid`, with `target` also `model_load_failed`. */
export const inspectFile: InspectFile = async (path, target) => {
  const model = readModel(path, { data: "ignore" });
  const report = reportOf(model);
  if (target === null) return { report, comparison: null };
  await writeOptimized(path, target);
  // Its external weights are those of the original, by names that mean nothing where it lies.
  return { report, comparison: compareModels(model.message, readModel(target, { data: "ignore" }).message) };
};

/** Writes the graph as it would run on the processor, all optimizations done. */
async function writeOptimized(path: string, target: string): Promise<void> {
  quietEngine();
  try {
    const session = await InferenceSession.create(path, { executionProviders: ["cpu"], graphOptimizationLevel: "all", optimizedModelFilePath: target, intraOpNumThreads: 1, logSeverityLevel: 4 });
    await session.release();
  } catch (error) {
    throw loadError(path, error);
  }
}
