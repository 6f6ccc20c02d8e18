import { readFileSync } from "node:fs";
import { z } from "zod";
import { InferRequest } from "../../protocol/api/infer.ts";
import { InfernoError } from "../../protocol/errors.ts";
import { fromTensorData } from "../backends/onnx/tensor-data.ts";
import type { Tensors } from "../backends/onnx/tensors.ts";
import { tensorOf } from "../tensor-json.ts";

/** A line is the body of `POST /api/v1/infer`; of its fields only `inputs` counts. */
const Line = z.object({ inputs: InferRequest.shape.inputs });

/** Rejects with `invalid_request` or `tensor_mismatch`, naming the line. */
export function readCalibration(path: string): Tensors[] {
  let text: string;
  try {
    text = readFileSync(path, "utf8");
  } catch (cause) {
    throw new InfernoError("usage", `The calibration file ${path} cannot be read: ${cause instanceof Error ? cause.message : String(cause)}.`, { cause });
  }
  const sets = text.split("\n").flatMap((line, index) => (line.trim() === "" ? [] : [readLine(line, `${path}:${index + 1}`)]));
  if (sets.length === 0) throw new InfernoError("invalid_request", `The calibration file ${path} holds no inputs.`, { hint: 'Write one JSON object a line: {"inputs": {"NAME": {"type": "int64", "shape": [1, 3], "data": [1, 2, 3]}}}.' });
  return sets;
}

function readLine(line: string, place: string): Tensors {
  let value: unknown;
  try {
    value = JSON.parse(line);
  } catch (cause) {
    throw new InfernoError("invalid_request", `${place} is not JSON.`, { cause });
  }
  const parsed = Line.safeParse(value);
  if (!parsed.success) throw new InfernoError("invalid_request", `${place}: ${z.prettifyError(parsed.error)}`, { hint: 'A line reads {"inputs": {"NAME": {"type": …, "shape": …, "data": …}}}.' });
  return Object.fromEntries(Object.entries(parsed.data.inputs).map(([name, tensor]) => [name, fromTensorData(name, tensorOf(tensor, `${place}: ${name}`))]));
}
