import { execFile } from "node:child_process";
import { join } from "node:path";
import { z } from "zod";
import { OnnxProvider } from "../../protocol/config.ts";
import { found, type Outcome } from "./finding.ts";

const Answer = z.object({ release: z.string(), providers: z.array(z.object({ provider: OnnxProvider, works: z.boolean(), reason: z.string() })) });
type Answer = z.infer<typeof Answer>;

/** A GPU's driver starts in a second or two; a cold disk takes longer. */
const limitMs = 60_000;

/** onnxruntime, and which execution providers it has here, each asked in a process that may die of it. Without it GGUF models work all the same. */
export async function checkOnnx(ask: () => Promise<string> = askProviders): Promise<Outcome> {
  let answer: Answer;
  try {
    answer = parse(await ask());
  } catch (error) {
    const reason = error instanceof SyntaxError || error instanceof z.ZodError ? "the process that tried it gave no answer" : error instanceof Error ? error.message : String(error);
    return { verdict: "warning", detail: `ONNX models cannot run: ${reason}`, fix: "Run `npm ci` again; it brings onnxruntime for Linux (glibc), Windows and Macs with Apple's processors." };
  }
  const { release, providers } = answer;
  const namesOf = (reason: string): string => providers.filter((step) => step.reason === reason).map(({ provider }) => provider).join(", ");
  const reasons = new Set(providers.filter(({ works }) => !works).map(({ reason }) => reason));
  return found([`${release}, computes with ${namesOf("")}`, ...[...reasons].map((reason) => `not with ${namesOf(reason)} (${reason})`)].join("; "));
}

function parse(output: string): Answer {
  const line = output.trim().split("\n").at(-1) ?? "";
  return Answer.parse(JSON.parse(line));
}

async function askProviders(): Promise<string> {
  const entry = import.meta.filename.endsWith(".ts") ? join(import.meta.dirname, "..", "backends", "onnx", "provider-probe.ts") : join(import.meta.dirname, "onnx-probe.mjs");
  return await new Promise((resolve, reject) => {
    // In the editor `execPath` is Electron, which is Node only with this.
    const env = { ...process.env, ELECTRON_RUN_AS_NODE: "1" };
    execFile(process.execPath, [entry], { env, timeout: limitMs, killSignal: "SIGKILL" }, (error, stdout, stderr) => {
      if (error === null) resolve(stdout);
      else reject(new Error(`onnxruntime does not start: ${lastLine(stderr) ?? error.message}`, { cause: error }));
    });
  });
}

const lastLine = (text: string): string | undefined => text.trim().split("\n").findLast((line) => line.trim() !== "");
