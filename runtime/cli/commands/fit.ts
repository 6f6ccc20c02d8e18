import { existsSync } from "node:fs";
import { resolve } from "node:path";
import { packageRoot } from "../../../base/package-root.ts";
import { formatBytes } from "../../../base/format-bytes.ts";
import { KvType, ModelConfig } from "../../../protocol/config.ts";
import { InfernoError } from "../../../protocol/errors.ts";
import type { MemoryParts, ModelTask } from "../../../protocol/model.ts";
import type { MemoryForecast } from "../../backends/backend.ts";
import { loadConfig } from "../../config/load.ts";
import { isOnnxSource, onnxTask } from "../../config/onnx-source.ts";
import { ModelRegistry, type ModelDefinition } from "../../config/registry.ts";
import { askForecast } from "../../host/ask-forecast.ts";
import { loadMessage } from "../../host/load-message.ts";
import { hostSpawner } from "../../host/process.ts";
import { chooseConfig, printJson, printLines, success, type Context } from "../context.ts";
import type { Paint } from "../format/paint.ts";
import { formatTable, type Column } from "../format/table.ts";
import { outPaint } from "../terminal.ts";

export interface FitOptions {
  readonly config?: string | undefined;
  readonly context?: number | undefined;
  readonly parallel?: number | undefined;
  readonly kvType?: string | undefined;
  /** What a file is for that no configuration speaks of. */
  readonly task?: ModelTask | undefined;
}

/** Exit code for "no". */
const doesNotFit = 1;
/** A forecast takes parts of a second; a header that promises the impossible may take for ever. */
const limitMs = 60_000;

/** Says whether a model would fit into the memory that is free now. Needs no daemon and loads no weights. */
export async function fit(context: Context, model: string, options: FitOptions): Promise<number> {
  const definition = withOptions(await findModel(context, model, options), options);
  if (definition.kind !== "file") {
    throw new InfernoError("model_file_missing", `"${model}" is ${definition.source}, and only a file on this machine can be looked at.`, {
      hint: "Download it first: the first request to the model does.",
    });
  }
  const { draft } = definition.config.speculation;
  if (draft?.startsWith("hf:") === true) throw new InfernoError("model_file_missing", `The draft model ${draft} is not on this machine.`, { hint: "Download it first: the first request to the model does." });
  if (definition.problem !== undefined) throw definition.problem;
  const limit = AbortSignal.any([context.terminal.stopped, AbortSignal.timeout(limitMs)]);
  const spawn = hostSpawner(packageRoot(import.meta.dirname), () => undefined);
  const forecast = await askForecast(spawn, { type: "forecast", load: loadMessage(definition, context.home) }, limit).catch((error: unknown) => {
    if (!(error instanceof DOMException && error.name === "TimeoutError")) throw error;
    throw new InfernoError("model_load_failed", `${definition.source} could not be looked at within ${limitMs / 1000} s.`);
  });
  if (context.json) printJson(context, { model: definition.source, ...forecast });
  else printLines(context, forecastLines(forecast, outPaint(context.terminal)));
  return forecast.fits ? success : doesNotFit;
}

/** A file's path, or a name of the configuration. */
async function findModel(context: Context, model: string, { config, task }: FitOptions): Promise<ModelDefinition> {
  const path = resolve(context.terminal.cwd, model);
  const file = { name: model, kind: "file", source: path, origin: "command line", config: ModelConfig.parse({ source: path }) } as const;
  if (isOnnxSource(path)) return { ...file, engine: "onnx", ...onnxTask(path, task) };
  if (existsSync(path) || model.endsWith(".gguf")) return { ...file, engine: "llama", task: task ?? "chat" };
  const registry = new ModelRegistry({ packageRoot: packageRoot(import.meta.dirname), allowFake: false });
  const configured = chooseConfig(context, config);
  if (configured !== undefined) registry.attach(await loadConfig(configured));
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
  const { kind, fits, devices, models } = forecast;
  // What embeds or runs once keeps nothing of a request, but for some whose engine sets cells aside all the same.
  const cached = kind === "generation" || devices.some(({ kv }) => kv > 0);
  const columns = <Row extends MemoryParts>(): Column<Row>[] => [
    { title: "WEIGHTS", align: "right", cell: ({ weights }) => formatBytes(weights) },
    ...(cached ? [{ title: "KV CACHE", align: "right", cell: ({ kv }: Row) => formatBytes(kv) } as const] : []),
    { title: "COMPUTE", align: "right", cell: ({ compute }) => formatBytes(compute) },
    { title: "NEEDED", align: "right", cell: ({ total }) => formatBytes(total) },
  ];
  const byDevice = formatTable([
    { title: "MEMORY OF", cell: ({ name }) => (name === "CPU" ? "this machine" : name) },
    ...columns<(typeof devices)[number]>(),
    { title: "FREE", align: "right", cell: ({ free }) => (free === null ? "unknown" : formatBytes(free)) },
  ], devices, paint);
  const byFile = formatTable([{ title: "OF THAT FOR", cell: ({ name }) => name }, ...columns<(typeof models)[number]>()], models, paint);
  return [
    ...byDevice,
    ...(models.length > 1 ? byFile : []),
    ...settingsLines(forecast).map((line) => paint.dim(line)),
    fits ? paint.green("It fits.") : paint.red("It does not fit."),
    ...(fits ? [] : waysOut(forecast)),
  ];
}

function settingsLines(forecast: MemoryForecast): string[] {
  switch (forecast.kind) {
    case "generation": return [`KV cache: ${forecast.kvCells} cells of ${forecast.kvType}, for ${forecast.parallel} × ${forecast.context} tokens.`];
    case "embedding": return [`Texts of up to ${forecast.context} tokens, ${forecast.batch} tokens in one batch.`];
    case "graphs": return ["Without what a run takes, which depends on the sizes of its tensors."];
  }
}

function waysOut(forecast: MemoryForecast): string[] {
  if (forecast.kind === "graphs") return ["Take a smaller model, or one of fewer bits: `inferno quantize`."];
  const { context, largestContext } = forecast;
  if (forecast.kind === "embedding") {
    const { batch } = forecast;
    return largestContext === null ? ["No smaller context would help."] : ["This would fit:", `  --context ${largestContext}${batch > context ? `, and batch: ${largestContext} in inferno.yaml` : ""}`];
  }
  const { largestKvCells, smallerParallel, smallerKvType } = forecast;
  const ways = [
    largestContext === null ? null : `--context ${largestContext}`,
    smallerParallel === null ? null : `--context ${context} --parallel ${smallerParallel}`,
    smallerKvType === null ? null : `--context ${context} --kv-type ${smallerKvType}`,
    largestKvCells === null ? null : `kv_cells: ${largestKvCells} in inferno.yaml`,
  ].filter((way) => way !== null);
  return ways.length === 0 ? ["No smaller context, KV type or number of requests would help."] : ["Any of these would fit:", ...ways.map((way) => `  ${way}`)];
}
