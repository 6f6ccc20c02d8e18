import { spawn } from "node:child_process";
import { createWriteStream } from "node:fs";

interface ChildOptions {
  readonly cwd?: string | undefined;
  readonly env?: NodeJS.ProcessEnv | undefined;
  /** Where its output also goes, for reading after a failure. */
  readonly logFile?: string | undefined;
}

/** A process of ours with everything it started. */
export interface Child {
  readonly pid: number;
  /** Exit code, or null when a signal ended it. */
  readonly exited: Promise<number | null>;
  /** What it has printed so far, both streams in order of arrival. */
  output(): string;
  /** The first match in its output; rejects when it exits without one. */
  printed(pattern: RegExp): Promise<RegExpExecArray>;
  stop(): Promise<void>;
}

/** How long a process may take to end by itself after SIGTERM before SIGKILL. */
const graceMs = 5_000;

/** Starts a process in its own group, so that `stop`, or our own exit, ends its children too (an editor's extension hosts, their daemons). */
export function startChild(command: string, args: readonly string[], options: ChildOptions = {}): Child {
  const child = spawn(command, args, {
    cwd: options.cwd,
    env: options.env ?? process.env,
    stdio: ["ignore", "pipe", "pipe"],
    detached: true,
  });
  const { pid } = child;
  const log = options.logFile === undefined ? undefined : createWriteStream(options.logFile);
  const watchers = new Set<() => void>();
  let output = "";
  const take = (chunk: Buffer): void => {
    output += chunk.toString("utf8");
    log?.write(chunk);
    for (const watcher of [...watchers]) watcher();
  };
  child.stdout.on("data", take);
  child.stderr.on("data", take);

  const killNow = (): void => signalGroup(pid, "SIGKILL");
  process.once("exit", killNow);
  const exited = new Promise<number | null>((resolve, reject) => {
    child.once("error", reject);
    child.once("close", (code) => {
      process.off("exit", killNow);
      log?.end();
      resolve(code);
    });
  });
  // Whoever awaits `exited` sees a failure to start; nobody has to.
  exited.catch(() => undefined);

  const printed = async (pattern: RegExp): Promise<RegExpExecArray> => {
    let watcher: (() => void) | undefined;
    const match = new Promise<RegExpExecArray>((resolve) => {
      watcher = () => {
        const found = pattern.exec(output);
        if (found) resolve(found);
      };
      watchers.add(watcher);
      watcher();
    });
    const ended = exited.then((code) => {
      throw new Error(`${command} ended with code ${String(code)} before it printed ${String(pattern)}:\n${output.slice(-3000)}`);
    });
    ended.catch(() => undefined);
    try {
      return await Promise.race([match, ended]);
    } finally {
      if (watcher) watchers.delete(watcher);
    }
  };

  const stop = async (): Promise<void> => {
    signalGroup(pid, "SIGTERM");
    const timer = setTimeout(killNow, graceMs);
    await exited.catch(() => undefined);
    clearTimeout(timer);
    // The leader may have gone before its children.
    killNow();
  };
  return { pid: pid ?? -1, exited, output: () => output, printed, stop };
}

/** Runs a command to its end; a failure carries what it printed. */
export async function runToEnd(command: string, args: readonly string[], options: ChildOptions = {}): Promise<string> {
  const child = startChild(command, args, options);
  const code = await child.exited;
  if (code !== 0) throw new Error(`${[command, ...args].join(" ")} ended with code ${String(code)}:\n${child.output().slice(-3000)}`);
  return child.output();
}

function signalGroup(pid: number | undefined, signal: NodeJS.Signals): void {
  if (pid === undefined) return;
  try {
    process.kill(-pid, signal);
  } catch {
    // ESRCH: the whole group has ended already.
  }
}
