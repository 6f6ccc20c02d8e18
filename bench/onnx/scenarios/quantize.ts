import { Tokenizer } from "@huggingface/tokenizers";
import { execFile } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { promisify } from "node:util";
import { atLeast, atMost, row, type Row } from "../../engine/row.ts";
import { miniLmFolder } from "../minilm.ts";
import type { OnnxScenario } from "../scenario.ts";
import { sentences } from "../sentences.ts";

const root = resolve(import.meta.dirname, "../../..");
const [tokens, texts] = [64, 32];
/** The bars are those of INT8; the others are shown beside it. */
const forms = ["int8", "int8-weights", "int4", "fp16"] as const;

interface Report {
  readonly comparison: { readonly outputs: readonly { readonly cosine: number }[]; readonly ms: { readonly original: number; readonly rewritten: number } };
  readonly source: { readonly bytes: number };
  readonly target: { readonly bytes: number };
}

async function quantize(source: string, target: string, options: readonly string[]): Promise<Report> {
  const { stdout } = await promisify(execFile)(process.execPath, ["runtime/cli/main.ts", "quantize", source, "--output", target, "--json", ...options], { cwd: root });
  return JSON.parse(stdout) as Report;
}

/** Texts cut to the same number of tokens, as the command reads them. */
function writeInputs(path: string): void {
  const read = (name: string) => JSON.parse(readFileSync(join(miniLmFolder, name), "utf8")) as object;
  const tokenizer = new Tokenizer(read("tokenizer.json"), read("tokenizer_config.json"));
  const lines = sentences(texts * 4, 11).map((text) => `${text} ${text} ${text}`).flatMap((text) => {
    const { ids } = tokenizer.encode(text, { text_pair: null, return_token_type_ids: true });
    if (ids.length < tokens) return [];
    const tensor = (data: readonly number[]) => ({ type: "int64", shape: [1, tokens], data });
    const cut = [...ids.slice(0, tokens - 1), ids.at(-1) ?? 0];
    return [JSON.stringify({ inputs: { input_ids: tensor(cut), attention_mask: tensor(cut.map(() => 1)), token_type_ids: tensor(cut.map(() => 0)) } })];
  });
  writeFileSync(path, lines.slice(0, texts).join("\n"));
}

export const quantized: OnnxScenario = {
  name: "quantize",
  about: `MiniLM with its weights as floats, then in other forms, at ${tokens} tokens; peer: the floats, in turn in one process`,
  run: async ({ rounds, threads }) => {
    const folder = mkdtempSync(join(tmpdir(), "inferno-bench-quantize-"));
    const [full, inputs] = [join(folder, "full.onnx"), join(folder, "inputs.jsonl")];
    try {
      writeInputs(inputs);
      await quantize(join(miniLmFolder, "onnx/model_q4.onnx"), full, ["--to", "fp32", "--rounds", "1"]);
      const rows: Row[] = [];
      for (const form of forms) {
        const { comparison: { outputs, ms }, source, target } = await quantize(full, join(folder, `${form}.onnx`), ["--to", form, "--calibrate", inputs, "--rounds", String(rounds * 10), "--threads", String(threads)]);
        const measured = { scenario: "quantize", peer: null, absolute: true };
        rows.push(
          row({ ...measured, figure: `${form}: speed by the floats'`, unit: "times", ours: [ms.original / ms.rewritten], ...(form === "int8" && { bar: atLeast(2) }) }),
          row({ ...measured, figure: `${form}: missing to a cosine of 1`, unit: "‰", ours: [1000 * (1 - Math.min(...outputs.map(({ cosine }) => cosine)))], ...(form === "int8" && { bar: atMost(1) }) }),
          row({ ...measured, figure: `${form}: size by the floats'`, unit: "times", ours: [target.bytes / source.bytes] }),
        );
      }
      return rows;
    } finally {
      rmSync(folder, { recursive: true });
    }
  },
};
