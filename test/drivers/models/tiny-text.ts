import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { stringify } from "yaml";
import { graph, model, modelBytes, node, tensor, value } from "../../../runtime/onnx-file/build.ts";

/** The vocabulary of the models here, in the order of its ids. */
export const tinyWords = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "ada", "love", "##lace", "lives", "in", "london", "good", "bad", "very"];

const special = (content: string): object => ({ id: tinyWords.indexOf(content), content, special: true, normalized: false });
const piece = (id: string, type: number): object => ({ SpecialToken: { id, type_id: type } });
const sequence = (id: string, type: number): object => ({ Sequence: { id, type_id: type } });

/** A tokenizer of BERT's kind. */
const tokenizer = {
  added_tokens: tinyWords.slice(0, 4).map(special),
  normalizer: { type: "BertNormalizer", clean_text: true, handle_chinese_chars: true, lowercase: true },
  pre_tokenizer: { type: "BertPreTokenizer" },
  post_processor: {
    type: "TemplateProcessing",
    single: [piece("[CLS]", 0), sequence("A", 0), piece("[SEP]", 0)],
    pair: [piece("[CLS]", 0), sequence("A", 0), piece("[SEP]", 0), sequence("B", 1), piece("[SEP]", 1)],
  },
  decoder: null,
  model: { type: "WordPiece", unk_token: "[UNK]", continuing_subword_prefix: "##", vocab: Object.fromEntries(tinyWords.map((word, id) => [word, id])) },
};

export interface TinyText {
  /** Numbers of each word; words not named have zeros. */
  readonly table: Readonly<Record<string, readonly number[]>>;
  /** `words`: [batch, tokens, numbers]; `sum`: [batch, numbers] over all tokens; `second`: the same over the second text's. */
  readonly output: "words" | "sum" | "second";
  readonly manifest: Readonly<Record<string, unknown>>;
  readonly rows?: number | string;
  readonly columns?: number | string;
}

/** A model whose answer is a sum of numbers of its words. Padding has large ones, so that it is seen when it is not masked. */
export function writeTinyText(folder: string, { table, output, manifest, rows = "batch", columns = "tokens" }: TinyText): string {
  const width = Object.values(table)[0]?.length ?? 1;
  const numbers = tinyWords.flatMap((word) => table[word] ?? Array.from({ length: width }, () => (word === "[PAD]" ? 1000 : 0)));
  const counted = output === "second" ? "token_type_ids" : "attention_mask";
  const inputs = ["input_ids", "attention_mask", ...(output === "second" ? ["token_type_ids"] : [])].map((name) => value(name, "int64", [rows, columns]));
  const nodes = [
    node("Gather", ["table", "input_ids"], ["words"]),
    node("Cast", [counted], ["weights"], { to: 1 }),
    node("Unsqueeze", ["weights", "last"], ["columns"]),
    node("Mul", ["words", "columns"], ["masked"]),
    node("ReduceSum", ["masked", "first"], ["sum"], { keepdims: 0 }),
  ];
  const constants = [tensor("table", "float32", [tinyWords.length, width], numbers), tensor("last", "int64", [1], [2]), tensor("first", "int64", [1], [1])];
  const [kept, shape] = output === "words" ? [nodes.slice(0, 1), [rows, columns, width]] as const : [nodes, [rows, width]] as const;
  const outputs = [value(output === "words" ? "words" : "sum", "float32", shape)];
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, "model.onnx"), modelBytes(model(graph({ nodes: kept, inputs, outputs, initializers: constants }))));
  writeFileSync(join(folder, "tokenizer.json"), JSON.stringify(tokenizer));
  writeFileSync(join(folder, "inferno.model.yaml"), stringify(manifest));
  return folder;
}
