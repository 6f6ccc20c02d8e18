import type { EmbeddingsRequest, EmbeddingsResponse } from "../../../protocol/api/tasks.ts";
import { InfernoError } from "../../../protocol/errors.ts";

/** Architectures whose embedding models are trained so that a vector's beginning is one too (Matryoshka, arXiv 2205.13147). */
const shortens: ReadonlySet<string> = new Set(["gemma-embedding", "qwen3", "nomic-bert", "nomic-bert-moe", "jina-bert-v3"]);

/** OpenAI's answer to an embeddings request. Throws `unsupported_parameter` for a length that the model cannot have. */
export function embeddingsAnswer(
  { model, encoding_format: format, dimensions }: EmbeddingsRequest, vectors: readonly Float32Array[], tokens: number, architecture: string,
): EmbeddingsResponse {
  return {
    object: "list",
    data: vectors.map((vector, index) => ({ object: "embedding", index, embedding: encoded(shortened(vector, dimensions ?? null, architecture), format ?? "float") })),
    model,
    usage: { prompt_tokens: tokens, total_tokens: tokens },
  };
}

function shortened(vector: Float32Array, dimensions: number | null, architecture: string): Float32Array {
  if (dimensions === null || dimensions === vector.length) return vector;
  if (dimensions > vector.length || !shortens.has(architecture)) {
    const why = dimensions > vector.length ? "" : `, and models of the architecture ${architecture} are not trained to be shortened`;
    throw new InfernoError("unsupported_parameter", `dimensions: ${dimensions} is not possible: the model's vectors have ${vector.length} numbers${why}.`, { param: "dimensions" });
  }
  const part = vector.subarray(0, dimensions);
  const length = Math.hypot(...part);
  return length === 0 ? part : part.map((value) => value / length);
}

function encoded(vector: Float32Array, format: "float" | "base64"): number[] | string {
  if (format === "float") return Array.from(vector);
  const bytes = Buffer.alloc(vector.length * 4);
  for (const [index, value] of vector.entries()) bytes.writeFloatLE(value, index * 4);
  return bytes.toString("base64");
}
