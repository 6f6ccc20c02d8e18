import type { MelFrames } from "./mel.ts";

/** A matrix of features, `[mels, frames]`. */
export interface Features {
  readonly data: Float32Array;
  readonly mels: number;
  readonly frames: number;
}

/**
 * As Whisper's encoders expect them: frames around every `hop`-th sample with the sound mirrored at both ends, decimal logarithms, nothing more than
 * 80 dB below the loudest, moved to about −1 to 1. `length`: samples to fill up to with silence.
 */
export function centredLogMel(frames: MelFrames, samples: Float32Array, length: number): Features {
  const { mels, fft, hop } = frames.options;
  const padded = mirrored(samples, length, Math.floor(fft / 2));
  const count = Math.floor(length / hop);
  const data = new Float32Array(mels * count);
  let loudest = -Infinity;
  for (let frame = 0; frame < count; frame += 1) {
    frames.energies(padded, frame * hop).forEach((energy, mel) => {
      const level = Math.log10(Math.max(energy, 1e-10));
      loudest = Math.max(loudest, level);
      data[mel * count + frame] = level;
    });
  }
  return { data: data.map((level) => (Math.max(level, loudest - 8) + 4) / 4), mels, frames: count };
}

/** Natural logarithms of one frame's energies: what small spotting models were mostly trained on. Behind the sound's end there is silence. */
export function plainLogMel(frames: MelFrames, samples: Float32Array, start: number): Float32Array {
  const within = samples.length - start >= frames.options.fft;
  return Float32Array.from(within ? frames.energies(samples, start) : frames.energies(filledUp(samples.subarray(start), frames.options.fft), 0), (energy) => Math.log(energy + 1e-6));
}

function filledUp(samples: Float32Array, length: number): Float32Array {
  const filled = new Float32Array(length);
  filled.set(samples);
  return filled;
}

/** The samples, silence up to `length`, and `edge` more at both ends as in a mirror whose glass is the first or last sample. */
function mirrored(samples: Float32Array, length: number, edge: number): Float32Array {
  const padded = new Float32Array(length + 2 * edge);
  padded.set(samples.subarray(0, length), edge);
  for (let index = 1; index <= edge; index += 1) {
    padded[edge - index] = padded[edge + Math.min(index, length - 1)]!;
    padded[edge + length - 1 + index] = padded[edge + Math.max(0, length - 1 - index)]!;
  }
  return padded;
}
