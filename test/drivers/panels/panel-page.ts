import assert from "node:assert/strict";
import type { Browser, Page } from "playwright-core";
import { seriousViolations } from "../accessibility.ts";
import type { ThemeKind } from "../../../webviews/shared/theme.ts";

export interface OpenOptions {
  readonly theme?: ThemeKind;
  readonly width?: number;
  readonly height?: number;
  /** Further parameters of the address, such as `trace`. */
  readonly query?: Readonly<Record<string, string>>;
}

/** A panel in a plain browser, as the daemon's address shows it. What the page complains about (errors, policy violations) is collected. */
export interface PanelPage {
  readonly page: Page;
  readonly complaints: readonly string[];
  /** What axe finds now. */
  violations(): Promise<string[]>;
  close(): Promise<void>;
}

export async function openPanel(
  browser: Browser, panel: "playground" | "flame" | "tokens", daemon: { readonly url: string; readonly token: string | null }, { theme = "dark", width = 1280, height = 800, query = {} }: OpenOptions = {},
): Promise<PanelPage> {
  const context = await browser.newContext({ viewport: { width, height }, reducedMotion: "reduce" });
  const page = await context.newPage();
  const complaints: string[] = [];
  page.on("pageerror", (error) => complaints.push(error.message));
  page.on("console", (message) => {
    // A refused request is what some tests are about; the page shows it.
    if (message.text().startsWith("Failed to load resource")) return;
    if (message.type() === "error" || message.type() === "warning") complaints.push(message.text());
  });
  const fragment = daemon.token === null ? "" : `#token=${daemon.token}`;
  await page.goto(`${daemon.url}/${panel}?${new URLSearchParams({ theme, ...query }).toString()}${fragment}`);
  const violations = async () => {
    const own = complaints.length;
    const found = await seriousViolations(page.mainFrame());
    // axe tries inline styles itself, which the policy refuses: not the page's doing.
    complaints.length = own;
    return found;
  };
  return { page, complaints, violations, close: () => context.close() };
}

export type PanelUse = (page: Page, accessible: (where: string) => Promise<void>) => Promise<void>;

/** Opens a panel, and afterwards holds that the page had nothing to complain about: no error, no violation of its strict policy. */
export async function usePanel(browser: Browser, panel: "playground" | "flame" | "tokens", daemon: Parameters<typeof openPanel>[2], options: OpenOptions, use: PanelUse): Promise<void> {
  const opened = await openPanel(browser, panel, daemon, options);
  try {
    await use(opened.page, async (where) => assert.deepEqual(await opened.violations(), [], where));
    assert.deepEqual(opened.complaints, []);
  } finally {
    await opened.close();
  }
}
