import { mkdir } from "node:fs/promises";
import { dirname } from "node:path";
import type { Browser, Frame, Locator, Page } from "playwright-core";
import { eventually } from "./eventually.ts";
import type { VSCodeServer } from "./vscode-server.ts";

/** The themes that panels must look right in, with the class by which the workbench shows that one is on. */
const themes = {
  dark: { label: "Dark Modern", marker: "vscode-theme-defaults-themes-dark_modern-json" },
  light: { label: "Light Modern", marker: "vscode-theme-defaults-themes-light_modern-json" },
  "high-contrast": { label: "Dark High Contrast", marker: "hc-black" },
} as const;
export type Theme = keyof typeof themes;
export const themeNames = Object.keys(themes) as Theme[];

/** A cold extension host on a loaded two-core machine has been seen to need 20 s. */
const startTimeoutMs = 90_000;
const stepTimeoutMs = 30_000;

interface WindowOptions {
  readonly folder?: string | undefined;
  readonly width?: number | undefined;
  readonly height?: number | undefined;
}

/** Opens a window of the editor. Each call gets its own browser context, as a second window of a desktop editor has its own process. */
export async function openWorkbench(browser: Browser, server: VSCodeServer, options: WindowOptions = {}): Promise<Workbench> {
  const { folder, width = 1400, height = 900 } = options;
  const context = await browser.newContext({ viewport: { width, height }, reducedMotion: "reduce" });
  context.setDefaultTimeout(stepTimeoutMs);
  const page = await context.newPage();
  await page.goto(server.workbenchUrl(folder));
  await page.locator(".monaco-workbench").waitFor({ timeout: startTimeoutMs });
  // The status bar's problem counter comes when the workbench has restored itself; keys pressed earlier are lost.
  await page.locator("#status\\.problems").waitFor({ timeout: startTimeoutMs });
  return new Workbench(page);
}

/** The real editor as a test sees it: what a person does and reads, with the selectors kept here. */
export class Workbench {
  readonly page: Page;

  constructor(page: Page) {
    this.page = page;
  }

  async openFile(name: string): Promise<void> {
    await this.openCustom(name);
    await this.editor(name).waitFor();
  }

  /** Opens a file that no text editor shows. */
  async openCustom(name: string): Promise<void> {
    await this.#quickInput(name, this.quickInputRows().filter({ hasText: name }).first());
  }

  /** Runs a command by its full title, "Category: Title". */
  async palette(title: string): Promise<void> {
    const row = this.quickInputRows().filter({ has: this.page.getByText(title, { exact: true }) });
    await this.#quickInput(`>${title}`, row.first());
  }

  /** Picks a row of the open quick pick. */
  async pick(text: string | RegExp): Promise<void> {
    await this.quickInputRows().filter({ hasText: text }).first().click();
  }

  /** Types into the open input box and accepts. */
  async answer(text: string): Promise<void> {
    await this.#quickInputBox().fill(text);
    await this.page.keyboard.press("Enter");
  }

  quickInputRows(): Locator {
    return this.page.locator(".quick-input-widget .quick-input-list .monaco-list-row");
  }

  editor(name: string): Locator {
    return this.page.locator(`.editor-instance[aria-label*="${name}"] .monaco-editor`).first();
  }

  /** The cursor goes to the end of the open document, and the text is typed there as a person types it. */
  async typeAtEnd(name: string, text: string): Promise<void> {
    await this.editor(name).locator(".view-line").first().click();
    await this.page.keyboard.press("Control+End");
    await this.page.keyboard.type(text);
  }

  squiggles(severity: "error" | "warning"): Locator {
    return this.page.locator(`.squiggly-${severity}`);
  }

  /** The messages in the Problems view, which this opens. */
  async problems(): Promise<string[]> {
    await this.palette("Problems: Focus on Problems View");
    await this.#problemRows().first().waitFor();
    return await this.#problemRows().allInnerTexts();
  }

  /** A message in the open Problems view. */
  problem(text: RegExp): Locator {
    return this.#problemRows().filter({ hasText: text }).first();
  }

  async trustWorkspace(): Promise<void> {
    await this.palette("Workspaces: Manage Workspace Trust");
    await this.page.locator(".workspace-trust-editor").getByRole("button", { name: "Trust", exact: true }).click();
    await this.statusBarItem("Restricted Mode").waitFor({ state: "detached" });
  }

  /** Labels of the completion list at the cursor, once it has loaded. */
  async completions(): Promise<string[]> {
    await this.page.keyboard.press("Control+Space");
    const labels = this.page.locator(".suggest-widget.visible .monaco-list-row .label-name");
    await labels.first().waitFor();
    return await labels.allInnerTexts();
  }

  statusBarItem(text: string | RegExp): Locator {
    return this.page.locator(".statusbar-item").filter({ hasText: text }).first();
  }

  async notification(text: string | RegExp): Promise<string> {
    const message = this.page.locator(".notifications-toasts .notification-list-item-message").filter({ hasText: text }).first();
    await message.waitFor();
    return await message.innerText();
  }

  async dismissNotifications(): Promise<void> {
    await this.palette("Notifications: Clear All Notifications");
  }

  /** Shows a view container from the activity bar. */
  async openViewContainer(title: string): Promise<void> {
    const action = this.page.locator(`.activitybar .action-item:has(.action-label[aria-label^="${title}"])`).first();
    await action.waitFor();
    if ((await action.getAttribute("aria-selected")) !== "true") await action.locator(".action-label").click();
  }

  /** Rows of the tree view with this title, in the open view container. */
  treeRows(view: string): Locator {
    return this.page.locator(`.pane:has(.pane-header[aria-label^="${view}"]) .monaco-list-row`);
  }

  /** Clicks a button that a row shows while the mouse is over it. */
  async rowAction(row: Locator, title: string): Promise<void> {
    await row.hover();
    await row.getByRole("button", { name: title }).click();
  }

  /** The frame of a webview that `matches`: several webviews are open at once, and each is a frame within a frame. */
  async webviewFrame(matches: (frame: Frame) => Promise<boolean>): Promise<Frame> {
    return await eventually("a webview with the wanted content", async () => {
      for (const frame of this.page.frames()) {
        // A frame may go away while it is asked.
        if (frame !== this.page.mainFrame() && (await matches(frame).catch(() => false))) return frame;
      }
      return undefined;
    });
  }

  /** The webview whose document carries this title. */
  async webviewTitled(title: string | RegExp): Promise<Frame> {
    return await this.webviewFrame(async (frame) => {
      const found = await frame.title();
      return typeof title === "string" ? found === title : title.test(found);
    });
  }

  /** Chosen as a person chooses it: a workbench in a browser does not watch its settings file for changes made outside. */
  async setTheme(theme: Theme): Promise<void> {
    const { label, marker } = themes[theme];
    await this.palette("Preferences: Color Theme");
    // The list draws only the rows in sight; a filter brings the wanted one there.
    await this.#quickInputBox().fill(label);
    await this.quickInputRows().filter({ has: this.page.getByText(label, { exact: true }) }).first().click();
    await this.page.locator(`.monaco-workbench.${marker}`).waitFor();
  }

  async screenshot(path: string): Promise<void> {
    await mkdir(dirname(path), { recursive: true });
    await this.page.screenshot({ path, animations: "disabled" });
  }

  async close(): Promise<void> {
    await this.page.context().close();
  }

  #problemRows(): Locator {
    return this.page.locator(".markers-panel .monaco-list-row .marker-message-details-container");
  }

  #quickInputBox(): Locator {
    return this.page.locator(".quick-input-widget input.input");
  }

  /** Picks a row of the box that F1 opens for commands; without the leading ">" it looks for files. */
  async #quickInput(text: string, row: Locator): Promise<void> {
    await eventually(`"${text}" in the quick input`, async () => {
      // A webview in focus forwards keys only once it has loaded, and the list holds what there was when it opened: an extension's
      // commands come a moment after the workbench. So the box is opened anew until it offers the row.
      // Escape only to close the box: panels have a meaning of their own for it.
      if (await this.#quickInputBox().isVisible()) await this.page.keyboard.press("Escape");
      await this.page.keyboard.press("F1");
      if (!(await appears(this.#quickInputBox()))) return false;
      await this.#quickInputBox().fill(text);
      return await appears(row);
    });
    await row.click();
  }
}

const appears = async (locator: Locator): Promise<boolean> => await locator.waitFor({ timeout: 2_000 }).then(() => true, () => false);
