import type { Frame, Locator } from "playwright-core";
import { axisHeight, rowHeight } from "../../webviews/flame/draw.ts";
import type { Workbench } from "./workbench.ts";

/** The Playground as a person sees it: by role and label, which are also what a screen reader gets. */
export class PlaygroundPanel {
  readonly frame: Frame;

  constructor(frame: Frame) {
    this.frame = frame;
  }

  async ask(question: string): Promise<void> {
    await this.frame.getByRole("textbox", { name: "Message" }).fill(question);
    await this.frame.getByRole("button", { name: "Send" }).click();
  }

  /** The latest answer, complete or not. */
  answer(): Locator {
    return this.frame.locator('[data-role="assistant"]').last();
  }

  /** The button that opens the latest answer's trace; it is there once the answer is complete. */
  traceButton(): Locator {
    return this.frame.getByRole("button", { name: /trace|flame/i }).last();
  }
}

/** The Flame panel. */
export class FlamePanel {
  readonly frame: Frame;

  constructor(frame: Frame) {
    this.frame = frame;
  }

  graph(): Locator {
    return this.frame.locator("canvas#graph");
  }

  /** Clicks the graph in a row (0 is the request itself) at a share of its width. */
  async clickSpan(row: number, share: number): Promise<void> {
    const box = await this.graph().boundingBox();
    if (box === null) throw new Error("The graph is not on the screen");
    await this.graph().click({ position: { x: box.width * share, y: axisHeight + (row + 0.5) * rowHeight } });
  }

  /** The selected span's name, in its details. */
  selected(): Locator {
    return this.details().getByRole("heading");
  }

  details(): Locator {
    return this.frame.getByRole("complementary");
  }
}

export const playground = async (editor: Workbench): Promise<PlaygroundPanel> =>
  new PlaygroundPanel(await editor.webviewTitled(/Playground/));

export const flame = async (editor: Workbench): Promise<FlamePanel> => new FlamePanel(await editor.webviewTitled(/Flame/));
