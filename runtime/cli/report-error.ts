import type { InfernoError } from "../../protocol/errors.ts";
import { errPaint, type Terminal } from "./terminal.ts";

/**
 * With `--json` an error is the one JSON line on stdout, in the API's own shape: a script parses stdout either way, and the exit code says which.
 * Otherwise it is two lines on stderr.
 */
export function reportError(error: InfernoError, terminal: Terminal, json: boolean): void {
  if (json) {
    terminal.stdout.write(`${JSON.stringify(error.toBody())}\n`);
    return;
  }
  const paint = errPaint(terminal);
  terminal.stderr.write(`${paint.red("error:")} ${error.message} ${paint.dim(`(${error.code})`)}\n${paint.cyan("hint:")} ${error.hint}\n`);
  // A stranger's error is a bug of ours: the place is worth more than a tidy screen.
  if (error.code === "internal" && error.cause instanceof Error) terminal.stderr.write(`${error.cause.stack ?? ""}\n`);
}
