/**
 * Opens a huge trace file in the Flame panel, and says what that reads, takes and needs:
 *
 *   node esbuild.mjs --quiet && node test/drivers/panels/flame-huge.ts [GIGABYTES]
 *
 * The file is written to a temporary folder, of two gigabytes unless said otherwise, and removed at the end. It is read by what reads it in VS Code's extension
 * host: the same session, the same source of bytes, counted here. The page gets the columns as from the editor; the way between the two processes is not measured.
 */
import { mkdtemp, rm, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Page } from "playwright-core";
import { openFile } from "../../../extension/editors/open-file.ts";
import type { SpanColumns } from "../../../protocol/panels/flame-columns.ts";
import { FlameFileSession } from "../../../protocol/panels/flame-file-session.ts";
import { openTraceFile, type ClosableSource } from "../../../protocol/panels/flame-open-file.ts";
import type { ToFlame } from "../../../protocol/panels/flame.ts";
import { formatCount } from "../../../webviews/shared/format.ts";
import { launchChromium } from "../chromium.ts";
import { writeHugeTrace } from "./huge-trace.ts";
import { openPanel } from "./panel-page.ts";
import { say } from "./panel-script.ts";
import { startScriptedDaemon } from "./scripted-daemon.ts";

type FileMessage = Extract<ToFlame, { type: "file" }>;

const megabytes = (bytes: number): string => `${(bytes / 1e6).toFixed(1)} MB`;
const folder = await mkdtemp(join(tmpdir(), "inferno-huge-"));
const daemon = await startScriptedDaemon({ models: [], traces: [], chat: () => say("") });
try {
  const path = join(folder, "huge.inferno-trace");
  const spans = await writeHugeTrace(path, Number(process.argv[2] ?? 2) * 1e9);
  const { size } = await stat(path);
  console.log(`${megabytes(size)}, ${formatCount(spans)} spans`);
  const read = { bytes: 0, calls: 0 };
  const messages: FileMessage[] = [];
  const session = new FlameFileSession({
    open: async () => await openTraceFile(counted(await openFile(path), read), { name: "huge.inferno-trace" }),
    post: (message) => {
      if (message.type !== "file") throw new Error(JSON.stringify(message));
      messages.push(message);
    },
    copy: async () => {},
  });
  const looked = async (what: string, look: () => Promise<void>): Promise<FileMessage> => {
    Object.assign(read, { bytes: 0, calls: 0 });
    const [started, before] = [performance.now(), held()];
    await look();
    const message = messages.pop();
    if (message === undefined) throw new Error(`${what}: the session said nothing`);
    const part = `${megabytes(read.bytes)} of the file (${((read.bytes / size) * 100).toFixed(2)} %) in ${read.calls} reads`;
    console.log(`${what}: ${(performance.now() - started).toFixed(0)} ms, ${part}, ${formatCount(message.columns.count)} spans, ${formatCount(message.file.leftOut)} left out, ${megabytes(held() - before)} more held`);
    return message;
  };
  const whole = await looked("the whole", async () => await session.receive({ type: "ready" }));
  await firstPicture(whole);
  const [from, to] = whole.file.boundsUs;
  const middle = (from + to) / 2;
  for (const [what, part] of [["a hundredth", (to - from) / 100], ["a second", 1e6], ["ten milliseconds", 1e4]] as const) {
    await looked(what, async () => await session.receive({ type: "window", fromUs: middle, toUs: middle + part }));
  }
  await session.dispose();
} finally {
  await daemon.close();
  await rm(folder, { recursive: true, force: true });
}

function counted(source: ClosableSource, read: { bytes: number; calls: number }): ClosableSource {
  return {
    ...source,
    read: async (offset, length) => {
      const bytes = await source.read(offset, length);
      read.bytes += bytes.length;
      read.calls += 1;
      return bytes;
    },
  };
}

/** What this process has of memory in all: the system's word. */
function held(): number {
  return process.memoryUsage.rss();
}

async function firstPicture({ trace, columns, file }: FileMessage): Promise<void> {
  const browser = await launchChromium();
  try {
    const { page } = await openPanel(browser, "flame", { url: daemon.url, token: null });
    await page.addInitScript(() => Object.assign(globalThis, { acquireVsCodeApi: () => ({ postMessage: () => {}, getState: () => undefined, setState: () => {} }) }));
    await page.goto(`${daemon.url}/flame?theme=dark&editor`);
    await page.waitForFunction(() => document.querySelector("main") !== null);
    await sendColumns(page, columns);
    const shown = await page.evaluate(async (rest) => {
      const drawn = new Promise<number>((resolve) => new PerformanceObserver((list) => list.getEntriesByName("inferno.flame.show").forEach(({ duration }) => resolve(duration))).observe({ type: "measure" }));
      window.dispatchEvent(new MessageEvent("message", { data: { type: "file", ...rest, columns: (globalThis as { columns?: unknown }).columns } }));
      return await drawn;
    }, { trace, file });
    console.log(`from the columns to the first picture: ${shown.toFixed(0)} ms`);
    const devtools = await page.context().newCDPSession(page);
    await page.evaluate(() => Object.assign(globalThis, { columns: null }));
    await devtools.send("HeapProfiler.collectGarbage");
    const usage: { readonly usedSize: number; readonly backingStorageSize?: number } = await devtools.send("Runtime.getHeapUsage");
    console.log(`the page holds ${megabytes(usage.usedSize + (usage.backingStorageSize ?? 0))}`);
  } finally {
    await browser.close();
  }
}

/** Typed arrays do not pass as arguments: each goes as text and becomes one again in the page. */
async function sendColumns(page: Page, { attributes, ...columns }: SpanColumns): Promise<void> {
  await page.evaluate(() => Object.assign(globalThis, { columns: { attributes: {} } }));
  for (const [place, values] of [["", columns], ["attributes", attributes]] as const) {
    for (const [key, value] of Object.entries(values)) {
      const sent = ArrayBuffer.isView(value) ? { type: value.constructor.name, text: Buffer.from(value.buffer, value.byteOffset, value.byteLength).toString("base64") } : { type: "", text: JSON.stringify(value) };
      await page.evaluate(async ({ under, name, type, text }) => {
        const kinds = { Float64Array, Uint32Array, Int32Array, Uint16Array, Uint8Array };
        const [, make] = Object.entries(kinds).find(([kind]) => kind === type) ?? [];
        const made: unknown = make === undefined ? JSON.parse(text) : new make(Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0)).buffer);
        const { columns: all } = globalThis as { columns?: { attributes: object } };
        if (all !== undefined) Object.assign(under === "" ? all : all.attributes, { [name]: made });
      }, { under: place, name: key, ...sent });
    }
  }
}
