import type { Readable, Writable } from "node:stream";
import { paintFor, type Paint } from "./format/paint.ts";

/** What a command sees of the world outside: streams, environment, folder, and the wish to stop. */
export interface Terminal {
  readonly stdin: Readable & { readonly isTTY?: boolean | undefined };
  readonly stdout: Writable & { readonly isTTY?: boolean | undefined };
  readonly stderr: Writable & { readonly isTTY?: boolean | undefined };
  readonly env: NodeJS.ProcessEnv;
  readonly cwd: string;
  /** Aborts when the person, the system or the reader of our output wants us to end. */
  readonly stopped: AbortSignal;
}

/** Why `Terminal.stopped` aborted, and the exit code that shells expect for it. */
export class Stopped {
  readonly exitCode: number;

  constructor(exitCode: number) {
    this.exitCode = exitCode;
  }
}

/** 128 + the signal's number, as shells report a program that the signal ended. */
export const exitCodes = { SIGHUP: 129, SIGINT: 130, SIGPIPE: 141, SIGTERM: 143 } as const;

export function processTerminal(process: NodeJS.Process): Terminal {
  const abort = new AbortController();
  const stop = (signal: keyof typeof exitCodes): void => {
    // The second time the person means it: whatever hangs, hangs without us.
    if (abort.signal.aborted) process.exit(exitCodes[signal]);
    abort.abort(new Stopped(exitCodes[signal]));
  };
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.on(signal, () => stop(signal));
  for (const stream of [process.stdout, process.stderr]) {
    stream.on("error", (error: NodeJS.ErrnoException) => {
      // `inferno run … | head -1`: the reader has left, which is no failure of ours; there is nobody to tell either.
      if (error.code === "EPIPE") {
        if (!abort.signal.aborted) stop("SIGPIPE");
        return;
      }
      // A full disk, mostly. Commands that only print have nothing that would notice, and must not end as if all were well.
      if (stream === process.stdout) process.stderr.write(`error: The output cannot be written: ${error.message}.\n`);
      process.exit(1);
    });
  }
  const { stdin, stdout, stderr, env } = process;
  return { stdin, stdout, stderr, env, cwd: process.cwd(), stopped: abort.signal };
}

export const isInteractive = ({ stdin, stderr }: Terminal): boolean => stdin.isTTY === true && stderr.isTTY === true;
export const outPaint = ({ stdout, env }: Terminal): Paint => paintFor(stdout.isTTY === true, env);
export const errPaint = ({ stderr, env }: Terminal): Paint => paintFor(stderr.isTTY === true, env);
