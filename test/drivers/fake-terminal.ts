import { PassThrough, Readable, Writable } from "node:stream";
import type { Terminal } from "../../runtime/cli/terminal.ts";

export interface FakeTerminal extends Terminal {
  readonly printed: { stdout: string; stderr: string };
  /** What Ctrl-C does, with the reason given. */
  stop(reason: unknown): void;
  /** Types into a terminal that stays open. */
  type(text: string): void;
}

export interface FakeTerminalOptions {
  /** Text on stdin, which then ends; absent: nothing comes until something is typed. */
  readonly input?: string | undefined;
  readonly tty?: boolean | undefined;
  readonly env?: NodeJS.ProcessEnv | undefined;
  readonly cwd?: string | undefined;
}

/** A terminal in memory. */
export function fakeTerminal({ input, tty = false, env = {}, cwd = "/nowhere" }: FakeTerminalOptions = {}): FakeTerminal {
  const printed = { stdout: "", stderr: "" };
  const keep = (stream: keyof typeof printed): Writable & { isTTY: boolean } => Object.assign(new Writable({
    write: (chunk: Buffer, _, done) => {
      printed[stream] += chunk.toString("utf8");
      done();
    },
  }), { isTTY: tty });
  const keys = new PassThrough();
  const abort = new AbortController();
  return {
    stdin: Object.assign(input === undefined ? keys : Readable.from([input]), { isTTY: tty }),
    stdout: keep("stdout"),
    stderr: keep("stderr"),
    env,
    cwd,
    stopped: abort.signal,
    printed,
    stop: (reason) => abort.abort(reason),
    type: (text) => void keys.write(text),
  };
}
