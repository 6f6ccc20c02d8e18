import { graph, model, modelBytes, node, tensor, value, type GraphParts } from "../../../runtime/onnx-file/build.ts";

/** Tokens of the scripts; their places are their ids. */
export const words = ["hello", "\u0120world", "good", "\u0120day", "!"] as const;
export const special = ["<|endoftext|>", "<|start|>", "<|en|>", "<|de|>", "<|transcribe|>", "<|notimestamps|>", "<|0.00|>", "<|0.20|>", "<|0.40|>", "<|0.60|>", "<|0.80|>"] as const;
const vocabulary = words.length + special.length;
export const id = (token: (typeof words)[number] | (typeof special)[number]): number => [...words, ...special].indexOf(token);

export const tokenizer = {
  version: "1.0", truncation: null, padding: null, normalizer: null,
  added_tokens: special.map((content) => ({ id: id(content), content, special: !/\d/.test(content), single_word: false, lstrip: false, rstrip: false, normalized: false })),
  pre_tokenizer: { type: "ByteLevel", add_prefix_space: false, trim_offsets: true, use_regex: true },
  post_processor: null, decoder: { type: "ByteLevel", add_prefix_space: true, trim_offsets: true, use_regex: true },
  model: { type: "BPE", dropout: null, unk_token: null, continuing_subword_prefix: "", end_of_word_suffix: "", fuse_unk: false, byte_fallback: false, vocab: Object.fromEntries(words.map((word) => [word, id(word)])), merges: [] },
};

/** Places in a script; behind its own tokens come ends. */
const length = 460;

/** Hears only whether there is a sound: its state is 1, and 0 for silence, whose features are all −1.5. */
export const encoder = (mels: number): Uint8Array => modelBytes(model(graph({
  nodes: [node("ReduceMean", ["input_features"], ["mean"], { keepdims: 1 }), node("Greater", ["mean", "floor"], ["loud"]), node("Cast", ["loud"], ["last_hidden_state"], { to: 1 })],
  inputs: [value("input_features", "float32", ["batch", mels, "frames"])],
  outputs: [value("last_hidden_state", "float32", ["batch", 1, 1])],
  initializers: [tensor("floor", "float32", [1, 1, 1], [-1.2])],
})));

const floats = (name: string) => value(name, "float32", null);

/**
 * Says a script, one for silence and one for sound: at each place the script's token, as long as the cache holds exactly the script up to here; otherwise "!".
 * Which script is in the encoder's cache alone, and comes out empty in the branch with a cache, as real exports have it. So it speaks only to whoever keeps both caches.
 */
export function decoder(silence: readonly number[], sound: readonly number[]): Uint8Array {
  const script = [silence, sound].flatMap((row) => [...row, ...new Array<number>(length - row.length).fill(id("<|endoftext|>"))]);
  const cached: GraphParts = {
    name: "cached", outputs: [floats("kept"), floats("nothing")],
    nodes: [node("Identity", ["past_key_values.0.encoder.key"], ["kept"]), node("Constant", [], ["nothing"], { value: tensor("", "float32", [0, 1, 1, 1], []) })],
  };
  const fresh: GraphParts = {
    name: "fresh", outputs: [floats("made"), floats("given")],
    nodes: [node("Reshape", ["encoder_hidden_states", "four"], ["made"]), node("Identity", ["made"], ["given"])],
  };
  return modelBytes(model(graph({
    nodes: [
      node("If", ["use_cache_branch"], ["which", "present.0.encoder.key"], { then_branch: graph(cached), else_branch: graph(fresh) }),
      node("Cast", ["input_ids"], ["numbers"], { to: 1 }),
      node("Reshape", ["numbers", "places"], ["added"]),
      node("Concat", ["past_key_values.0.decoder.key", "added"], ["present.0.decoder.key"], { axis: 2 }),
      node("Reshape", ["present.0.decoder.key", "flat"], ["said"]),
      node("Shape", ["said"], ["count"]),
      node("Reshape", ["which", "flat"], ["row.float"]),
      node("Cast", ["row.float"], ["row"], { to: 7 }),
      node("Gather", ["scripts", "row"], ["script.one"], { axis: 0 }),
      node("Reshape", ["script.one", "flat"], ["script"]),
      node("Cast", ["script"], ["script.float"], { to: 1 }),
      node("Slice", ["script.float", "zero", "count"], ["expected"]),
      node("Sub", ["said", "expected"], ["difference"]),
      node("Abs", ["difference"], ["distance"]),
      node("ReduceSum", ["distance"], ["error"], { keepdims: 0 }),
      node("Greater", ["error", "half"], ["wrong"]),
      node("Gather", ["script", "count"], ["next"], { axis: 0 }),
      node("Where", ["wrong", "exclamation", "next"], ["token"]),
      node("OneHot", ["token", "depth", "offOn"], ["one"], { axis: -1 }),
      node("Shape", ["input_ids"], ["size"]),
      node("Concat", ["size", "depth"], ["wide"], { axis: 0 }),
      node("Expand", ["one", "wide"], ["logits"]),
    ],
    inputs: [
      value("input_ids", "int64", ["batch", "tokens"]), value("encoder_hidden_states", "float32", ["batch", 1, 1]), value("use_cache_branch", "bool", [1]),
      value("past_key_values.0.decoder.key", "float32", ["batch", 1, "past", 1]), value("past_key_values.0.encoder.key", "float32", ["batch", 1, "states", 1]),
    ],
    outputs: [value("logits", "float32", ["batch", "tokens", vocabulary]), value("present.0.decoder.key", "float32", ["batch", 1, "all", 1]), floats("present.0.encoder.key")],
    initializers: [
      tensor("scripts", "int64", [2, length], script), tensor("four", "int64", [4], [1, 1, 1, 1]), tensor("places", "int64", [4], [1, 1, -1, 1]), tensor("flat", "int64", [1], [-1]),
      tensor("zero", "int64", [1], [0]), tensor("half", "float32", [], [0.5]), tensor("exclamation", "int64", [1], [id("!")]), tensor("depth", "int64", [1], [vocabulary]), tensor("offOn", "float32", [2], [0, 20]),
    ],
  })));
}
