import type { PipelineParts } from "../pipeline.ts";
import { TextGraph, type TextManifest } from "./text-graph.ts";
import { TextTokenizer } from "./text-tokenizer.ts";
import { readTokenizer, type TokenizerFile } from "./tokenizer-file.ts";

/** What every pipeline for texts is made of. */
export interface TextModel {
  readonly graph: TextGraph;
  readonly tokenizer: TextTokenizer;
  readonly file: TokenizerFile;
  readonly tokens: { readonly longest: number; readonly vocabulary: number };
}

export async function loadTextModel(parts: PipelineParts, manifest: TextManifest & { readonly tokenizer: string }): Promise<TextModel> {
  // First what is quickly read: a missing tokenizer is told before a large graph is loaded.
  const file = await readTokenizer(parts.file(manifest.tokenizer));
  const graph = new TextGraph(await parts.open(manifest.model), manifest, file.padId);
  const longest = Math.min(manifest.max_tokens, graph.fixedLength ?? manifest.max_tokens);
  return { graph, file, tokenizer: new TextTokenizer(file, longest), tokens: { longest, vocabulary: file.vocabulary } };
}

/** `input` or `input.3`, as errors name it. */
export function inputName(field: string, index: number, count: number): string {
  return count === 1 ? field : `${field}.${index}`;
}
