import { formatBytes } from "../../../../base/format-bytes.ts";
import { InfernoError } from "../../../../protocol/errors.ts";
import type { MemoryForecast } from "../../backend.ts";

/** What is said instead of loading: every figure of the device that is too small, and what would fit. */
export function doesNotFit(path: string, forecast: MemoryForecast): InfernoError {
  const { context, parallel, kvType, kvCells, largestContext, largestKvCells, devices } = forecast;
  const short = devices.find(({ total, free }) => free !== null && total > free) ?? devices[0]!;
  const { name, weights, kv, compute, total, free } = short;
  const memory = name === "CPU" ? "memory" : `the memory of ${name}`;
  const parts = `weights ${formatBytes(weights)}, KV cache ${formatBytes(kv)} (${kvCells} cells of ${kvType}, for ${parallel} × ${context} tokens), compute buffers ${formatBytes(compute)}`;
  const cells = largestKvCells === null ? "" : ` The largest kv_cells that fits is ${largestKvCells}.`;
  const largest = largestContext === null ? `No smaller context fits.${cells}` : `The largest context that fits is ${largestContext}.${cells}`;
  const message = `${path} needs ${formatBytes(total)} of ${memory}: ${parts}; ${formatBytes(free ?? 0)} are free now. ${largest}`;
  return new InfernoError("model_does_not_fit", message, { param: "context", hint: hint(forecast) });
}

function hint({ context, largestContext, largestKvCells, smallerParallel, smallerKvType }: MemoryForecast): string {
  const ways = [
    largestKvCells === null ? null : `set \`kv_cells\` to ${largestKvCells} or less`,
    largestContext === null ? null : `set \`context\` to ${largestContext} or less`,
    smallerParallel === null ? null : `keep ${context} with \`parallel: ${smallerParallel}\``,
    smallerKvType === null ? null : `keep ${context} with \`kv_type: ${smallerKvType}\``,
  ].filter((way) => way !== null);
  const own = ways.length === 0 ? "Take a smaller model or quantization" : ways.join(", or ");
  return `${own.charAt(0).toUpperCase()}${own.slice(1)}; or free memory. \`check_memory: false\` loads it all the same.`;
}
