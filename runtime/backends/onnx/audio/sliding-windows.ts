import { plainLogMel } from "./log-mel.ts";
import type { MelFrames } from "./mel.ts";

/** Windows of a sound as a graph takes them: `length` samples, filled up with silence. */
export interface SlidingWindows {
  /** Samples that one window is made of. */
  readonly span: number;
  /** Puts the window that begins at a sample into a tensor. */
  write(start: number, tensor: Float32Array, at: number): void;
}

export class SampleWindows implements SlidingWindows {
  readonly span: number;
  readonly #samples: Float32Array;

  constructor(samples: Float32Array, span: number) {
    this.span = span;
    this.#samples = samples;
  }

  write(start: number, tensor: Float32Array, at: number): void {
    tensor.set(this.#samples.subarray(start, start + this.span), at);
  }
}

/** Log-mel frames. Windows overlap: what the last one had of a frame is kept, so that in their order each frame is computed once. */
export class MelWindows implements SlidingWindows {
  readonly span: number;
  readonly #samples: Float32Array;
  readonly #frames: MelFrames;
  readonly #count: number;
  /** [mels, frames] instead of [frames, mels]. */
  readonly #framesLast: boolean;
  /** By the sample that they begin at. */
  #known = new Map<number, Float32Array>();

  constructor(samples: Float32Array, frames: MelFrames, count: number, framesLast: boolean) {
    this.span = MelWindows.span(frames, count);
    this.#samples = samples;
    this.#frames = frames;
    this.#count = count;
    this.#framesLast = framesLast;
  }

  static span({ options: { hop, fft } }: MelFrames, count: number): number {
    return (count - 1) * hop + fft;
  }

  write(start: number, tensor: Float32Array, at: number): void {
    const { hop, mels } = this.#frames.options;
    const used = new Map<number, Float32Array>();
    for (let frame = 0; frame < this.#count; frame += 1) {
      const from = start + frame * hop;
      const levels = this.#known.get(from) ?? plainLogMel(this.#frames, this.#samples, from);
      used.set(from, levels);
      if (!this.#framesLast) tensor.set(levels, at + frame * mels);
      else for (let mel = 0; mel < mels; mel += 1) tensor[at + mel * this.#count + frame] = levels[mel]!;
    }
    this.#known = used;
  }
}
