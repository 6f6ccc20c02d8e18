/**
 * Takes pictures of the Flame panel's views in headless Chromium, in every theme, wide and narrow, to be looked at:
 *
 *   node esbuild.mjs --quiet && node test/drivers/panels/flame-shots.ts FOLDER [VIEW…]
 */
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import type { Page } from "playwright-core";
import { strings } from "../../../webviews/flame/strings.ts";
import { launchChromium } from "../chromium.ts";
import { openPanel } from "./panel-page.ts";
import { say } from "./panel-script.ts";
import { sampleTrace } from "./sample-trace.ts";
import { startScriptedDaemon } from "./scripted-daemon.ts";

const [folder = "test-results/flame", ...wanted] = process.argv.slice(2);
const themes = ["dark", "light", "hc-dark", "hc-light"] as const;
const second = async (page: Page) => {
  await page.getByRole("combobox", { name: strings.second }).selectOption("tr_slower");
  await page.locator(".second-line").waitFor();
};
const mode = (page: Page, name: keyof typeof strings.modes) => page.getByRole("button", { name: strings.modes[name], exact: true }).click();

/** Each view as somebody would come to it. */
const views: Readonly<Record<string, (page: Page) => Promise<void>>> = {
  time: async (page) => {
    await page.getByRole("button", { name: strings.nextStep }).click();
    await page.getByRole("button", { name: strings.nextStep }).click();
  },
  heavy: async (page) => {
    await mode(page, "heavy");
    await page.getByRole("tab", { name: strings.twins.heavy }).click();
    for (const key of ["ArrowDown", "ArrowDown"]) await page.locator("#graph").press(key);
  },
  sandwich: async (page) => {
    await mode(page, "sandwich");
    await page.getByRole("combobox", { name: strings.centre }).selectOption("decode");
    await page.getByRole("tab", { name: strings.twins.sandwich }).click();
    await page.locator("#graph").press("ArrowDown");
  },
  compare: async (page) => {
    await second(page);
    await page.getByRole("tab", { name: strings.twins.compare }).click();
    for (const key of ["ArrowDown", "ArrowDown"]) await page.locator("#graph").press(key);
  },
  together: async (page) => {
    await second(page);
    await mode(page, "time");
  },
  layers: async (page) => {
    await page.getByRole("combobox", { name: strings.trace }).selectOption("tr_layers");
    await page.locator(".facts").getByText("tr_layers").waitFor();
    for (let step = 0; step < 12; step++) await page.keyboard.press(".");
  },
  search: async (page) => {
    await page.getByRole("button", { name: strings.pattern }).click();
    await page.keyboard.press("/");
    await page.keyboard.type("^(prefill|queue)$");
  },
  problem: async (page) => {
    await page.getByRole("button", { name: strings.pattern }).click();
    await page.keyboard.press("/");
    await page.keyboard.type("batch=[1");
  },
};

await mkdir(folder, { recursive: true });
const traces = [sampleTrace(), sampleTrace({ id: "tr_slower", slower: 1.4, tokens: 40, minutesAgo: 1.001 }), sampleTrace({ id: "tr_layers", layers: 6, tokens: 24, minutesAgo: 9 })];
const daemon = await startScriptedDaemon({ models: [], traces, chat: () => say("") });
const browser = await launchChromium();
try {
  for (const [name, show] of Object.entries(views)) {
    if (wanted.length > 0 && !wanted.includes(name)) continue;
    for (const theme of themes) {
      for (const width of [1280, 480]) {
        const panel = await openPanel(browser, "flame", daemon, { theme, width, height: 860 });
        await panel.page.locator("#graph").waitFor();
        await show(panel.page);
        await panel.page.waitForTimeout(100);
        await panel.page.screenshot({ path: join(folder, `${name}-${theme}-${width}.png`) });
        for (const complaint of panel.complaints) console.log(`${name} ${theme} ${width}: ${complaint}`);
        await panel.close();
      }
    }
    console.log(name);
  }
} finally {
  await browser.close();
  await daemon.close();
}
