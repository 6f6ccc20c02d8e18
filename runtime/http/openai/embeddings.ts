import type { EmbeddingsRequest, EmbeddingsResponse } from "../../../protocol/api/tasks.ts";
import { InfernoError } from "../../../protocol/errors.ts";
import type { Matryoshka } from "../../../protocol/model.ts";

/** OpenAI's answer to an embeddings request. Throws `unsupported_parameter` for a length that the model cannot have. */
export function embeddingsAnswer(
  { model, encoding_format: format, dimensions }: EmbeddingsRequest, vectors: readonly Float32Array[], tokens: number, matryoshka: Matryoshka,
): EmbeddingsResponse {
  return {
    object: "list",
    data: vectors.map((vector, index) => ({ object: "embedding", index, embedding: encoded(shortened(vector, dimensions ?? vector.length, matryoshka), format ?? "float") })),
    model,
    usage: { prompt_tokens: tokens, total_tokens: tokens },
  };
}

function shortened(vector: Float32Array, dimensions: number, matryoshka: Matryoshka): Float32Array {
  if (dimensions === vector.length) return vector;
  const refuse = (why: string, hint?: string): InfernoError =>
    new InfernoError("unsupported_parameter", `dimensions: ${dimensions} is not possible: the model's vectors have ${vector.length} numbers${why}.`, { param: "dimensions", hint });
  if (dimensions > vector.length) throw refuse("");
  if (matryoshka === false) {
    throw refuse(", and nothing says that it was trained so that their beginnings mean something", "If its makers say so, set `matryoshka` to true, or to the lengths they name, in the model's configuration.");
  }
  if (matryoshka !== true && !matryoshka.includes(dimensions)) throw refuse(`, and can be shortened to ${matryoshka.join(", ")}`);
  const part = vector.subarray(0, dimensions);
  // A manifest may leave vectors as long as they are; then so are their beginnings.
  return isUnit(vector) ? toUnit(part) : part;
}

const isUnit = (vector: Float32Array): boolean => Math.abs(lengthOf(vector) - 1) < 1e-3;
const lengthOf = (vector: Float32Array): number => Math.sqrt(vector.reduce((sum, value) => sum + value * value, 0));

function toUnit(vector: Float32Array): Float32Array {
  const length = lengthOf(vector);
  return length === 0 ? vector : vector.map((value) => value / length);
}

function encoded(vector: Float32Array, format: "float" | "base64"): number[] | string {
  if (format === "float") return Array.from(vector);
  const bytes = Buffer.alloc(vector.length * 4);
  for (const [index, value] of vector.entries()) bytes.writeFloatLE(value, index * 4);
  return bytes.toString("base64");
}
