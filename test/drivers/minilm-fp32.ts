import { copyFileSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { askLab } from "../../runtime/backends/onnx/lab/ask.ts";
import { quantizeFile } from "../../runtime/quantize/quantize.ts";
import { miniLmModel, miniLmPath } from "./minilm.ts";

/** MiniLM in a folder of its own with weights of single precision: the package's, out of their four bits. The kernel of those would round its inputs to eight. */
export async function writeMiniLmFp32(folder: string): Promise<void> {
  mkdirSync(join(folder, "onnx"), { recursive: true });
  for (const name of ["tokenizer.json", "tokenizer_config.json"]) copyFileSync(join(miniLmPath, name), join(folder, name));
  // What it says to transformers.js is about files whose weights lie beside them.
  const config = JSON.parse(readFileSync(join(miniLmPath, "config.json"), "utf8")) as Record<string, unknown>;
  writeFileSync(join(folder, "config.json"), JSON.stringify({ ...config, "transformers.js_config": {} }));
  await quantizeFile({
    source: join(miniLmPath, miniLmModel), target: join(folder, "onnx/model.onnx"), force: false, form: "fp32", block: 32, asymmetric: false, reduceRange: false, balance: false, wholeGraph: false,
    keep: [], only: [], method: "min-max", calibration: null, samples: { sizes: {}, length: 8, count: 1 }, prune: null, rounds: 1, threads: 1,
  }, { ask: askLab, signal: new AbortController().signal, onProgress: () => undefined });
}
