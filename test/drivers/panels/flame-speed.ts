/**
 * Measures the Flame panel in headless Chromium with a large trace, and prints one line per figure:
 *
 *   node esbuild.mjs --quiet && node test/drivers/panels/flame-speed.ts [SPANS]
 *
 * The first drawing begins when the trace has arrived as data and ends with its first picture: laying it out, adding it up, drawing it; for a trace of the
 * daemon's, which comes as JSON, also making columns of its objects.
 * Memory is what the page holds after garbage collection, buffers included, less what it holds with a trace of one token.
 */
import type { CDPSession } from "playwright-core";
import type { Span, Trace } from "../../../protocol/trace.ts";
import { strings } from "../../../webviews/flame/strings.ts";
import { formatCount } from "../../../webviews/shared/format.ts";
import { launchChromium } from "../chromium.ts";
import { openPanel } from "./panel-page.ts";
import { say } from "./panel-script.ts";
import { sampleTrace } from "./sample-trace.ts";
import { startScriptedDaemon } from "./scripted-daemon.ts";

const count = Number(process.argv[2] ?? 1_000_000);
const small = sampleTrace({ id: "tr_small", tokens: 1 });
const daemon = await startScriptedDaemon({ models: [], traces: [largeTrace("tr_large", count, 0), largeTrace("tr_second", count, 17), small], chat: () => say("") });
const browser = await launchChromium();
const { page } = await openPanel(browser, "flame", { url: daemon.url, token: null });
const devtools = await page.context().newCDPSession(page);
try {
  // Before the panel starts, because its first drawing is what counts.
  await page.context().addInitScript(() => {
    const found: { name: string; duration: number }[] = [];
    Object.assign(globalThis, { measures: found });
    new PerformanceObserver((list) => found.push(...list.getEntries().map(({ name, duration }) => ({ name, duration })))).observe({ type: "measure" });
  });
  await fromColumns();
  await open("tr_small");
  const empty = await heldBytes(devtools);
  await open("tr_large");
  report("reading in, laying out and first drawing", await take("inferno.flame.show"));
  report("the drawing alone", (await take("inferno.flame.draw")).slice(0, 1));
  await memory("in time", count);
  await frames("in time");
  await view("heavy");
  await memory("left heavy", count);
  await frames("left heavy");
  await view("sandwich");
  await frames("sandwich");
  await view("time");
  await take("inferno.flame.show");
  await page.getByRole("combobox", { name: strings.second }).selectOption("tr_second");
  await page.locator(".second-line").waitFor({ timeout: 300_000 });
  report("difference, from data to its first drawing", await take("inferno.flame.show"));
  await memory("two traces and their difference", 2 * count);
  await frames("difference");
  await view("time");
  await frames("two traces on one axis");

  async function memory(what: string, events: number): Promise<void> {
    const bytes = (await heldBytes(devtools)) - empty;
    console.log(`${formatCount(events)} spans, memory, ${what}: ${(bytes / events).toFixed(0)} bytes a span`);
  }
} finally {
  await browser.close();
  await daemon.close();
}

/** As inside VS Code, where the extension reads a file and sends its spans as typed arrays: a page of its own, with the editor's side played. */
async function fromColumns(): Promise<void> {
  const editor = await openPanel(browser, "flame", { url: daemon.url, token: null });
  const inEditor = editor.page;
  await inEditor.addInitScript(() => Object.assign(globalThis, { acquireVsCodeApi: () => ({ postMessage: () => {}, getState: () => undefined, setState: () => {} }) }));
  await inEditor.goto(`${daemon.url}/flame?theme=dark&editor`);
  await inEditor.waitForFunction(() => document.querySelector("main") !== null);
  const { spans: _, ...trace } = small;
  const shown = await inEditor.evaluate(async ({ spanCount, facts }) => {
    const columns = {
      count: spanCount, names: ["request", "decode", "sample", "detokenize", "stream write"], bases: ["request", "decode", "sample", "detokenize", "stream write"], lane: null, lanes: [],
      startUs: Float64Array.from({ length: spanCount }, (__, at) => at * 100),
      endUs: Float64Array.from({ length: spanCount }, (__, at) => (at === 0 ? spanCount * 100 : at * 100 + 20 + ((at * 7919) % 80))),
      name: Uint32Array.from({ length: spanCount }, (__, at) => (at === 0 ? 0 : 1 + (at % 4))),
      parent: Int32Array.from({ length: spanCount }, (__, at) => (at === 0 ? -1 : 0)),
      attributes: {
        offsets: Uint32Array.from({ length: spanCount + 1 }, (__, at) => at * 2), keys: ["position", "batch"], others: [], isOther: new Uint8Array(spanCount * 2),
        key: Uint16Array.from({ length: spanCount * 2 }, (__, pair) => pair % 2), value: Float64Array.from({ length: spanCount * 2 }, (__, pair) => pair),
      },
    };
    const file = { name: "large.inferno-trace", format: "inferno", spans: spanCount, leftOut: 0, notes: [], boundsUs: [0, spanCount * 100], fromUs: 0, toUs: spanCount * 100 };
    const drawn = new Promise<number>((resolve) => new PerformanceObserver((list) => {
      for (const { duration } of list.getEntriesByName("inferno.flame.show")) resolve(duration);
    }).observe({ type: "measure" }));
    window.dispatchEvent(new MessageEvent("message", { data: { type: "file", trace: { ...facts, durationUs: spanCount * 100 }, columns, file } }));
    return await drawn;
  }, { spanCount: count, facts: trace });
  report("from a file's columns to the first drawing", [shown]);
  await editor.close();
}

async function open(id: string): Promise<void> {
  await page.goto(`${daemon.url}/flame?theme=dark&trace=${id}&again=${id}#token=${daemon.token}`);
  await page.locator("#graph").waitFor({ timeout: 300_000 });
  await page.waitForFunction(() => (globalThis as { measures?: unknown[] }).measures?.length);
}

async function take(name: string): Promise<number[]> {
  await page.evaluate(() => new Promise((resolve) => requestAnimationFrame(() => setTimeout(resolve, 0))));
  return await page.evaluate((wanted) => {
    const { measures } = globalThis as { measures?: { name: string; duration: number }[] };
    const found = measures?.filter((measure) => measure.name === wanted) ?? [];
    measures?.splice(0, measures.length, ...measures.filter((measure) => measure.name !== wanted));
    return found.map(({ duration }) => duration);
  }, name);
}

async function view(mode: keyof typeof strings.modes): Promise<void> {
  await take("inferno.flame.show");
  await page.getByRole("button", { name: strings.modes[mode], exact: true }).click();
  report(`changing to ${strings.modes[mode]}, with its first drawing`, await take("inferno.flame.show"));
}

async function frames(what: string): Promise<void> {
  await page.locator("#graph").press("0");
  report(`${what}, moving at full width`, [...(await pressed("+", 1)), ...(await pressed("d", 10)), ...(await pressed("a", 10))]);
  report(`${what}, zooming in`, await pressed("+", 24));
  report(`${what}, moving there`, await pressed("d", 20));
}

async function pressed(key: string, times: number): Promise<number[]> {
  await take("inferno.flame.draw");
  for (let press = 0; press < times; press++) {
    await page.locator("#graph").press(key);
    await page.evaluate(() => new Promise((resolve) => requestAnimationFrame(resolve)));
  }
  return await take("inferno.flame.draw");
}

/** Everything that JavaScript holds: objects, and the buffers of typed arrays, which lie outside the heap. */
async function heldBytes(session: CDPSession): Promise<number> {
  for (let round = 0; round < 3; round++) await session.send("HeapProfiler.collectGarbage");
  const usage: { readonly usedSize: number; readonly backingStorageSize?: number } = await session.send("Runtime.getHeapUsage");
  if (usage.backingStorageSize === undefined) throw new Error("This Chromium does not say how large the buffers are");
  return usage.usedSize + usage.backingStorageSize;
}

function report(what: string, milliseconds: readonly number[]): void {
  const sorted = [...milliseconds].sort((a, b) => a - b);
  const show = (value: number | undefined) => `${(value ?? Number.NaN).toFixed(1)} ms`;
  console.log(`${formatCount(count)} spans, ${what}: median ${show(sorted[Math.floor(sorted.length / 2)])}, slowest ${show(sorted.at(-1))} of ${sorted.length}`);
}

/** Steps of four spans each, with two attributes each. */
function largeTrace(id: string, spanCount: number, seed: number): Trace {
  const spans: Span[] = [{ id: "r", parentId: null, name: "request", startUs: 0, durationUs: spanCount * 100, attributes: {} }];
  const names = ["decode", "sample", "detokenize", "stream write"];
  for (let index = 1; index < spanCount; index++) {
    spans.push({
      id: String(index), parentId: "r", name: names[index % 4] ?? "decode", startUs: index * 100, durationUs: 20 + (((index + seed) * 7919) % 80),
      attributes: { position: index, batch: 1 + (index % 3) },
    });
  }
  return { ...small, id, durationUs: spanCount * 100, completionTokens: spanCount, spans };
}
