import { isFloat, named, rank, shapeText, size, takesFloats, takesIds, type FolderFacts, type InputOf, type ModelFacts, type Recipe } from "./facts.ts";

/** Models of sound. Their graphs say little of rates and windows, so more is assumed here than elsewhere. */
export const audioRecipes = (facts: FolderFacts): Recipe[] =>
  [voiceActivity(facts), transcription(facts), speech(facts), wakeWord(facts)].filter((recipe) => recipe !== null);

function voiceActivity({ models: [model] }: FolderFacts): Recipe | null {
  if (model === undefined) return null;
  const state = model.inputs.find((input) => takesFloats(input) && rank(input) === 3 && /state|^h/.test(input.name));
  const audio = model.inputs.find((input) => takesFloats(input) && rank(input) === 2);
  const output = model.outputs.find((value) => isFloat(value) && size(value, -1) === 1);
  const next = model.outputs.filter((value) => isFloat(value) && value !== output);
  if (state === undefined || audio === undefined || output === undefined || next.length !== 1) return null;
  const rate = model.inputs.find((input) => takesIds(input) && (rank(input) ?? 0) <= 1);
  const defaults = { audio: "input", rate: "sr", state: "state", output: "output", next: "stateN" };
  const tensors = { audio: audio.name, rate: rate?.name ?? null, state: state.name, output: output.name, next: next[0]!.name };
  const other = Object.entries(tensors).filter(([key, name]) => defaults[key as keyof typeof defaults] !== name);
  return {
    task: "vad", score: other.length === 0 ? 95 : 70, missing: [],
    reasons: [`"${audio.name}" takes samples and "${state.name}" ${shapeText(state)} a state, "${next[0]!.name}" gives the next one`, `"${output.name}" is one probability`],
    assumed: [`window: ${other.length === 0 ? "512 samples after 64 of the window before, at 16 kHz, as Silero's fifth version has it" : "512 samples at 16 kHz"}`],
    manifest: { task: "vad", model: model.file, sample_rate: 16_000, window: 512, context: other.length === 0 ? 64 : 0, ...(other.length > 0 && { tensors: Object.fromEntries(other) }) },
  };
}

/** Of the encoder's states, in all exports. */
const encoderStates = "encoder_hidden_states";

function transcription({ models, tokenizer }: FolderFacts): Recipe | null {
  const [asked] = models;
  const encoder = models.find(({ inputs }) => named(inputs, "input_features") !== undefined);
  const decoders = models.filter(({ inputs }) => named(inputs, encoderStates) !== undefined);
  // The merged one does with and without a cache; others come in pairs.
  const decoder = decoders.find(({ inputs }) => named(inputs, "use_cache_branch") !== undefined) ?? decoders.find(({ inputs }) => inputs.some(({ name }) => name.includes("past"))) ?? decoders[0];
  if (asked === undefined || !(asked === encoder || decoders.includes(asked)) || (encoder === undefined && decoder === undefined)) return null;
  const mels = encoder === undefined ? null : size(named(encoder.inputs, "input_features")!, 1);
  return {
    task: "transcription", score: 85, reasons: [
      ...(encoder === undefined ? [] : [`${encoder.file} takes frames of ${mels ?? "some"} mels`]), ...(decoder === undefined ? [] : [`${decoder.file} takes the encoder's states`]),
    ],
    missing: [...(encoder === undefined ? ["the encoder"] : []), ...(decoder === undefined ? ["the decoder"] : []), ...(tokenizer === null ? ["tokenizer.json"] : [])],
    assumed: ["start and end: the tokens of Whisper's multilingual models"],
    manifest: {
      task: "transcription", encoder: encoder?.file ?? "encoder_model.onnx", decoder: decoder?.file ?? "decoder_model_merged.onnx", tokenizer: tokenizer ?? "tokenizer.json",
      ...(mels !== null && { mels }), start: ["<|startoftranscript|>", "{language}", "<|transcribe|>", "<|notimestamps|>"], end: "<|endoftext|>",
    },
  };
}

function speech({ models: [model], vocabularies }: FolderFacts): Recipe | null {
  if (model === undefined || model.outputs.length === 0) return null;
  const ids = model.inputs.find((input) => takesIds(input) && rank(input) === 2);
  const lengths = named(model.inputs, "input_lengths", "x_lengths", "text_lengths", "lengths");
  const speed = named(model.inputs, "speed");
  const scale = named(model.inputs, "length_scale");
  const voice = named(model.inputs, "style", "voice", "speaker", "sid", "speaker_id");
  const output = named(model.outputs, "waveform", "audio", "wav", "output", "y") ?? model.outputs[0]!;
  const known = [ids, lengths, speed, scale, voice];
  // A length or a speed is what tells speech from other things that are made of ids.
  const fits = (lengths === undefined || takesIds(lengths)) && [speed, scale].every((input) => input === undefined || takesFloats(input)) && (voice === undefined || takesIds(voice) || takesFloats(voice));
  if (ids === undefined || !fits || !isFloat(output) || (lengths ?? speed ?? scale ?? voice) === undefined || model.inputs.some((input) => !known.includes(input))) return null;
  const tensors: InputOf<"speech">["tensors"] = {
    ids: ids.name, ...(lengths !== undefined && { lengths: lengths.name }), ...(speed !== undefined && { speed: speed.name }), ...(scale !== undefined && { length_scale: scale.name }),
    ...(voice !== undefined && { voice: voice.name }), output: output.name,
  };
  const [vocabulary] = vocabularies;
  return {
    task: "speech", score: 75, missing: vocabulary === undefined ? ["a JSON file with the ids of characters or phonemes"] : [],
    reasons: [`"${ids.name}" takes ids of text, "${output.name}" ${shapeText(output)} is sound`], assumed: ["sample_rate: 22050 samples a second, which the graph does not say"],
    manifest: { task: "speech", model: model.file, sample_rate: 22_050, characters: vocabulary ?? "characters.json", tensors },
  };
}

/** At 16 kHz; shorter windows are rather those of voice activity. */
const shortestWord = 4000;

function wakeWord({ models: [model] }: FolderFacts): Recipe | null {
  const score = model === undefined ? null : oneScore(model);
  if (model === undefined || score === null) return null;
  const [input] = model.inputs;
  const window = rank(input!) === 2 ? size(input!, 1) : null;
  if (window === null || window < shortestWord) return null;
  return {
    task: "wake-word", score: 60, missing: [], reasons: [`"${input!.name}" ${shapeText(input!)} takes a window of samples`, `"${score.name}" ${shapeText(score)} is a score for each word`],
    assumed: ["words: numbers stand for them, until you name them", "hop: an eighth of the window, at 16 kHz"],
    manifest: { task: "wake-word", model: model.file, words: Array.from({ length: size(score, -1) ?? 1 }, (_, index) => `word ${index + 1}`), window, hop: Math.floor(window / 8) },
  };
}

const mostWords = 16;

function oneScore({ inputs, outputs: [output] }: ModelFacts) {
  const width = output === undefined ? null : size(output, -1);
  return inputs.length === 1 && takesFloats(inputs[0]!) && output !== undefined && rank(output) === 2 && width !== null && width <= mostWords ? output : null;
}
