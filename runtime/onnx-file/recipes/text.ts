import type { GraphValue } from "../../../protocol/graph.ts";
import { isFloat, named, rank, shapeText, size, takesIds, type FolderFacts, type InputOf, type Recipe } from "./facts.ts";

/** Sizes of vectors that models for embeddings have; numbers of labels are smaller, as a rule. */
const smallestVector = 64;
/** Where the file of positions says nothing. */
const usualMaxTokens = 512;

interface TextGraph {
  readonly ids: GraphValue;
  readonly output: GraphValue;
  /** What all manifests of texts say alike. */
  readonly common: Pick<InputOf<"embedding">, "model" | "tokenizer" | "max_tokens" | "tensors">;
  readonly missing: readonly string[];
}

/** Models that take token ids: vectors, scores or labels, by the shape of what they give. */
export function textRecipes(facts: FolderFacts): Recipe[] {
  const graph = textGraph(facts);
  if (graph === null) return [];
  const recipes = rank(graph.output) === 3 ? [tokenEmbedding(facts, graph), tokenLabels(facts, graph)] : [pooledEmbedding(graph), score(facts, graph), textLabels(facts, graph)];
  return recipes.filter((recipe) => recipe !== null);
}

function textGraph({ models: [model], tokenizer, maxTokens }: FolderFacts): TextGraph | null {
  if (model === undefined) return null;
  const ids = named(model.inputs, "input_ids", "ids", "tokens") ?? model.inputs.find((input) => takesIds(input) && rank(input) === 2);
  const output = named(model.outputs, "sentence_embedding", "logits", "last_hidden_state", "token_embeddings") ?? model.outputs[0];
  if (ids === undefined || output === undefined || !isFloat(output)) return null;
  // A decoder of language or speech, and whatever wants more than a text.
  const known = new Set([ids.name, "attention_mask", "token_type_ids"]);
  if (model.inputs.some((input) => !known.has(input.name) || !takesIds(input))) return null;
  const has = (name: string) => model.inputs.some((input) => input.name === name);
  const tensors = {
    ...(ids.name !== "input_ids" && { ids: ids.name }),
    ...(!has("attention_mask") && { mask: null }),
    ...(has("token_type_ids") && { types: "token_type_ids" }),
  };
  return {
    ids, output, missing: tokenizer === null ? ["tokenizer.json"] : [],
    common: { model: model.file, tokenizer: tokenizer ?? "tokenizer.json", max_tokens: maxTokens ?? usualMaxTokens, ...(Object.keys(tensors).length > 0 && { tensors }) },
  };
}

const takesTokens = ({ ids }: TextGraph): string => `"${ids.name}" takes token ids`;
const gives = ({ output }: TextGraph, what: string): string => `"${output.name}" ${shapeText(output)} is ${what}`;
const built = ({ architectures }: FolderFacts, kind: string): boolean => architectures.some((name) => name.includes(kind));

function tokenEmbedding(facts: FolderFacts, graph: TextGraph): Recipe {
  const other = built(facts, "TokenClassification");
  return {
    task: "embedding", score: other ? 30 : 85, missing: graph.missing,
    reasons: [takesTokens(graph), gives(graph, "a vector for each token")],
    assumed: facts.pooling === null ? ["pooling: mean, which most of these models are trained with"] : [],
    manifest: { task: "embedding", ...graph.common, output: graph.output.name, pooling: facts.pooling ?? "mean", normalize: true },
  };
}

function pooledEmbedding(graph: TextGraph): Recipe | null {
  const width = size(graph.output, -1);
  const says = graph.output.name.includes("embed");
  if (!says && width !== null && width < smallestVector) return null;
  return {
    task: "embedding", score: says ? 90 : 40, missing: graph.missing, assumed: [],
    reasons: [takesTokens(graph), gives(graph, "one vector for each text")],
    manifest: { task: "embedding", ...graph.common, output: graph.output.name, pooling: "none", normalize: true },
  };
}

function score(facts: FolderFacts, graph: TextGraph): Recipe | null {
  const width = size(graph.output, -1);
  if (width !== 1 && !(width === null && built(facts, "SequenceClassification"))) return null;
  return {
    task: "rerank", score: width === 1 ? 90 : 45, missing: graph.missing, assumed: [],
    reasons: [takesTokens(graph), gives(graph, "one score for each text")],
    manifest: { task: "rerank", ...graph.common, output: graph.output.name },
  };
}

function textLabels(facts: FolderFacts, graph: TextGraph): Recipe | null {
  const width = size(graph.output, -1);
  if (width === 1 || (width === null && facts.labels === null)) return null;
  const match = facts.labels !== null && (width === null || facts.labels.count === width);
  const says = built(facts, "SequenceClassification");
  if (!match && !says && width !== null && width >= smallestVector) return null;
  return {
    task: "text-classification", score: 60 + (match ? 15 : 0) + (says ? 20 : 0), missing: graph.missing,
    reasons: [takesTokens(graph), gives(graph, "a score for each label"), ...labelReason(facts, match)],
    assumed: match ? [] : [numbersForLabels],
    manifest: { task: "text-classification", ...graph.common, output: graph.output.name, labels: labelsOr(facts, match, width) },
  };
}

function tokenLabels(facts: FolderFacts, graph: TextGraph): Recipe | null {
  const width = size(graph.output, -1);
  const match = facts.labels !== null && (width === null || facts.labels.count === width);
  const says = built(facts, "TokenClassification");
  if (!says && !(match && graph.output.name === "logits")) return null;
  return {
    task: "token-classification", score: 70 + (match ? 10 : 0) + (says ? 15 : 0), missing: graph.missing,
    reasons: [takesTokens(graph), gives(graph, "a score for each token and label"), ...labelReason(facts, match)],
    assumed: match ? [] : [numbersForLabels],
    manifest: { task: "token-classification", ...graph.common, output: graph.output.name, labels: labelsOr(facts, match, width) },
  };
}

export const numbersForLabels = "labels: numbers stand for them, until you name them or a file that lists them";

/** The file that lists as many as the graph has, else numbers; 2 where not even their number is known. */
export function labelsOr({ labels }: FolderFacts, match: boolean, count: number | null): string | string[] {
  return match && labels !== null ? labels.file : Array.from({ length: count ?? 2 }, (_, index) => String(index));
}

export const labelReason = ({ labels }: FolderFacts, match: boolean): string[] => (match && labels !== null ? [`${labels.file} names ${labels.count} labels`] : []);
