import { spawn, type ChildProcessByStdio } from "node:child_process";
import { mkdirSync } from "node:fs";
import { createInterface } from "node:readline";
import type { Readable } from "node:stream";
import { z } from "zod";
import { ErrorBody, InfernoError } from "../../protocol/errors.ts";
import type { DaemonAddress } from "./state.ts";

export interface LaunchOptions {
  /** The built command line, dist/inferno.mjs. */
  readonly program: string;
  readonly home: string;
  /** Lines that the daemon writes to stderr. */
  readonly onLine: (line: string) => void;
  readonly signal: AbortSignal;
}

const Ready = z.object({ url: z.string(), token: z.string(), pid: z.int() });

/** How long a start may take: a cold disk and a busy machine have needed 10 s. */
const readyWithinMs = 60_000;

/** Environment that makes the editor's own executable a plain Node. */
export function nodeEnvironment(home: string): NodeJS.ProcessEnv {
  return { ...process.env, ELECTRON_RUN_AS_NODE: "1", INFERNO_HOME: home };
}

/** Starts the daemon with the editor's own Node. It ends by itself when no window uses it any more, so it outlives this process on purpose. */
export async function launchDaemon({ program, home, onLine, signal }: LaunchOptions): Promise<DaemonAddress> {
  // In the state folder, so that the daemon finds no configuration of a workspace that was not trusted.
  mkdirSync(home, { recursive: true, mode: 0o700 });
  const args = [program, "serve", "--port", "0", "--json", "--owner", String(process.pid)];
  const child = spawn(process.execPath, args, { cwd: home, env: nodeEnvironment(home), stdio: ["ignore", "pipe", "pipe"], detached: true, windowsHide: true });
  child.unref();
  createInterface({ input: child.stderr }).on("line", onLine);
  const limit = AbortSignal.any([signal, AbortSignal.timeout(readyWithinMs)]);
  try {
    return await readAddress(child, limit);
  } catch (error) {
    child.kill();
    throw error;
  }
}

/** The one JSON line on stdout: an address, or an error in the API's shape. */
async function readAddress(child: ChildProcessByStdio<null, Readable, Readable>, signal: AbortSignal): Promise<DaemonAddress> {
  return await new Promise((resolve, reject) => {
    const fail = (message: string, cause?: unknown) => reject(new InfernoError("daemon_unreachable", message, { cause }));
    child.once("error", (cause) => fail(`The daemon could not be started: ${cause.message}.`, cause));
    child.once("close", (code, killedBy) => fail(`The daemon ended before it was ready (${killedBy ?? `exit code ${String(code)}`}).`));
    signal.addEventListener("abort", () => {
      if (signal.reason instanceof InfernoError) reject(signal.reason);
      else fail(`The daemon was not ready after ${readyWithinMs / 1000} s.`);
    });
    createInterface({ input: child.stdout }).once("line", (line) => {
      try {
        resolve(parseReady(line));
      } catch (error) {
        reject(InfernoError.from(error));
      }
    });
  });
}

/** Throws the daemon's own error, or `bad_response`. */
export function parseReady(line: string): DaemonAddress {
  let value: unknown;
  try {
    value = JSON.parse(line);
  } catch (cause) {
    throw new InfernoError("bad_response", `The daemon's first line is not JSON: ${line.slice(0, 200)}`, { cause });
  }
  const ready = Ready.safeParse(value);
  if (ready.success) return ready.data;
  const error = ErrorBody.safeParse(value);
  if (error.success) throw InfernoError.fromBody(error.data);
  throw new InfernoError("bad_response", `The daemon's first line is not an address: ${line.slice(0, 200)}`);
}
