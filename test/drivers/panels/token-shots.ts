/**
 * Takes pictures of the Token panel's views in headless Chromium, with a real daemon and Ember behind it, in every theme, wide and narrow, to be looked at:
 *
 *   node esbuild.mjs --quiet && node test/drivers/panels/token-shots.ts FOLDER [VIEW…]
 */
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { launchChromium } from "../chromium.ts";
import { TokensPanel } from "../panel-pages.ts";
import { startTestDaemon } from "../test-daemon.ts";
import { openPanel } from "./panel-page.ts";
import { tokenViews } from "./token-views.ts";

const [folder = "test-results/tokens", ...wanted] = process.argv.slice(2);
const themes = ["dark", "light", "hc-dark", "hc-light"] as const;

await mkdir(folder, { recursive: true });
const gateway = await startTestDaemon();
const browser = await launchChromium();
try {
  for (const [name, { ask, show }] of Object.entries(tokenViews)) {
    if (wanted.length > 0 && !wanted.includes(name)) continue;
    const trace = await ask(gateway.client);
    for (const theme of themes) {
      for (const width of [1280, 390]) {
        const panel = await openPanel(browser, "tokens", gateway.daemon, { theme, width, height: 860, query: { trace } });
        await panel.page.locator(".conversation").waitFor();
        await show(panel.page, new TokensPanel(panel.page.mainFrame()));
        await panel.page.waitForTimeout(100);
        await panel.page.screenshot({ path: join(folder, `${name}-${theme}-${width}.png`) });
        for (const complaint of [...panel.complaints, ...(await panel.violations())]) console.log(`${name} ${theme} ${width}: ${complaint}`);
        await panel.close();
      }
    }
    console.log(name);
  }
} finally {
  await browser.close();
  await gateway[Symbol.asyncDispose]();
}
