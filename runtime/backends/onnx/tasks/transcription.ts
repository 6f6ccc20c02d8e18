import { assert } from "../../../../base/assert.ts";
import { InfernoError } from "../../../../protocol/errors.ts";
import type { ManifestOf } from "../../../../protocol/manifest.ts";
import type { Prepared, TaskCall, TaskItem } from "../../task-model.ts";
import { askedOf } from "../asked.ts";
import { CachedDecoder, type DecoderCache } from "../audio/cached-decoder.ts";
import { checkType } from "../audio/graph-values.ts";
import { centredLogMel } from "../audio/log-mel.ts";
import { MelFrames } from "../audio/mel.ts";
import { quietCuts, type Cut } from "../audio/quiet-cuts.ts";
import { readSound } from "../audio/sound.ts";
import { SpeechTokens } from "../audio/speech-tokens.ts";
import { nextToken, segmentsOf } from "../audio/timestamp-rules.ts";
import type { Pipeline, PipelineParts } from "../pipeline.ts";
import type { Session } from "../session.ts";
import { float32, type Tensor } from "../tensors.ts";
import { readTokenizer, type TokenizerFile } from "../text/tokenizer-file.ts";

type Manifest = ManifestOf<"transcription">;

/** A tenth of a second without energy is a pause between words, not one within. */
const pauseSeconds = 0.1;

/** A part of a sound, as long as the encoder takes at once. */
class ChunkItem implements TaskItem {
  readonly length = 1;
  readonly samples: Float32Array;
  /** The language's token; null lets the model find out. */
  readonly language: number | null;
  readonly timestamps: boolean;

  constructor(samples: Float32Array, language: number | null, timestamps: boolean) {
    this.samples = samples;
    this.language = language;
    this.timestamps = timestamps;
  }
}

/** What was said in a chunk, as tokens. */
class Transcript {
  readonly ids: readonly number[];
  readonly language: number | null;

  constructor(ids: readonly number[], language: number | null) {
    this.ids = ids;
    this.language = language;
  }
}

export async function loadTranscription(parts: PipelineParts, manifest: Manifest): Promise<Pipeline> {
  const tokenizer = await readTokenizer(parts.file(manifest.tokenizer));
  return new Transcription(await parts.open(manifest.encoder), new CachedDecoder(await parts.open(manifest.decoder)), tokenizer, manifest);
}

class Transcription implements Pipeline {
  readonly limits = { items: 1, padded: 1 };
  readonly tokens: Pipeline["tokens"];
  readonly #encoder: Session;
  readonly #decoder: CachedDecoder;
  readonly #tokenizer: TokenizerFile["tokenizer"];
  readonly #manifest: Manifest;
  readonly #special: SpeechTokens;
  readonly #frames: MelFrames;

  constructor(encoder: Session, decoder: CachedDecoder, { tokenizer, vocabulary }: TokenizerFile, manifest: Manifest) {
    const { sample_rate: sampleRate, mels, fft, hop, max_tokens: longest } = manifest;
    this.tokens = { longest, vocabulary };
    this.#encoder = encoder;
    this.#decoder = decoder;
    this.#tokenizer = tokenizer;
    this.#manifest = manifest;
    this.#special = new SpeechTokens(manifest, tokenizer);
    this.#frames = new MelFrames({ sampleRate, mels, fft, hop });
    checkEncoder(encoder, mels, Math.floor(this.#chunkLength / hop));
  }

  get #chunkLength(): number {
    return Math.round(this.#manifest.chunk_seconds * this.#manifest.sample_rate);
  }

  async prepare(call: TaskCall): Promise<Prepared> {
    const { sound, language, timestamps } = askedOf(call, "transcription");
    const { sample_rate: rate } = this.#manifest;
    const spoken = language === null ? null : this.#special.languageId(language);
    const withTimes = timestamps && this.#special.times.size > 0;
    const samples = await readSound(sound, rate);
    const cuts = quietCuts(samples, this.#chunkLength, Math.round(pauseSeconds * rate));
    return {
      items: cuts.map(({ start, end }) => new ChunkItem(samples.subarray(start, end), spoken, withTimes)),
      finish: async (results) => {
        const segments = results.flatMap((result, index) => this.#segments(transcriptOf(result), cuts[index]!));
        const heard = results.length === 0 ? null : transcriptOf(results[0]).language;
        return {
          output: {
            task: "transcription", text: segments.map(({ text }) => text).join(" "), seconds: samples.length / rate,
            language: heard === null ? null : this.#special.languages.get(heard) ?? null, segments,
          },
        };
      },
    };
  }

  #segments({ ids }: Transcript, { start, end }: Cut) {
    const { sample_rate: rate } = this.#manifest;
    return segmentsOf(ids, this.#special, { start: start / rate, end: end / rate }, (text) => this.#tokenizer.decode(text, { skip_special_tokens: true }));
  }

  async run(items: readonly TaskItem[], signal?: AbortSignal): Promise<readonly Transcript[]> {
    const transcripts: Transcript[] = [];
    for (const item of items) {
      assert(item instanceof ChunkItem, "an item of another pipeline");
      transcripts.push(await this.#transcribe(item, signal));
    }
    return transcripts;
  }

  async #transcribe({ samples, language: told, timestamps }: ChunkItem, signal: AbortSignal | undefined): Promise<Transcript> {
    const states = await this.#encode(samples);
    const language = told ?? (this.#special.takesLanguage ? await this.#languageOf(states) : null);
    const said: number[] = [];
    let fed = this.#special.start(language, timestamps);
    // The model has places for so many tokens, its start included.
    const most = this.#manifest.max_tokens - fed.length;
    let cache: DecoderCache | null = null;
    while (said.length < most) {
      signal?.throwIfAborted();
      const step: Awaited<ReturnType<CachedDecoder["step"]>> = await this.#decoder.step(states, fed, cache);
      ({ cache } = step);
      const token = nextToken(step.logits, said, this.#special, timestamps);
      if (token === this.#special.end) break;
      said.push(token);
      fed = [token];
    }
    return new Transcript(said, language);
  }

  async #encode(samples: Float32Array): Promise<Tensor> {
    const { data, mels, frames } = centredLogMel(this.#frames, samples, this.#chunkLength);
    const [input, output] = [this.#encoder.inputs[0]!, this.#encoder.outputs[0]!];
    const outputs = await this.#encoder.run({ [input.name]: float32(data, [1, mels, frames]) }, [output.name]);
    const states = outputs[output.name];
    assert(states !== undefined, "an output that was asked for");
    return states;
  }

  /** The likeliest language token in the place where one belongs. */
  async #languageOf(states: Tensor): Promise<number | null> {
    const { logits } = await this.#decoder.step(states, this.#special.beforeLanguage, null);
    const ids = [...this.#special.languages.keys()];
    return ids.reduce((best, id) => ((logits[id] ?? -Infinity) > (logits[best] ?? -Infinity) ? id : best), ids[0]!);
  }
}

function checkEncoder({ inputs, outputs }: Session, mels: number, frames: number): void {
  const shape = inputs[0]?.shape ?? [];
  const wanted = [1, mels, frames];
  const fits = shape.length === 3 && shape.every((size, index) => typeof size === "string" || size === wanted[index]);
  if (inputs.length === 1 && outputs.length > 0 && fits) return checkType("encoder", inputs[0]!, "float32");
  throw new InfernoError("manifest_invalid", `The encoder takes [${inputs.map((input) => input.shape.join(", ")).join("] and [")}], where ${mels} mels × ${frames} frames are given (\`mels\`, \`chunk_seconds\`, \`hop\`).`);
}

function transcriptOf(result: unknown): Transcript {
  assert(result instanceof Transcript, "a result of another pipeline");
  return result;
}
