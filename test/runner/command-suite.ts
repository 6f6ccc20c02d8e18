import { spawn } from "node:child_process";
import { once } from "node:events";
import { parseCounts, type Counts } from "./counts.ts";

export interface CommandSuiteOptions {
  readonly root: string;
  readonly command: readonly string[];
  readonly timeoutMs: number;
}

/** Runs a program with this Node, passes its output on, and believes its closing line only if the exit code agrees. */
export async function runCommandSuite({ root, command, timeoutMs }: CommandSuiteOptions): Promise<Counts> {
  const child = spawn(process.execPath, command, { cwd: root, stdio: ["ignore", "pipe", "inherit"], timeout: timeoutMs });
  let output = "";
  child.stdout.setEncoding("utf8").on("data", (text: string) => {
    output += text;
    process.stdout.write(text);
  });
  const [code, signal] = await once(child, "close") as [number | null, NodeJS.Signals | null];
  const counts = parseCounts(output);
  if (counts === null) {
    console.error(`${command.join(" ")} ended without its closing line (exit ${code ?? signal ?? "unknown"}).`);
    return { passed: 0, failed: 1, skipped: 0 };
  }
  return code === 0 || counts.failed > 0 ? counts : { ...counts, failed: 1 };
}
