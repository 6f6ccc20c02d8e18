import { fork } from "node:child_process";
import { join } from "node:path";
import { InfernoError } from "../../../../protocol/errors.ts";
import type { Answers, FromLab, Question } from "./questions.ts";

export interface AskOptions {
  readonly signal: AbortSignal;
  readonly onProgress?: ((done: number, total: number) => void) | undefined;
}

/** Sources start the source, built programs the built file beside them. */
const entry = (): string => join(import.meta.dirname, import.meta.filename.endsWith(".ts") ? "main.ts" : "onnx-lab.mjs");

/** Asks in a process of its own, which is gone afterwards, whatever happens. Rejects with its InfernoError, or `model_host_crashed`. */
export async function askLab<Q extends Question>(question: Q, { signal, onProgress }: AskOptions): Promise<Answers[Q["kind"]]> {
  signal.throwIfAborted();
  const child = fork(entry(), [], {
    execArgv: [], serialization: "advanced", stdio: ["ignore", "ignore", "pipe", "ipc"],
    // In the editor `execPath` is Electron, which is Node only with this.
    env: { ...process.env, ELECTRON_RUN_AS_NODE: "1", ORT_DISABLE_TELEMETRY: "1" },
  });
  let stderr = "";
  const { promise: stopped, reject: stop } = Promise.withResolvers<never>();
  const onAbort = (): void => stop(signal.reason);
  // Whoever asks may ask often with one signal.
  signal.addEventListener("abort", onAbort, { once: true });
  child.stderr?.setEncoding("utf8").on("data", (text: string) => (stderr = (stderr + text).slice(-1000)));
  try {
    const answered = new Promise<Answers[Q["kind"]]>((resolve, reject) => {
      const crashed = (how: string): void => reject(new InfernoError("model_host_crashed", `The process that tried the model ${how}${stderr === "" ? "" : `: ${stderr.trim().split("\n").at(-1) ?? ""}`}.`));
      child.once("error", (error) => crashed(`could not be started: ${error.message}`));
      child.once("close", (code, name) => crashed(name === null ? `ended with exit code ${code ?? "?"}` : `was ended by signal ${name}`));
      child.on("message", (message: FromLab) => {
        if (message.type === "progress") onProgress?.(message.done, message.total);
        else if (message.type === "failed") reject(InfernoError.fromBody(message.error));
        // Both ends know which kind of answer goes with a question.
        else resolve(message.answer as Answers[Q["kind"]]);
      });
      child.send(question);
    });
    return await Promise.race([answered, stopped]);
  } finally {
    signal.removeEventListener("abort", onAbort);
    child.kill("SIGKILL");
  }
}
