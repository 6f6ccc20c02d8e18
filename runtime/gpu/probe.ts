import { spawn } from "node:child_process";
import { join } from "node:path";
import type { LibraryFolder } from "../backends/llama/native/folder.ts";
import { ProbeResult } from "./device.ts";

/** Loads a library in a short-lived process and says what devices it finds. Never rejects: every end of that process is an answer. */
export type Probe = (folder: LibraryFolder) => Promise<ProbeResult>;

/** A driver starts in a second or two; on a cold disk CUDA's 500 MB take longer. */
const limitMs = 60_000;
const keptText = 4000;

export const probeInChild: Probe = async (folder) => await runProbe([probeEntry(), JSON.stringify(folder)], limitMs);

/** Sources start the source, built programs the built file beside them. */
function probeEntry(): string {
  if (import.meta.filename.endsWith(".ts")) return join(import.meta.dirname, "..", "backends", "llama", "gpu-probe.ts");
  return join(import.meta.dirname, "gpu-probe.mjs");
}

/** Runs Node with these arguments, and reads its answer. */
export async function runProbe(args: readonly string[], timeout: number): Promise<ProbeResult> {
  const child = spawn(process.execPath, args, {
    stdio: ["ignore", "pipe", "pipe"], timeout, killSignal: "SIGKILL",
    // In the editor `execPath` is Electron, which is Node only with this.
    env: { ...process.env, ELECTRON_RUN_AS_NODE: "1" },
  });
  let [stdout, stderr] = ["", ""];
  child.stdout.setEncoding("utf8").on("data", (text: string) => (stdout = (stdout + text).slice(-keptText)));
  child.stderr.setEncoding("utf8").on("data", (text: string) => (stderr = (stderr + text).slice(-keptText)));
  const end = await new Promise<string>((resolve) => {
    child.once("error", (error) => resolve(`could not be started: ${error.message}`));
    child.once("close", (code, signal) => resolve(signal === null ? `ended with exit code ${code ?? "?"}` : `was ended by signal ${signal}`));
  });
  const answer = parseAnswer(stdout.trim().split("\n").at(-1) ?? "");
  if (answer !== null) return answer;
  const late = end.endsWith("SIGKILL") ? ` (the limit is ${timeout / 1000} s)` : "";
  return { failure: `the process that tried it ${end}${late}${lastWords(stderr)}` };
}

function parseAnswer(line: string): ProbeResult | null {
  try {
    return ProbeResult.parse(JSON.parse(line));
  } catch {
    return null;
  }
}

/** ggml says what is wrong before it aborts; the addresses of a stack trace that follow say nothing here. */
function lastWords(stderr: string): string {
  const lines = stderr.split("\n").map((line) => line.trim()).filter((line) => line !== "" && !/^(?:#\d|0x|\/|\[|Thread )/.test(line));
  return lines.length === 0 ? "" : `: ${lines.slice(-2).join("; ").slice(0, 300)}`;
}
