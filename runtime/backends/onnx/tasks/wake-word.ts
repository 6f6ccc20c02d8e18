import { assert } from "../../../../base/assert.ts";
import { InfernoError } from "../../../../protocol/errors.ts";
import type { Inferred, Sound } from "../../../../protocol/infer.ts";
import type { ManifestOf } from "../../../../protocol/manifest.ts";
import type { Prepared, TaskCall, TaskItem, TaskLimits } from "../../task-model.ts";
import { askedOf } from "../asked.ts";
import { checkType, floatsOf } from "../audio/graph-values.ts";
import { MelFrames } from "../audio/mel.ts";
import { nextTurn } from "../audio/next-turn.ts";
import { MelWindows, SampleWindows, type SlidingWindows } from "../audio/sliding-windows.ts";
import { joined } from "../audio/sound.ts";
import { continued, readStream } from "../audio/stream-input.ts";
import { finite } from "../float-values.ts";
import type { Pipeline, PipelineParts } from "../pipeline.ts";
import type { GraphValue, Session } from "../session.ts";
import { float32, sizeOf } from "../tensors.ts";

type Manifest = ManifestOf<"wake-word">;

/**
 * Windows of a request that are one item. Of short sounds each is its own, so that those of many requests share a run; a long sound waits in few items,
 * for the queue is looked through before every run, and each run is short enough for others to get their turn.
 */
const portion = 128;
/** An hour of windows 10 ms apart has 360,000. */
const mostWindows = 500_000;
/** A window of log-mel frames takes some milliseconds without those of the one before; the process has messages to read meanwhile. */
const windowsInTurn = 16;

/** Some windows of a sound. They are made when they run: an hour of them, made before, would be gigabytes. */
class WindowsItem implements TaskItem {
  readonly windows: SlidingWindows;
  readonly starts: readonly number[];

  constructor(windows: SlidingWindows, starts: readonly number[]) {
    this.windows = windows;
    this.starts = starts;
  }

  get length(): number {
    return this.starts.length;
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
    checkType("model", input, "float32");
    this.#session = session;
    this.#manifest = manifest;
    this.#input = input;
    this.#output = output;
    this.#frames = features === undefined ? null : new MelFrames({ sampleRate, ...features });
    this.#shape = windowShape(input, window, features?.mels ?? null);
    const items = typeof input.shape[0] === "number" ? input.shape[0] : batch;
    this.limits = { items, padded: Math.max(items, portion) };
    if (manifest.hop > this.#span) throw misfit(`\`hop\` is ${manifest.hop} samples, more than a window's ${this.#span}: words between would be missed`);
  }

  /** Samples that one window needs. */
  get #span(): number {
    const { window } = this.#manifest;
    return this.#frames === null ? window : MelWindows.span(this.#frames, window);
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
    const count = Math.max(0, (input.complete ? Math.ceil(Math.max(0, last)) : Math.floor(last)) + 1);
    if (count > mostWindows) throw new InfernoError("media_too_large", `The sound has ${count} windows; ${mostWindows} are allowed in one request.`);
    const next = Math.min(count * hop, samples.length);
    return {
      items: this.#items(samples, count),
      finish: async (results) => {
        const scores = joined(results.map(asScores));
        const found: Extract<Inferred, { task: "wake-word" }>["scores"][number][] = [];
        scores.forEach((score, index) => {
          const at = (before + Math.floor(index / words.length) * hop + span) / sample_rate;
          if (score >= threshold) found.push({ word: words[index % words.length]!, score, at });
        });
        const output: Inferred = { task: "wake-word", scores: found, state: input.state({ counts: [before + next], arrays: [samples.slice(next)] }) };
        return { output };
      },
    };
  }

  #items(samples: Float32Array, count: number): WindowsItem[] {
    const { window, hop } = this.#manifest;
    const windows = this.#frames === null ? new SampleWindows(samples, window) : new MelWindows(samples, this.#frames, window, this.#shape.framesLast);
    const size = count > this.limits.items ? portion : 1;
    const starts = (from: number): number[] => Array.from({ length: Math.min(size, count - from) }, (_, index) => (from + index) * hop);
    return Array.from({ length: Math.ceil(count / size) }, (_, index) => new WindowsItem(windows, starts(index * size)));
  }

  async run(items: readonly TaskItem[], signal?: AbortSignal): Promise<readonly Float32Array[]> {
    const { words } = this.#manifest;
    const asked = items.map((item) => {
      assert(item instanceof WindowsItem, "an item of the wake word pipeline");
      return item;
    });
    const all = asked.flatMap(({ windows, starts }) => starts.map((start) => ({ windows, start })));
    const scores: Float32Array[] = [];
    for (let from = 0; from < all.length; from += this.limits.items) scores.push(await this.#score(all.slice(from, from + this.limits.items), signal));
    const whole = joined(scores);
    let end = 0;
    return asked.map(({ length }) => whole.slice(end, (end += length * words.length)));
  }

  async #score(some: readonly { readonly windows: SlidingWindows; readonly start: number }[], signal: AbortSignal | undefined): Promise<Float32Array> {
    const { words } = this.#manifest;
    const { sizes } = this.#shape;
    const size = sizeOf(sizes);
    const rows = typeof this.#input.shape[0] === "number" ? this.#input.shape[0] : some.length;
    const batch = new Float32Array(rows * size);
    for (const [row, { windows, start }] of some.entries()) {
      if (row % windowsInTurn === 0) await nextTurn(signal);
      windows.write(start, batch, row * size);
    }
    const outputs = await this.#session.run({ [this.#input.name]: float32(batch, [rows, ...sizes]) }, [this.#output.name]);
    const scores = finite(floatsOf(outputs, this.#output.name), "scores");
    if (scores.length !== rows * words.length) throw misfit(`\`words\` names ${words.length}, the graph gives ${scores.length / rows} scores`);
    return scores.subarray(0, some.length * words.length);
  }
}

function asScores(result: unknown): Float32Array {
  assert(result instanceof Float32Array, "a result of the wake word pipeline");
  return result;
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
