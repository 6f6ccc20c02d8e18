import { existsSync } from "node:fs";
import { resolve } from "node:path";
import { packageRoot } from "../../../base/package-root.ts";
import { formatBytes } from "../../../base/format-bytes.ts";
import { KvType, ModelConfig } from "../../../protocol/config.ts";
import { InfernoError } from "../../../protocol/errors.ts";
import type { MemoryForecast } from "../../backends/backend.ts";
import { loadConfig } from "../../config/load.ts";
import { ModelRegistry, type ModelDefinition } from "../../config/registry.ts";
import { askForecast } from "../../host/ask-forecast.ts";
import { loadText } from "../../host/load-message.ts";
import { hostSpawner } from "../../host/process.ts";
import { chooseConfig, printJson, printLines, success, type Context } from "../context.ts";
import type { Paint } from "../format/paint.ts";
import { formatTable } from "../format/table.ts";
import { outPaint } from "../terminal.ts";

export interface FitOptions {
  readonly config?: string | undefined;
  readonly context?: number | undefined;
  readonly parallel?: number | undefined;
  readonly kvType?: string | undefined;
}

/** Exit code for "no". */
const doesNotFit = 1;
/** A forecast takes parts of a second; a header that promises the impossible may take for ever. */
const limitMs = 60_000;

/** Says whether a model would fit into the memory that is free now. Needs no daemon and loads no weights. */
export async function fit(context: Context, model: string, options: FitOptions): Promise<number> {
  const definition = withOptions(await findModel(context, model, options.config), options);
  if (definition.kind !== "file") {
    throw new InfernoError("model_file_missing", `"${model}" is ${definition.source}, and only a file on this machine can be looked at.`, {
      hint: "Download it first: the first request to the model does.",
    });
  }
  if (definition.engine === "onnx") throw new InfernoError("engine_unsupported", `"${model}" is an ONNX model: there is no forecast of what it takes.`);
  const { engine, options: load, home } = loadText(definition, definition.engine, context.home);
  const limit = AbortSignal.any([context.terminal.stopped, AbortSignal.timeout(limitMs)]);
  const spawn = hostSpawner(packageRoot(import.meta.dirname), () => undefined);
  const forecast = await askForecast(spawn, { type: "forecast", engine, options: load, home }, limit).catch((error: unknown) => {
    if (!(error instanceof DOMException && error.name === "TimeoutError")) throw error;
    throw new InfernoError("model_load_failed", `${definition.source} could not be looked at within ${limitMs / 1000} s.`);
  });
  if (context.json) printJson(context, { model: definition.source, ...forecast });
  else printLines(context, forecastLines(forecast, outPaint(context.terminal)));
  return forecast.fits ? success : doesNotFit;
}

/** A file's path, or a name of the configuration. */
async function findModel(context: Context, model: string, config: string | undefined): Promise<ModelDefinition> {
  const path = resolve(context.terminal.cwd, model);
  if (existsSync(path) || model.endsWith(".gguf")) {
    return { name: model, kind: "file", engine: "llama", task: "chat", source: path, origin: "command line", config: ModelConfig.parse({ source: path }) };
  }
  const registry = new ModelRegistry({ packageRoot: packageRoot(import.meta.dirname), allowFake: false });
  const file = chooseConfig(context, config);
  if (file !== undefined) registry.attach(await loadConfig(file));
  return registry.get(model);
}

function withOptions(definition: ModelDefinition, { context, parallel, kvType }: FitOptions): ModelDefinition {
  const changed = ModelConfig.safeParse({
    ...definition.config,
    // With other sizes than the configured ones the configured number of cells makes no sense.
    ...((context !== undefined || parallel !== undefined) && { kv_cells: undefined }),
    ...(context !== undefined && { context }), ...(parallel !== undefined && { parallel }), ...(kvType !== undefined && { kv_type: kvType }),
  });
  if (changed.success) return { ...definition, config: changed.data };
  const [issue] = changed.error.issues;
  const hint = issue?.path[0] === "kv_type" ? `One of ${KvType.options.join(", ")}.` : undefined;
  throw new InfernoError("usage", `--${String(issue?.path[0] ?? "").replaceAll("_", "-")}: ${issue?.message ?? "not possible"}.`, { hint });
}

export function forecastLines(forecast: MemoryForecast, paint: Paint): string[] {
  const { fits, context, parallel, kvType, kvCells, devices } = forecast;
  const table = formatTable([
    { title: "MEMORY OF", cell: ({ name }) => (name === "CPU" ? "this machine" : name) },
    { title: "WEIGHTS", align: "right", cell: ({ weights }) => formatBytes(weights) },
    { title: "KV CACHE", align: "right", cell: ({ kv }) => formatBytes(kv) },
    { title: "COMPUTE", align: "right", cell: ({ compute }) => formatBytes(compute) },
    { title: "NEEDED", align: "right", cell: ({ total }) => formatBytes(total) },
    { title: "FREE", align: "right", cell: ({ free }) => (free === null ? "unknown" : formatBytes(free)) },
  ], devices, paint);
  return [
    ...table,
    paint.dim(`KV cache: ${kvCells} cells of ${kvType}, for ${parallel} × ${context} tokens.`),
    fits ? paint.green("It fits.") : paint.red("It does not fit."),
    ...(fits ? [] : waysOut(forecast)),
  ];
}

function waysOut({ context, largestContext, largestKvCells, smallerParallel, smallerKvType }: MemoryForecast): string[] {
  const ways = [
    largestContext === null ? null : `--context ${largestContext}`,
    smallerParallel === null ? null : `--context ${context} --parallel ${smallerParallel}`,
    smallerKvType === null ? null : `--context ${context} --kv-type ${smallerKvType}`,
    largestKvCells === null ? null : `kv_cells: ${largestKvCells} in inferno.yaml`,
  ].filter((way) => way !== null);
  return ways.length === 0 ? ["No smaller context, KV type or number of requests would help."] : ["Any of these would fit:", ...ways.map((way) => `  ${way}`)];
}
