import type { Frame, Locator } from "playwright-core";
import type { PlaygroundSampling } from "../../protocol/panels/playground.ts";
import { axisHeight, rowHeight } from "../../webviews/flame/geometry.ts";
import { strings as flameStrings } from "../../webviews/flame/strings.ts";
import { strings } from "../../webviews/playground/strings.ts";
import { strings as tokenStrings } from "../../webviews/tokens/strings.ts";
import type { Workbench } from "./workbench.ts";

/** The Playground as a person sees it: by role and label, which are also what a screen reader gets. */
export class PlaygroundPanel {
  readonly frame: Frame;

  constructor(frame: Frame) {
    this.frame = frame;
  }

  async ask(question: string): Promise<void> {
    await this.frame.getByRole("textbox", { name: strings.message }).fill(question);
    await this.frame.getByRole("button", { name: strings.send }).click();
  }

  async chooseModel(name: string): Promise<void> {
    await this.frame.getByRole("combobox", { name: strings.model }).selectOption(name);
  }

  async setSampling(sampling: PlaygroundSampling): Promise<void> {
    const toggle = this.frame.getByRole("button", { name: strings.settings });
    await toggle.click();
    for (const [name, value] of Object.entries(sampling)) await this.frame.locator(`input[name="${name}"]`).fill(String(value));
    await toggle.click();
  }

  async stop(): Promise<void> {
    await this.frame.getByRole("button", { name: strings.stop }).click();
  }

  /** Where the answer to a question is shown. */
  answer(question: string): Locator {
    return this.#exchange(question).locator("article.answer");
  }

  /** The text of the latest answer once it is complete, and how often it was seen to grow on the way. */
  async answerTo(question: string): Promise<{ text: string; growths: number }> {
    const lengths = await this.frame.evaluateHandle(() => {
      const seen = new Set<number>();
      new MutationObserver(() => {
        const text = [...document.querySelectorAll("article.answer")].at(-1)?.querySelector(".text")?.textContent ?? "";
        if (text !== "") seen.add(text.length);
      }).observe(document.body, { subtree: true, childList: true, characterData: true });
      return seen;
    });
    await this.ask(question);
    await this.traceButton(question).waitFor();
    const growths = await lengths.evaluate((seen) => seen.size);
    return { text: (await this.answer(question).locator(".text").innerText()).trim(), growths };
  }

  /** Opens the answer's trace; there once the answer is complete. */
  traceButton(question: string): Locator {
    return this.#exchange(question).getByRole("button", { name: strings.openTrace });
  }

  #exchange(question: string): Locator {
    return this.frame.getByRole("listitem").filter({ hasText: question }).last();
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

  /** What the panel says of the selected span. */
  details(): Locator {
    return this.frame.getByRole("complementary", { name: flameStrings.span });
  }
}

/** The Token panel. */
export class TokensPanel {
  readonly frame: Frame;

  constructor(frame: Frame) {
    this.frame = frame;
  }

  /** A token of the answer, counted from 0. */
  token(place: number): Locator {
    return this.frame.getByRole("group", { name: tokenStrings.answer }).getByRole("option").nth(place);
  }

  async lookCloser(): Promise<void> {
    await this.frame.getByRole("button", { name: tokenStrings.lookCloser }).click();
    await this.frame.getByRole("button", { name: tokenStrings.lookAgain }).waitFor();
  }

  /** Has the first of the recorded candidates chosen that was not, and waits until its branch is complete. */
  async chooseAnother(): Promise<void> {
    await this.frame.locator(".candidates").first().getByRole("button").first().click();
    await this.frame.getByRole("tree").waitFor();
    await this.frame.locator(".working").waitFor({ state: "detached" });
  }

  branches(): Locator {
    return this.frame.getByRole("treeitem");
  }

  async view(name: keyof typeof tokenStrings.viewNames): Promise<void> {
    await this.frame.getByRole("button", { name: tokenStrings.viewNames[name], exact: true }).click();
  }

  /** What the panel says of the selected token. */
  details(): Locator {
    return this.frame.getByRole("complementary", { name: tokenStrings.details });
  }
}

export const playground = async (editor: Workbench): Promise<PlaygroundPanel> =>
  new PlaygroundPanel(await editor.webviewTitled(/Playground/));

/** A chat whose answers are the same in every run: left to chance, a small model now and then babbles until its context is full. */
export async function repeatablePlayground(editor: Workbench): Promise<PlaygroundPanel> {
  const panel = await playground(editor);
  await panel.setSampling({ temperature: 0, max_tokens: 400 });
  return panel;
}

export const flame = async (editor: Workbench): Promise<FlamePanel> => new FlamePanel(await editor.webviewTitled(/Flame/));

export const tokens = async (editor: Workbench): Promise<TokensPanel> => new TokensPanel(await editor.webviewTitled(/Tokens/));
