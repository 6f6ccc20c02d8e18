import { fork } from "node:child_process";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { ipcChannel, type Channel } from "./channel.ts";
import type { FromHost, ToHost } from "./messages.ts";

/** The gateway's hold on one model host process. */
export interface HostProcess {
  readonly pid: number | null;
  readonly channel: Channel<ToHost, FromHost>;
  /** How it ended, such as `signal SIGKILL`; after its last message has arrived. */
  readonly ended: Promise<string>;
  /** The last lines it wrote to stderr: what a native crash leaves behind. */
  lastLines(): readonly string[];
  kill(): void;
}

export type SpawnHost = () => HostProcess;

const keptLines = 20;

/** Forks model hosts: built gateways start the built file beside them, sources start the source. */
export function hostSpawner(packageRoot: string, onLine: (line: string, pid: number | null) => void): SpawnHost {
  const fromSource = import.meta.filename.endsWith(".ts");
  const entry = fromSource ? join(packageRoot, "runtime", "host", "main.ts") : join(packageRoot, "dist", "model-host.mjs");
  return () => forkHost(entry, onLine);
}

function forkHost(entry: string, onLine: (line: string, pid: number | null) => void): HostProcess {
  const child = fork(entry, [], {
    // The gateway's own flags (an inspector's port, a test runner's) are not for the child. What a step allocates is dead after it:
    // V8's default of 16 MiB would only be filled before it is collected.
    execArgv: ["--max-semi-space-size=2"],
    serialization: "advanced",
    stdio: ["ignore", "pipe", "pipe", "ipc"],
    // In the editor `execPath` is Electron, which is Node only with this. onnxruntime reports what it does to its makers unless it is told not to.
    env: { ...process.env, ELECTRON_RUN_AS_NODE: "1", ORT_DISABLE_TELEMETRY: "1" },
  });
  const pid = child.pid ?? null;
  const lines: string[] = [];
  for (const stream of [child.stdout, child.stderr]) {
    if (stream === null) continue;
    createInterface({ input: stream }).on("line", (line) => {
      lines.push(line);
      if (lines.length > keptLines) lines.shift();
      onLine(line, pid);
    });
  }
  const exited = new Promise<string>((resolve) => {
    child.once("error", (error) => resolve(`could not be started: ${error.message}`));
    child.once("exit", (code, signal) => resolve(signal === null ? `ended with exit code ${code ?? "?"}` : `was ended by signal ${signal}`));
  });
  const channel = ipcChannel<ToHost, FromHost>(child);
  // "exit" may come before the last messages have been read from the pipe; "disconnect" comes after them.
  const disconnected = new Promise<void>((resolve) => void channel.onClose(resolve));
  const ended = exited.then(async (how) => {
    if (child.connected) await disconnected;
    return how;
  });
  return { pid, channel, ended, lastLines: () => [...lines], kill: () => child.kill("SIGKILL") };
}
