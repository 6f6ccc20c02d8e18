import type { Disposable } from "../../base/disposable.ts";

/** Sizes a canvas for the screen's pixels and returns a context that counts in CSS pixels. */
export function fitCanvas(canvas: HTMLCanvasElement, height: number): { readonly context: CanvasRenderingContext2D; readonly width: number } {
  const width = canvas.clientWidth;
  const ratio = window.devicePixelRatio;
  const [across, down] = [Math.round(width * ratio), Math.round(height * ratio)];
  // Setting a size clears the canvas and is slow: only when it changes.
  if (canvas.width !== across || canvas.height !== down) {
    canvas.width = across;
    canvas.height = down;
    canvas.style.height = `${height}px`;
  }
  const context = canvas.getContext("2d", { alpha: false });
  if (context === null) throw new Error("This browser has no 2D canvas");
  context.setTransform(ratio, 0, 0, ratio, 0, 0);
  return { context, width };
}

/** Calls `draw` in the next frame, once, however often it is asked for. */
export function onFrame(draw: () => void): Disposable & { readonly request: () => void } {
  let pending = 0;
  return {
    request: () => {
      if (pending !== 0) return;
      pending = requestAnimationFrame(() => {
        pending = 0;
        draw();
      });
    },
    dispose: () => cancelAnimationFrame(pending),
  };
}
