import type { TimeSpan } from "../../../../protocol/infer.ts";

export interface SpanOptions {
  /** Speech begins at this probability, and ends below a lower one. */
  readonly threshold: number;
  /** Windows; speech that is shorter is none. */
  readonly minSpeech: number;
  /** Windows of silence that end speech. */
  readonly minSilence: number;
  /** Seconds. */
  readonly pad: number;
  readonly windowSeconds: number;
}

/** How far the probability has to fall below the threshold for silence: voices waver, and each wavering would end a span. */
const hysteresis = 0.15;
const none = -1;

/** As Silero's own code has it down to a threshold of 0.3. Below, half of the threshold: nothing is less likely than 0, and a span would never end. */
const lower = (threshold: number): number => Math.max(threshold - hysteresis, threshold / 2, 0.01);

/** In windows from the stream's beginning. */
export interface SpanState {
  readonly windows: number;
  /** Where the speech that goes on began, and where the silence within it did; −1: there is none. */
  readonly speech: number;
  readonly silence: number;
  /** The end of the span before; −1: none yet. */
  readonly before: number;
}

export const noSpans: SpanState = { windows: 0, speech: none, silence: none, before: none };

/**
 * Finds spans of speech in probabilities, window by window. What it reports once stays: a span is reported when it has lasted long enough, still open spans
 * again with each answer and a later end. Padding takes no more than half of the least silence, so that two spans never meet, whatever comes next.
 */
export class SpeechSpans {
  readonly #options: SpanOptions;
  #state: SpanState;

  constructor(options: SpanOptions, state: SpanState = noSpans) {
    this.#options = options;
    this.#state = state;
  }

  get state(): SpanState {
    return this.#state;
  }

  /** Speech has begun and not ended; it may yet be too short for a span. */
  get speaking(): boolean {
    return this.#state.speech !== none;
  }

  /** Spans that ended within these windows, and last the one that goes on. */
  push(probabilities: Float32Array): TimeSpan[] {
    const ended: TimeSpan[] = [];
    for (const probability of probabilities) {
      const span = this.#step(probability);
      if (span !== null) ended.push(span);
    }
    const { speech, silence, windows } = this.#state;
    const going = speech === none ? null : this.#span(speech, silence === none ? windows : silence, windows);
    return going === null ? ended : [...ended, going];
  }

  #step(probability: number): TimeSpan | null {
    const { threshold, minSilence } = this.#options;
    const { windows, speech, before } = this.#state;
    const next = windows + 1;
    if (probability >= threshold) {
      this.#state = { windows: next, speech: speech === none ? windows : speech, silence: none, before };
      return null;
    }
    // Between the two thresholds, nothing begins and nothing ends.
    const silence = this.#state.silence === none && speech !== none && probability < lower(threshold) ? windows : this.#state.silence;
    if (speech === none || silence === none || next - silence < minSilence) {
      this.#state = { windows: next, speech, silence, before };
      return null;
    }
    const span = this.#span(speech, silence, next);
    this.#state = { windows: next, speech: none, silence: none, before: span === null ? before : silence };
    return span;
  }

  /** `known`: windows that were heard, beyond which nothing is said to be speech. */
  #span(from: number, to: number, known: number): TimeSpan | null {
    const { minSpeech, minSilence, pad, windowSeconds } = this.#options;
    if (to - from < minSpeech) return null;
    const { before } = this.#state;
    const after = Math.min(pad, minSilence * windowSeconds / 2);
    const least = before === none ? 0 : before * windowSeconds + after;
    return { start: Math.max(least, from * windowSeconds - pad), end: Math.min(known * windowSeconds, to * windowSeconds + after) };
  }
}
