import { formatBytes } from "../../base/format-bytes.ts";
import { InfernoError } from "../../protocol/errors.ts";
import type { EmbedderForecast, GenerationForecast, MemoryForecast } from "./backend.ts";

/** What is said instead of loading: every figure of the device that is too small, each file's part, and what would fit. */
export function doesNotFit(path: string, forecast: MemoryForecast): InfernoError {
  const { devices, models } = forecast;
  const short = devices.find(({ total, free }) => free !== null && total > free) ?? devices[0]!;
  const { name, weights, kv, compute, total, free } = short;
  const memory = name === "CPU" ? "memory" : `the memory of ${name}`;
  const cache = kv > 0 || forecast.kind === "generation" ? `, KV cache ${formatBytes(kv)}${cellsOf(forecast)}` : "";
  const parts = `weights ${formatBytes(weights)}${cache}, ${computeName(forecast)} ${formatBytes(compute)}`;
  const files = models.length < 2 ? "" : ` (${models.map((model) => `${model.name} ${formatBytes(model.total)}`).join(", ")})`;
  const message = `${path} needs ${formatBytes(total)} of ${memory}${files}: ${parts}; ${formatBytes(free ?? 0)} are free now.${largest(forecast)}`;
  return new InfernoError("model_does_not_fit", message, { ...(forecast.kind !== "graphs" && { param: "context" }), hint: hint(forecast) });
}

const cellsOf = (forecast: MemoryForecast): string =>
  (forecast.kind === "generation" ? ` (${forecast.kvCells} cells of ${forecast.kvType}, for ${forecast.parallel} × ${forecast.context} tokens)` : "");

function computeName(forecast: MemoryForecast): string {
  if (forecast.kind === "graphs") return "the engine's copies and buffers";
  return forecast.kind === "embedding" ? `compute buffers for a batch of ${forecast.batch} tokens` : "compute buffers";
}

function largest(forecast: MemoryForecast): string {
  if (forecast.kind === "graphs") return "";
  const { largestContext } = forecast;
  const cells = forecast.kind === "generation" && forecast.largestKvCells !== null ? ` The largest kv_cells that fits is ${forecast.largestKvCells}.` : "";
  return largestContext === null ? ` No smaller context fits.${cells}` : ` The largest context that fits is ${largestContext}${batchBeside(forecast)}.${cells}`;
}

/** A batch must come down too where it is what the buffers are for. */
function batchBeside(forecast: GenerationForecast | EmbedderForecast): string {
  const { kind, context, largestContext } = forecast;
  return kind === "embedding" && forecast.batch > context && largestContext !== null ? `, with \`batch: ${largestContext}\`` : "";
}

function hint(forecast: MemoryForecast): string {
  const own = waysOut(forecast).join(", or ") || "take a smaller model or quantization";
  return `${own.charAt(0).toUpperCase()}${own.slice(1)}; or free memory. \`check_memory: false\` loads it all the same.`;
}

function waysOut(forecast: MemoryForecast): string[] {
  if (forecast.kind === "graphs") return [];
  const { context, largestContext } = forecast;
  const shorter = largestContext === null ? null : `set \`context\` to ${largestContext} or less${batchBeside(forecast)}`;
  if (forecast.kind === "embedding") return shorter === null ? [] : [shorter];
  const { largestKvCells, smallerParallel, smallerKvType } = forecast;
  return [
    largestKvCells === null ? null : `set \`kv_cells\` to ${largestKvCells} or less`,
    shorter,
    smallerParallel === null ? null : `keep ${context} with \`parallel: ${smallerParallel}\``,
    smallerKvType === null ? null : `keep ${context} with \`kv_type: ${smallerKvType}\``,
  ].filter((way) => way !== null);
}
