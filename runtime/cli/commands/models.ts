import type { ModelStatus } from "../../../protocol/api/inferno.ts";
import { withDaemon } from "../connect.ts";
import { printJson, printLines, success, type Context } from "../context.ts";
import type { Paint } from "../format/paint.ts";
import { formatTable } from "../format/table.ts";
import { formatPercent } from "../format/units.ts";
import { outPaint } from "../terminal.ts";

/** Every model that has a name, loaded or not. */
export async function models(context: Context, options: { readonly config?: string | undefined }): Promise<number> {
  const list = await withDaemon(context, options.config, (client) => client.call("models"));
  if (context.json) printJson(context, list);
  else printLines(context, modelTable(list.models, outPaint(context.terminal)));
  return success;
}

export function modelTable(models: readonly ModelStatus[], paint: Paint): string[] {
  return formatTable<ModelStatus>([
    { title: "MODEL", cell: ({ name }) => name, paint: (text) => paint.bold(text) },
    { title: "TASK", cell: ({ task }) => task },
    { title: "STATE", cell: stateText, paint: (text, model) => paintState(text, model, paint) },
    { title: "SOURCE", cell: ({ source }) => source },
    { title: "FROM", cell: ({ origin }) => origin },
  ], models, paint);
}

export function stateText({ state, progress, error }: ModelStatus): string {
  if (state === "failed") return `failed (${error?.code ?? "unknown"})`;
  return progress === null ? state : `${state} ${formatPercent(progress)}`;
}

export function paintState(text: string, { state }: ModelStatus, paint: Paint): string {
  if (state === "ready") return paint.green(text);
  if (state === "failed") return paint.red(text);
  return state === "unloaded" ? paint.dim(text) : paint.yellow(text);
}
