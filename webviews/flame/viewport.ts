/** The part of the time axis that is shown. Every function returns a new one, kept inside the bounds. */
export interface Viewport {
  readonly startUs: number;
  readonly endUs: number;
}

/**
 * The closest zoom. Times are doubles of microseconds: even after a day (8.6e10 µs) a double still resolves 1.5e-5 µs,
 * so that a view of 0.1 µs keeps more than 6,000 distinct places.
 */
export const closestUs = 0.1;

const width = (view: Viewport): number => view.endUs - view.startUs;

export const toX = (view: Viewport, pixels: number, us: number): number => ((us - view.startUs) / width(view)) * pixels;
export const toUs = (view: Viewport, pixels: number, x: number): number => view.startUs + (x / pixels) * width(view);

/** A view of this width that starts here, pushed back inside the bounds. */
function place(bounds: Viewport, startUs: number, widthUs: number): Viewport {
  const size = Math.min(Math.max(widthUs, closestUs), width(bounds));
  const start = Math.min(Math.max(startUs, bounds.startUs), bounds.endUs - size);
  return { startUs: start, endUs: start + size };
}

/** A factor below 1 zooms in. What lies under the anchor stays where it is, as far as the bounds allow. */
export function zoom(view: Viewport, bounds: Viewport, factor: number, anchorUs: number): Viewport {
  const size = Math.min(Math.max(width(view) * factor, closestUs), width(bounds));
  const part = (anchorUs - view.startUs) / width(view);
  return place(bounds, anchorUs - part * size, size);
}

export const pan = (view: Viewport, bounds: Viewport, us: number): Viewport => place(bounds, view.startUs + us, width(view));

export const fit = (bounds: Viewport): Viewport => place(bounds, bounds.startUs, width(bounds));

/** Shows this range, with a little room around it. */
export function zoomTo(bounds: Viewport, startUs: number, endUs: number): Viewport {
  const room = Math.max((endUs - startUs) * 0.05, closestUs / 2);
  return place(bounds, startUs - room, endUs - startUs + 2 * room);
}

/** Moves the view as little as needed for the range to be seen; zooms out when it does not fit. */
export function reveal(view: Viewport, bounds: Viewport, startUs: number, endUs: number): Viewport {
  if (startUs >= view.startUs && endUs <= view.endUs) return view;
  if (endUs - startUs >= width(view)) return zoomTo(bounds, startUs, endUs);
  const room = Math.min(width(view) * 0.1, (width(view) - (endUs - startUs)) / 2);
  const start = startUs < view.startUs ? startUs - room : endUs + room - width(view);
  return place(bounds, start, width(view));
}

/** Round moments to mark on the axis, about `spacing` pixels apart. */
export function ticks(view: Viewport, pixels: number, spacing = 110): { readonly stepUs: number; readonly at: readonly number[] } {
  const rough = (width(view) * spacing) / Math.max(pixels, 1);
  const power = 10 ** Math.floor(Math.log10(rough));
  const stepUs = power * ([1, 2, 5, 10].find((step) => step * power >= rough) ?? 10);
  const first = Math.ceil(view.startUs / stepUs);
  const last = Math.floor(view.endUs / stepUs);
  return { stepUs, at: Array.from({ length: Math.max(0, last - first + 1) }, (_, tick) => (first + tick) * stepUs) };
}
