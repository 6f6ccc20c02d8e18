import { spawn } from "node:child_process";
import { z } from "zod";
import { InfernoError } from "../../protocol/errors.ts";

/** Runs the person's own npm, which knows their registry, proxy, certificates and credentials; answers what it printed. */
export type Npm = (args: readonly string[], options: { readonly cwd: string; readonly signal: AbortSignal }) => Promise<string>;

const NpmError = z.object({ error: z.object({ code: z.string().nullish(), summary: z.string().nullish(), detail: z.string().nullish() }) });

export function systemNpm(platform: NodeJS.Platform, env: NodeJS.ProcessEnv): Npm {
  return async (args, { cwd, signal }) => {
    const child = startNpm(platform, args, { cwd, env });
    const kill = (): void => killTree(platform, child.pid);
    signal.addEventListener("abort", kill);
    let stdout = "";
    let stderr = "";
    child.stdout.setEncoding("utf8").on("data", (text: string) => (stdout += text));
    child.stderr.setEncoding("utf8").on("data", (text: string) => (stderr += text));
    try {
      if (signal.aborted) kill();
      const code = await new Promise<number | null>((resolve, reject) => {
        child.once("error", reject);
        child.once("close", resolve);
      });
      signal.throwIfAborted();
      if (code !== 0) throw new InfernoError("install_failed", `npm ${args[0] ?? ""} failed: ${reasonIn(stdout, stderr)}`);
      return stdout;
    } catch (error) {
      if (signal.aborted) throw new InfernoError("request_cancelled", "The installation was cancelled.", { cause: signal.reason });
      if (error instanceof InfernoError) throw error;
      throw new InfernoError("install_failed", `npm could not be started: ${String(error)}`, {
        hint: "Install npm (it comes with Node.js) and make sure that it is on the PATH.",
        cause: error,
      });
    } finally {
      signal.removeEventListener("abort", kill);
    }
  };
}

function startNpm(platform: NodeJS.Platform, args: readonly string[], options: { readonly cwd: string; readonly env: NodeJS.ProcessEnv }) {
  const stdio: ["ignore", "pipe", "pipe"] = ["ignore", "pipe", "pipe"];
  // On Windows npm is a batch file, which only a shell starts; the arguments are names, versions and folders of ours.
  if (platform === "win32") return spawn("npm.cmd", args.map((arg) => `"${arg}"`), { ...options, stdio, shell: true, windowsHide: true });
  // In a process group of its own, because `npm` is often a script that starts the real one: ending the script alone would end nothing.
  return spawn("npm", args, { ...options, stdio, detached: true });
}

/** At once and for good: what npm leaves unfinished lies in a staging folder that is removed. */
function killTree(platform: NodeJS.Platform, pid: number | undefined): void {
  if (pid === undefined) return;
  if (platform === "win32") {
    spawn("taskkill", ["/pid", String(pid), "/t", "/f"], { stdio: "ignore", windowsHide: true });
    return;
  }
  try {
    process.kill(-pid, "SIGKILL");
  } catch {
    // ESRCH: it has ended by itself.
  }
}

/** With `--json` npm explains itself on stdout; what went wrong before it read its options is on stderr. */
function reasonIn(stdout: string, stderr: string): string {
  try {
    const { code, summary } = NpmError.parse(JSON.parse(stdout)).error;
    const text = [code, summary].filter((part) => typeof part === "string" && part !== "").join(": ");
    if (text !== "") return text;
  } catch {
    // Not JSON: the lines below say it.
  }
  const lines = stderr.split("\n").filter((line) => /^npm err/i.test(line)).map((line) => line.replace(/^npm err(or)?!?\s*/i, "").trim());
  return lines.filter((line) => line !== "").slice(0, 3).join("; ") || stderr.trim().slice(-300) || "it said nothing";
}
