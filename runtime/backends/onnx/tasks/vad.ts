import { assert } from "../../../../base/assert.ts";
import type { Inferred, Sound } from "../../../../protocol/infer.ts";
import type { ManifestOf } from "../../../../protocol/manifest.ts";
import type { Prepared, TaskCall, TaskItem } from "../../task-model.ts";
import { askedOf } from "../asked.ts";
import { checkInputs, checkNames, floatsOf, freeAsOne, valueNamed } from "../audio/graph-values.ts";
import { noSpans, SpeechSpans, type SpanOptions, type SpanState } from "../audio/speech-spans.ts";
import { continued, readStream } from "../audio/stream-input.ts";
import { foreign } from "../audio/stream-state.ts";
import { finite } from "../float-values.ts";
import type { Pipeline, PipelineParts } from "../pipeline.ts";
import type { Session } from "../session.ts";
import { float32, int64, sizeOf, type Tensors } from "../tensors.ts";

/** What the graph hears of the windows before: the last samples of them, and its own state. */
interface Memory {
  readonly context: Float32Array;
  readonly state: Float32Array;
}

class Heard {
  readonly probabilities: Float32Array;
  readonly memory: Memory;

  constructor(probabilities: Float32Array, memory: Memory) {
    this.probabilities = probabilities;
    this.memory = memory;
  }
}

/** Whole windows of a sound, one after the other: each needs the state that the one before left. */
class WindowsItem implements TaskItem {
  readonly length = 1;
  readonly samples: Float32Array;
  readonly memory: Memory;

  constructor(samples: Float32Array, memory: Memory) {
    this.samples = samples;
    this.memory = memory;
  }
}

export async function loadVad(parts: PipelineParts, manifest: ManifestOf<"vad">): Promise<Pipeline> {
  return new Vad(await parts.open(manifest.model), manifest);
}

class Vad implements Pipeline {
  readonly limits = { items: 1, padded: 1 };
  readonly #session: Session;
  readonly #manifest: ManifestOf<"vad">;
  readonly #stateShape: readonly number[];

  constructor(session: Session, manifest: ManifestOf<"vad">) {
    this.#session = session;
    this.#manifest = manifest;
    const { audio, rate, state, output, next } = manifest.tensors;
    checkInputs(session.inputs, { audio: [audio, "float32"], rate: [rate, "int64"], state: [state, "float32"] });
    checkNames("output", session.outputs, { output, next });
    this.#stateShape = freeAsOne(valueNamed(session.inputs, state).shape);
  }

  async prepare(call: TaskCall): Promise<Prepared> {
    const { sound, state, threshold } = askedOf(call, "vad");
    return this.#listen(sound, state, threshold ?? this.#manifest.threshold);
  }

  async #listen(sound: Sound, state: Uint8Array | null, threshold: number): Promise<Prepared> {
    const { window, context, sample_rate } = this.#manifest;
    const stateSize = sizeOf(this.#stateShape);
    const input = await readStream(sound, sample_rate, state, { counts: 4, arrays: [window, context, stateSize] });
    // A new stream has heard nothing: zeros.
    const [rest, before, graphState] = input.carried?.arrays ?? [new Float32Array(), new Float32Array(context), new Float32Array(stateSize)];
    if (rest === undefined || before?.length !== context || graphState?.length !== stateSize) throw foreign();
    const samples = continued(rest, input.samples);
    // A file's last window is filled up with silence; a stream's waits for the next request.
    const count = input.complete ? Math.ceil(samples.length / window) : Math.floor(samples.length / window);
    const windows = new Float32Array(count * window);
    windows.set(samples.subarray(0, windows.length));
    const item = new WindowsItem(windows, { context: before, state: graphState });
    const spans = new SpeechSpans(this.#spanOptions(threshold), spanState(input.carried?.counts ?? null));
    return {
      items: [item],
      finish: async ([heard]) => {
        assert(heard instanceof Heard, "a result of the voice detector");
        const { probabilities, memory } = heard;
        const speech = spans.push(probabilities);
        const { windows: total, speech: since, silence, before: ended } = spans.state;
        const output: Inferred = {
          task: "vad", probabilities, windowSeconds: window / sample_rate, speech, speaking: spans.speaking,
          state: input.state({ counts: [total, since, silence, ended], arrays: [samples.slice(windows.length), memory.context, memory.state] }),
        };
        return { output };
      },
    };
  }

  #spanOptions(threshold: number): SpanOptions {
    const { window, sample_rate, min_speech_ms, min_silence_ms, pad_ms } = this.#manifest;
    const windowSeconds = window / sample_rate;
    const windows = (milliseconds: number): number => Math.ceil(milliseconds / 1000 / windowSeconds);
    return { threshold, minSpeech: windows(min_speech_ms), minSilence: windows(min_silence_ms), pad: pad_ms / 1000, windowSeconds };
  }

  async run(items: readonly TaskItem[], signal?: AbortSignal): Promise<readonly Heard[]> {
    const heard: Heard[] = [];
    for (const item of items) {
      assert(item instanceof WindowsItem, "an item of the voice detector");
      heard.push(await this.#hear(item, signal));
    }
    return heard;
  }

  async #hear({ samples, memory }: WindowsItem, signal: AbortSignal | undefined): Promise<Heard> {
    const { window, context, sample_rate, tensors } = this.#manifest;
    const audio = new Float32Array(context + window);
    audio.set(memory.context);
    const rate: Tensors = tensors.rate === null ? {} : { [tensors.rate]: int64(BigInt64Array.of(BigInt(sample_rate)), []) };
    const wanted = [tensors.output, tensors.next];
    const probabilities = new Float32Array(samples.length / window);
    let state = memory.state;
    for (let index = 0; index < probabilities.length; index += 1) {
      // An hour has 112,500 windows; between two runs the process reads its messages.
      signal?.throwIfAborted();
      audio.set(samples.subarray(index * window, (index + 1) * window), context);
      const outputs = await this.#session.run({ [tensors.audio]: float32(audio, [1, audio.length]), [tensors.state]: float32(state, this.#stateShape), ...rate }, wanted);
      probabilities[index] = floatsOf(outputs, tensors.output)[0] ?? 0;
      state = floatsOf(outputs, tensors.next);
      audio.copyWithin(0, window);
    }
    return new Heard(finite(probabilities, "probabilities"), { context: audio.slice(0, context), state });
  }
}

function spanState(counts: readonly number[] | null): SpanState {
  if (counts === null) return noSpans;
  const [windows = 0, speech = -1, silence = -1, before = -1] = counts;
  return { windows, speech, silence, before };
}
