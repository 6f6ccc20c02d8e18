/** A part of a sound, in samples. */
export interface Cut {
  readonly start: number;
  readonly end: number;
}

/**
 * Cuts a long sound into parts of at most `most` samples, at the quietest place within the last third of each: a cut within a word would lose it
 * on both sides. `window`: how long a place has to be quiet, in samples.
 */
export function quietCuts(samples: Float32Array, most: number, window: number): Cut[] {
  const cuts: Cut[] = [];
  let start = 0;
  while (samples.length - start > most) {
    const end = quietest(samples, start + Math.ceil(most * 2 / 3), start + most, Math.min(window, Math.floor(most / 3)));
    cuts.push({ start, end });
    start = end;
  }
  return samples.length === 0 ? cuts : [...cuts, { start, end: samples.length }];
}

/** The middle of the window with the least energy. */
function quietest(samples: Float32Array, from: number, to: number, window: number): number {
  let energy = 0;
  let least = Infinity;
  let best = to;
  for (let at = from; at < to; at += 1) {
    energy += samples[at]! ** 2;
    if (at >= from + window) energy -= samples[at - window]! ** 2;
    // Sums that go up and down keep a rounding error, which must not pass for quieter than silence.
    if (at >= from + window - 1 && energy < least - 1e-9) {
      least = energy;
      best = at + 1 - Math.floor(window / 2);
    }
  }
  return best;
}
