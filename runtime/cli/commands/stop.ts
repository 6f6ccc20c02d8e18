import { setTimeout as pause } from "node:timers/promises";
import { isAlive } from "../../daemon/lock.ts";
import { findClient, requireClient } from "../connect.ts";
import { printJson, printLines, success, type Context } from "../context.ts";

/** How often to look whether the daemon has gone; it first finishes the requests in work, so there is no limit but Ctrl-C. */
const lookMs = 50;

/** Unloads one model, or stops the daemon. Stopping what does not run is success: that is the state asked for. */
export async function stop(context: Context, model: string | undefined): Promise<number> {
  return model === undefined ? await stopDaemon(context) : await unload(context, model);
}

async function unload(context: Context, model: string): Promise<number> {
  const client = await requireClient(context);
  const status = await client.call("unloadModel", { body: { model } }, { signal: context.terminal.stopped });
  if (context.json) printJson(context, status);
  else printLines(context, [`Unloaded ${model}.`]);
  return success;
}

async function stopDaemon(context: Context): Promise<number> {
  const client = await findClient(context);
  if (client === null) {
    if (context.json) printJson(context, { pid: null });
    else printLines(context, ["No daemon is running."]);
    return success;
  }
  const { pid } = await client.call("stop");
  while (isAlive(pid)) await pause(lookMs, undefined, { signal: context.terminal.stopped });
  if (context.json) printJson(context, { pid });
  else printLines(context, [`Stopped the daemon (pid ${pid}).`]);
  return success;
}
