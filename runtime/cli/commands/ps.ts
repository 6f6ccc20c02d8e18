import type { ModelStatus } from "../../../protocol/api/inferno.ts";
import { requireClient } from "../connect.ts";
import { printJson, printLines, success, type Context } from "../context.ts";
import type { Paint } from "../format/paint.ts";
import { formatTable } from "../format/table.ts";
import { formatBytes, formatRate } from "../format/units.ts";
import { outPaint } from "../terminal.ts";
import { paintState, stateText } from "./models.ts";

/** The daemon, and the models that have a process, had one that failed, or have work. */
export async function ps(context: Context): Promise<number> {
  const client = await requireClient(context);
  const [health, list] = await Promise.all([client.call("health"), client.call("models")]);
  const running = list.models.filter(({ state, queued }) => state !== "unloaded" || queued > 0);
  if (context.json) {
    printJson(context, { url: client.url, pid: health.pid, version: health.version, uptimeSeconds: health.uptimeSeconds, models: running });
    return success;
  }
  const paint = outPaint(context.terminal);
  const table = running.length === 0 ? [paint.dim("No model is loaded; the first request loads its model.")] : processTable(running, paint);
  printLines(context, [`${client.url}  ${paint.dim(`pid ${health.pid}, version ${health.version}`)}`, ...table]);
  return success;
}

export function processTable(models: readonly ModelStatus[], paint: Paint): string[] {
  return formatTable<ModelStatus>([
    { title: "MODEL", cell: ({ name }) => name, paint: (text) => paint.bold(text) },
    { title: "STATE", cell: stateText, paint: (text, model) => paintState(text, model, paint) },
    { title: "DEVICE", cell: deviceText },
    { title: "PID", align: "right", cell: ({ pid }) => pid?.toString() ?? "–" },
    { title: "RESIDENT", align: "right", cell: ({ rssBytes }) => (rssBytes === null ? "–" : formatBytes(rssBytes)) },
    // What the engine allocated or mapped: with what it shares of the model's file, RESIDENT may be more or less.
    { title: "NEEDS", align: "right", cell: ({ memory }) => (memory === null ? "–" : formatBytes(memory.measured.total)) },
    { title: "RATE", align: "right", cell: ({ tokensPerSecond }) => formatRate(tokensPerSecond) },
    { title: "RUNNING", align: "right", cell: ({ running }) => running.toString() },
    { title: "QUEUED", align: "right", cell: ({ queued }) => queued.toString() },
  ], models, paint);
}

/** `cpu`, or the GPU with the layers that are on it. */
function deviceText({ info, state }: ModelStatus): string {
  if (info === null || state !== "ready") return "–";
  const { kind, layers } = info.device;
  return layers === 0 ? kind : `${kind} (${layers} layers)`;
}
