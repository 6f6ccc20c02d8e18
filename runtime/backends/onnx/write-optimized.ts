import { InferenceSession } from "onnxruntime-node";
import { quietEngine } from "./options.ts";
import { loadError } from "./ort-error.ts";

/** Writes the graph as it would run on the processor, all optimizations done; weights beside the model stay where they are, by their names. */
export async function writeOptimized(path: string, target: string): Promise<void> {
  quietEngine();
  try {
    const session = await InferenceSession.create(path, { executionProviders: ["cpu"], graphOptimizationLevel: "all", optimizedModelFilePath: target, intraOpNumThreads: 1, logSeverityLevel: 4 });
    await session.release();
  } catch (error) {
    throw loadError(path, error);
  }
}
