import { assert } from "../../../../base/assert.ts";
import { InfernoError } from "../../../../protocol/errors.ts";
import type { Inferred, Sound } from "../../../../protocol/infer.ts";
import type { ManifestOf } from "../../../../protocol/manifest.ts";
import type { Prepared, TaskCall, TaskItem, TaskLimits } from "../../task-model.ts";
import { askedOf } from "../asked.ts";
import { floatsOf } from "../audio/graph-values.ts";
import { plainLogMel, transposed } from "../audio/log-mel.ts";
import { MelFrames } from "../audio/mel.ts";
import { continued, readStream } from "../audio/stream-input.ts";
import { finite } from "../float-values.ts";
import type { Pipeline, PipelineParts } from "../pipeline.ts";
import type { GraphValue, Session } from "../session.ts";
import { float32 } from "../tensors.ts";

type Manifest = ManifestOf<"wake-word">;

/** One window, as the graph takes it. Windows know nothing of each other, so those of many requests share a run. */
class WindowItem implements TaskItem {
  readonly length = 1;
  readonly values: Float32Array;

  constructor(values: Float32Array) {
    this.values = values;
  }
}

export async function loadWakeWord(parts: PipelineParts, manifest: Manifest): Promise<Pipeline> {
  return new WakeWord(await parts.open(manifest.model), manifest, parts.onnx.max_batch);
}

class WakeWord implements Pipeline {
  readonly limits: TaskLimits;
  readonly #session: Session;
  readonly #manifest: Manifest;
  readonly #input: GraphValue;
  readonly #output: GraphValue;
  readonly #frames: MelFrames | null;
  readonly #shape: WindowShape;

  constructor(session: Session, manifest: Manifest, batch: number) {
    const { features, sample_rate: sampleRate, window } = manifest;
    const [input, output] = [session.inputs[0], session.outputs[0]];
    if (input === undefined || output === undefined || session.inputs.length > 1) throw misfit(`a graph with one input is expected; it has ${session.inputs.length}`);
    this.#session = session;
    this.#manifest = manifest;
    this.#input = input;
    this.#output = output;
    this.#frames = features === undefined ? null : new MelFrames({ sampleRate, ...features });
    this.#shape = windowShape(input, window, features?.mels ?? null);
    const items = typeof input.shape[0] === "number" ? input.shape[0] : batch;
    this.limits = { items, padded: items };
    if (manifest.hop > this.#span) throw misfit(`\`hop\` is ${manifest.hop} samples, more than a window's ${this.#span}: words between would be missed`);
  }

  /** Samples that one window needs. */
  get #span(): number {
    const { window, features } = this.#manifest;
    return features === undefined ? window : (window - 1) * features.hop + features.fft;
  }

  async prepare(call: TaskCall): Promise<Prepared> {
    const { sound, state, threshold } = askedOf(call, "wake-word");
    return await this.#listen(sound, state, threshold ?? this.#manifest.threshold);
  }

  async #listen(sound: Sound, state: Uint8Array | null, threshold: number): Promise<Prepared> {
    const { hop, sample_rate, words } = this.#manifest;
    const span = this.#span;
    const input = await readStream(sound, sample_rate, state, { counts: 1, arrays: [span + hop] });
    const before = input.carried?.counts[0] ?? 0;
    const samples = continued(input.carried?.arrays[0] ?? new Float32Array(), input.samples);
    // A file's last window is filled up with silence; a stream's waits for the next request.
    const last = (samples.length - span) / hop;
    const starts = Array.from({ length: Math.max(0, (input.complete ? Math.ceil(Math.max(0, last)) : Math.floor(last)) + 1) }, (_, index) => index * hop);
    const next = Math.min(starts.length * hop, samples.length);
    return {
      items: starts.map((start) => new WindowItem(this.#window(samples, start))),
      finish: async (results) => {
        const scores = results.flatMap((found, index) => {
          assert(found instanceof Float32Array, "a result of the wake word pipeline");
          const at = (before + starts[index]! + span) / sample_rate;
          return words.flatMap((word, place) => found[place]! >= threshold ? [{ word, score: found[place]!, at }] : []);
        });
        const output: Inferred = { task: "wake-word", scores, state: input.state({ counts: [before + next], arrays: [samples.slice(next)] }) };
        return { output };
      },
    };
  }

  #window(samples: Float32Array, start: number): Float32Array {
    const { window } = this.#manifest;
    const span = new Float32Array(this.#span);
    span.set(samples.subarray(start, start + span.length));
    if (this.#frames === null) return span;
    const features = plainLogMel(this.#frames, span, 0, window);
    return this.#shape.framesLast ? features.data : transposed(features);
  }

  async run(items: readonly TaskItem[]): Promise<readonly Float32Array[]> {
    const { words } = this.#manifest;
    const { sizes } = this.#shape;
    const size = sizes.reduce((product, length) => product * length, 1);
    const rows = typeof this.#input.shape[0] === "number" ? this.#input.shape[0] : items.length;
    const batch = new Float32Array(rows * size);
    items.forEach((item, row) => {
      assert(item instanceof WindowItem, "an item of the wake word pipeline");
      batch.set(item.values, row * size);
    });
    const outputs = await this.#session.run({ [this.#input.name]: float32(batch, [rows, ...sizes]) }, [this.#output.name]);
    const scores = finite(floatsOf(outputs, this.#output.name), "scores");
    if (scores.length !== rows * words.length) throw misfit(`\`words\` names ${words.length}, the graph gives ${scores.length / rows} scores`);
    return items.map((_, row) => scores.slice(row * words.length, (row + 1) * words.length));
  }
}

interface WindowShape {
  /** Behind the batch. */
  readonly sizes: readonly number[];
  /** Features as [mels, frames]; otherwise, as where nothing tells them apart, [frames, mels]. */
  readonly framesLast: boolean;
}

/** Samples, or frames and mels in the graph's order, perhaps with sizes of 1 before, between or behind. */
function windowShape({ shape }: GraphValue, window: number, mels: number | null): WindowShape {
  const inner = shape.slice(1);
  const wanted = mels === null ? [window] : [window, mels];
  const places = inner.flatMap((size, index) => (size === 1 ? [] : [index]));
  const fits = (sizes: readonly number[]): boolean => places.length === sizes.length && places.every((place, index) => typeof inner[place] === "string" || inner[place] === sizes[index]);
  const framesLast = !fits(wanted);
  const sizes = framesLast ? wanted.toReversed() : wanted;
  if (!fits(sizes)) throw misfit(`the graph takes [${shape.join(", ")}], not ${wanted.join(" × ")} values`);
  return { sizes: inner.map((size, index) => (size === 1 ? 1 : sizes[places.indexOf(index)]!)), framesLast };
}

const misfit = (what: string): InfernoError => new InfernoError("manifest_invalid", `inferno.model.yaml does not fit its graph: ${what}.`);
