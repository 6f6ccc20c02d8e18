import { setFlagsFromString } from "node:v8";
import type { Daemon } from "../../daemon/start.ts";
import { chooseConfig, printJson, printLines, success, type Context } from "../context.ts";
import { outPaint } from "../terminal.ts";

export interface ServeOptions {
  readonly config?: string | undefined;
  readonly host?: string | undefined;
  readonly port?: number | undefined;
  readonly owner?: number | undefined;
}

/** Serves until told to stop. Where a daemon of this state folder runs already, says where and ends. */
export async function serve(context: Context, options: ServeOptions): Promise<number> {
  // What a token costs is dead after it: left to itself V8 lets the space for young objects grow to 16 MiB before it collects them.
  setFlagsFromString("--semi-space-growth-factor=1");
  const { startDaemon } = await import("../../daemon/start.ts");
  const daemon = await startDaemon({ ...options, home: context.home, config: chooseConfig(context, options.config) });
  announce(context, daemon);
  if (!daemon.owned) return success;
  const { stopped } = context.terminal;
  const stop = (): void => void daemon.close();
  if (stopped.aborted) stop();
  else stopped.addEventListener("abort", stop);
  await daemon.closed;
  return success;
}

function announce(context: Context, daemon: Daemon): void {
  const { url, token, pid, models } = daemon;
  if (context.json) {
    printJson(context, { url, token, pid });
    return;
  }
  const paint = outPaint(context.terminal);
  const state = daemon.owned ? `Inferno ${daemon.version} listens at` : `Inferno ${daemon.version} runs already (pid ${pid}) at`;
  printLines(context, [
    `${state} ${paint.bold(url)}`,
    `${paint.dim("Playground")}  ${url}/playground#token=${token}`,
    `${paint.dim("Models    ")}  ${models.join(", ")}`,
    ...(daemon.owned ? [paint.dim("Ctrl-C, or `inferno stop`, ends it.")] : []),
  ]);
}
