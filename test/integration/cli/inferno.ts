import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { eventually } from "../../drivers/eventually.ts";

const program = join(import.meta.dirname, "..", "..", "..", "runtime", "cli", "main.ts");

export interface Ended {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** A running `inferno` of its own process, as a shell would start it. */
export class Inferno {
  readonly process: ChildProcess;
  stdout = "";
  stderr = "";

  constructor(home: string, args: readonly string[], options: { readonly env?: NodeJS.ProcessEnv; readonly stdout?: number } = {}) {
    // No colours, no configuration of whoever runs the tests: a folder without inferno.yaml.
    this.process = spawn(process.execPath, [program, ...args], {
      cwd: home, env: { ...process.env, ...options.env, INFERNO_HOME: home }, stdio: ["pipe", options.stdout ?? "pipe", "pipe"],
    });
    this.process.stdout?.setEncoding("utf8").on("data", (text: string) => (this.stdout += text));
    this.process.stderr?.setEncoding("utf8").on("data", (text: string) => (this.stderr += text));
  }

  /** Waits until stdout matches. */
  async printed(pattern: RegExp): Promise<RegExpExecArray> {
    return await eventually(`${String(pattern)} on stdout`, async () => {
      if (this.process.exitCode !== null) throw new Error(`It ended with ${this.process.exitCode}: ${this.stdout}${this.stderr}`);
      return pattern.exec(this.stdout) ?? undefined;
    });
  }

  async ended(): Promise<Ended> {
    if (this.process.exitCode === null && this.process.signalCode === null) await once(this.process, "close");
    return { code: this.process.exitCode, stdout: this.stdout, stderr: this.stderr };
  }
}

/** Runs a command to its end; `input` is all of stdin. */
export async function inferno(home: string, args: readonly string[], input = ""): Promise<Ended> {
  const running = new Inferno(home, args);
  running.process.stdin?.end(input);
  return await running.ended();
}
