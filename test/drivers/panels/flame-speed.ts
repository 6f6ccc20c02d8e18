/**
 * Measures the Flame panel in headless Chromium with a large trace, and prints one line per figure:
 *
 *   node esbuild.mjs --quiet && node test/drivers/panels/flame-speed.ts [SPANS]
 */
import type { Span } from "../../../protocol/trace.ts";
import { formatCount } from "../../../webviews/shared/format.ts";
import { launchChromium } from "../chromium.ts";
import { openPanel } from "./panel-page.ts";
import { say } from "./panel-script.ts";
import { sampleTrace } from "./sample-trace.ts";
import { startScriptedDaemon } from "./scripted-daemon.ts";

const count = Number(process.argv[2] ?? 1_000_000);
const daemon = await startScriptedDaemon({ models: [], traces: [largeTrace(count)], chat: () => say("") });
const browser = await launchChromium();
try {
  const { page } = await openPanel(browser, "flame", { url: daemon.url, token: null });
  // Before the panel starts, because its first drawing is what counts.
  await page.context().addInitScript(() => {
    const found: number[] = [];
    Object.assign(globalThis, { drawings: found });
    new PerformanceObserver((list) => found.push(...list.getEntriesByName("inferno.flame.draw").map(({ duration }) => duration))).observe({ type: "measure" });
  });
  await page.goto(`${daemon.url}/flame?theme=dark&again#token=${daemon.token}`);
  await page.locator("#graph").waitFor({ timeout: 120_000 });
  await page.waitForFunction(() => (globalThis as { drawings?: number[] }).drawings?.length);
  const take = () => page.evaluate(() => (globalThis as { drawings?: number[] }).drawings?.splice(0) ?? []);
  const first = (await take())[0] ?? Number.NaN;
  const pressed = async (key: string, times: number) => {
    await take();
    for (let press = 0; press < times; press++) {
      await page.locator("#graph").press(key);
      await page.evaluate(() => new Promise((resolve) => requestAnimationFrame(resolve)));
    }
    return await take();
  };
  report("first drawing", [first]);
  report("moving at full width", [...(await pressed("+", 1)), ...(await pressed("d", 10)), ...(await pressed("a", 10))]);
  report("zooming in to a span", await pressed("+", 24));
  report("moving there", await pressed("d", 20));
} finally {
  await browser.close();
  await daemon.close();
}

function report(what: string, milliseconds: readonly number[]): void {
  const sorted = [...milliseconds].sort((a, b) => a - b);
  const show = (value: number | undefined) => `${(value ?? Number.NaN).toFixed(1)} ms`;
  console.log(`${formatCount(count)} spans, ${what}: median ${show(sorted[Math.floor(sorted.length / 2)])}, slowest ${show(sorted.at(-1))} of ${sorted.length}`);
}

function largeTrace(spanCount: number) {
  const small = sampleTrace({ tokens: 1 });
  const spans: Span[] = [{ id: "r", parentId: null, name: "request", startUs: 0, durationUs: spanCount * 100, attributes: {} }];
  const names = ["decode", "sample", "detokenize", "stream write"];
  for (let index = 1; index < spanCount; index++) {
    spans.push({ id: String(index), parentId: "r", name: names[index % 4] ?? "decode", startUs: index * 100, durationUs: 20 + ((index * 7919) % 80), attributes: {} });
  }
  return { ...small, durationUs: spanCount * 100, completionTokens: spanCount, spans };
}
