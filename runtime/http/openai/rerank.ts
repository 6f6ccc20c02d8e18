import type { RerankRequest, RerankResponse } from "../../../protocol/api/tasks.ts";

/** The documents by their scores, best first; equal ones stay in the request's order. */
export function rerankAnswer(
  { model, top_n: most, return_documents: withDocuments }: RerankRequest, documents: readonly string[], scores: readonly number[], tokens: number,
): RerankResponse {
  const results = documents.map((text, index) => ({ index, relevance_score: scores[index] ?? 0, ...(withDocuments === true && { document: { text } }) }));
  results.sort((a, b) => b.relevance_score - a.relevance_score);
  return { object: "list", model, results: results.slice(0, most ?? results.length), usage: { prompt_tokens: tokens, total_tokens: tokens } };
}
