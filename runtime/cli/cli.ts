import { CommanderError } from "commander";
import { InfernoError } from "../../protocol/errors.ts";
import { makeProgram } from "./program.ts";
import { reportError } from "./report-error.ts";
import { Stopped, type Terminal } from "./terminal.ts";

/** Runs one command line and answers its exit code. */
export async function runCli(args: readonly string[], terminal: Terminal, version: string): Promise<number> {
  let exitCode = 0;
  const json = args.includes("--json");
  try {
    await makeProgram(terminal, version, (code) => (exitCode = code)).parseAsync(args, { from: "user" });
    return exitCode;
  } catch (error) {
    return failed(error, terminal, json);
  }
}

function failed(error: unknown, terminal: Terminal, json: boolean): number {
  const reason: unknown = terminal.stopped.reason;
  // Whatever failed after we were told to stop failed because of it. A script still gets its one line.
  if (reason instanceof Stopped) {
    if (json) reportError(new InfernoError("request_cancelled", "The command was interrupted."), terminal, json);
    return reason.exitCode;
  }
  if (error instanceof CommanderError) {
    // `--help` and `--version` have printed what was asked for.
    if (error.exitCode === 0) return 0;
    const message = error.message.replace(/^error: /, "").replaceAll(/\s*\n\s*/g, " ");
    const usage = new InfernoError("usage", isHelp(error) ? "No command was given." : message, { cause: error });
    // Without a command its help is on stderr already, and says more.
    if (json || !isHelp(error)) reportError(usage, terminal, json);
    return usage.exitCode;
  }
  const failure = InfernoError.from(error);
  reportError(failure, terminal, json);
  return failure.exitCode;
}

const isHelp = ({ code }: CommanderError): boolean => code === "commander.help";
