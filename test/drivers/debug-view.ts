import type { Locator } from "playwright-core";
import { eventually } from "./eventually.ts";
import type { Workbench } from "./workbench.ts";

type ToolbarButton = "Continue" | "Pause" | "Step Over" | "Step Into" | "Step Out" | "Step Back" | "Reverse" | "Stop" | "Disconnect";

/** The editor's own debugger, as a person sees it: the floating toolbar, the views beside it, and the line that is marked. */
export class DebugView {
  readonly #editor: Workbench;

  constructor(editor: Workbench) {
    this.#editor = editor;
  }

  /** Starts the configuration that is chosen, and shows the debugger's views. */
  async start(): Promise<void> {
    // Before: then a badge lies over the container's button.
    await this.#editor.openViewContainer("Run and Debug");
    await this.#editor.palette("Debug: Start Debugging");
    await this.toolbar.waitFor();
  }

  /** Presses a button of the toolbar once it can be pressed. */
  async press(button: ToolbarButton): Promise<void> {
    await this.#button(button).click();
  }

  /** The marked line of the token document. */
  async line(): Promise<string> {
    const marked = this.#editor.page.locator(".monaco-editor .debug-top-stack-frame-line").first();
    await marked.waitFor();
    const [box, lines] = [await marked.boundingBox(), this.#editor.page.locator(".monaco-editor .view-lines .view-line")];
    for (const line of await lines.all()) {
      const at = await line.boundingBox();
      if (box !== null && at !== null && Math.abs(at.y - box.y) < 3) return (await line.innerText()).replaceAll("\u00a0", " ");
    }
    return "";
  }

  /** Waits until the marked line is that of a token. */
  async standsAt(token: number): Promise<void> {
    await eventually(`token ${token} as the marked line`, async () => Number.parseInt(await this.line(), 10) === token);
  }

  /** Sets or removes the breakpoint on a token's line, with the mouse. */
  async toggleBreakpoint(token: number): Promise<void> {
    const line = this.#editor.page.locator(".monaco-editor .view-lines .view-line").filter({ hasText: new RegExp(`^\\s*${token}\\s`) }).first();
    await line.click();
    await this.#editor.page.keyboard.press("F9");
    await this.#editor.page.locator(".monaco-editor .codicon-debug-breakpoint").first().waitFor();
  }

  /** Rows of the Variables view with this text. */
  variable(text: string | RegExp): Locator {
    return this.#editor.treeRows("Variables").filter({ hasText: text });
  }

  frame(text: string | RegExp): Locator {
    return this.#editor.treeRows("Call Stack").filter({ hasText: text });
  }

  /** Why it stands, as the Call Stack's header says. */
  reason(text: string): Locator {
    return this.#editor.page.locator('.pane-header[aria-label^="Call Stack"]').filter({ hasText: text });
  }

  /** Types another value of a variable, as a person does; it then shows `shown`. */
  async setValue(name: string, value: string, shown: string): Promise<void> {
    const [row, changed] = [this.variable(new RegExp(`^${name}`)).first(), this.variable(shown)];
    const box = this.#editor.page.locator(".debug-variables input.input:visible");
    await eventually(`${name} = ${shown}`, async () => {
      // The view draws its rows anew a moment after each stop, which ends what was begun in them.
      await row.locator(".value").dblclick();
      const typed = async (): Promise<void> => {
        await box.fill(value, { timeout: 2000 });
        await box.press("Enter", { timeout: 2000 });
        await changed.waitFor({ timeout: 5000 });
      };
      return await typed().then(() => true, () => false);
    });
  }

  /** Enters a line in the debug console. */
  async type(line: string): Promise<void> {
    await this.#editor.page.locator(".repl-input-wrapper .monaco-editor").click();
    await this.#editor.page.keyboard.type(line);
    // The list of completions would take the Enter key.
    await this.#editor.page.keyboard.press("Escape");
    await this.#editor.page.keyboard.press("Enter");
  }

  /** What the debug console shows. */
  said(text: string): Locator {
    return this.#editor.page.locator(".repl .monaco-list-row").filter({ hasText: text }).first();
  }

  get toolbar(): Locator {
    return this.#editor.page.locator(".debug-toolbar");
  }

  #button(name: ToolbarButton): Locator {
    return this.#editor.page.locator(`.debug-toolbar .action-item:not(.disabled) .action-label:not(.disabled)[aria-label^="${name}"]`).first();
  }
}
