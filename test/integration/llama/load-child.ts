/**
 * Loads damaged copies of Ember and says how each ended, one JSON line a copy. A process of its own, because a damaged model
 * may end the process that loads it: the test must survive to say so. Arguments: a folder for the copies, a JSON file of damages.
 */
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { InfernoError } from "../../../protocol/errors.ts";
import { chat, emberPath, generate, greedy, loadEmber } from "./ember.ts";

/** Cut to `length`, then `bytes` (hex) written at `at`. */
export interface Damage {
  readonly what: string;
  readonly length?: number | undefined;
  readonly at?: number | undefined;
  readonly bytes?: string | undefined;
}

export interface Outcome {
  readonly what: string;
  /** `loaded`, or the code of the InfernoError. */
  readonly end: string;
  readonly message: string;
}

async function outcomeOf(path: string): Promise<Omit<Outcome, "what">> {
  try {
    const backend = await loadEmber({ path, parallel: 2, context: 128, batch: 128 });
    // What loads must also run: a bad hyperparameter may only show in the computation.
    const prompt = chat(backend, "What is 17 + 25?").slice(0, 100);
    if (prompt.length > 0) {
      const [answer] = generate(backend, [{ sequence: 0, prompt, params: { ...greedy, topLogprobs: 2 } }], 1);
      backend.tokenBytes(answer![0]!.id);
    }
    backend.dispose();
    return { end: "loaded", message: "" };
  } catch (error) {
    if (error instanceof InfernoError) return { end: error.code, message: error.message };
    return { end: "untyped", message: String(error) };
  }
}

if (import.meta.main) {
  const [folder, damagesFile] = process.argv.slice(2);
  const damages = JSON.parse(readFileSync(damagesFile!, "utf8")) as Damage[];
  const original = readFileSync(emberPath);
  const copyPath = join(folder!, "damaged.gguf");
  for (const { what, length, at, bytes } of damages) {
    const copy = Buffer.from(original.subarray(0, length));
    if (at !== undefined && bytes !== undefined) copy.write(bytes, at, "hex");
    writeFileSync(copyPath, copy);
    // Written before the attempt, so that a crash can be charged to its damage.
    process.stdout.write(`${JSON.stringify({ trying: what })}\n`);
    process.stdout.write(`${JSON.stringify({ what, ...(await outcomeOf(copyPath)) } satisfies Outcome)}\n`);
  }
}
