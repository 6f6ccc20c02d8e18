import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import type { Browser } from "playwright-core";
import { strings as flame } from "../../webviews/flame/strings.ts";
import { launchChromium } from "../drivers/chromium.ts";
import { details, selects } from "../drivers/panels/flame-details.ts";
import { usePanel, type OpenOptions, type PanelUse } from "../drivers/panels/panel-page.ts";
import { say } from "../drivers/panels/panel-script.ts";
import { sampleTrace } from "../drivers/panels/sample-trace.ts";
import { startScriptedDaemon, type ScriptedDaemon } from "../drivers/panels/scripted-daemon.ts";

const trace = sampleTrace();
let browser: Browser;
let daemon: ScriptedDaemon;
const withFlame = async (options: OpenOptions, use: PanelUse): Promise<void> => await usePanel(browser, "flame", daemon, options, use);

describe("the views of Flame in a plain browser", () => {
  before(async () => {
    browser = await launchChromium();
    daemon = await startScriptedDaemon({ models: [], traces: [trace], chat: () => say("") });
  });
  after(async () => {
    await browser.close();
    await daemon.close();
  });

  test("every view is reached with the keyboard, has a table that says the same, and is accessible", async () => {
    daemon.script.traces = [trace, sampleTrace({ id: "tr_slower", slower: 2, minutesAgo: 1.001 })];
    await withFlame({}, async (page, accessible) => {
      const rows = () => page.locator("table.spans tbody tr").evaluateAll((found) => found.map((row) => [...row.children].slice(1).map((cell) => cell.textContent)));
      await page.locator("#graph").waitFor();
      await page.getByRole("tab", { name: flame.tabs.spans }).click();

      await page.keyboard.press("2");
      await page.locator("table.heavy").waitFor();
      const merged = await rows();
      assert.deepEqual(merged.slice(0, 2).map((cells) => cells.slice(0, 2)), [["request", "1"], ["decode", "48"]]);
      assert.equal(merged.length, new Set(trace.spans.map(({ name }) => name)).size);
      await page.locator("#graph").press("ArrowDown");
      await page.locator("#graph").press("ArrowDown");
      await selects(page, "decode");
      await page.locator(".summary").getByText(/^48 spans · .* own · 8\d\.\d % · min .* · median .* · p95 /).waitFor();
      await accessible("left heavy");

      await page.keyboard.press("3");
      await page.locator("table.sandwich").waitFor();
      assert.deepEqual((await rows()).map(([name, where]) => [name, where]), [["decode", flame.places.centre], ["request", flame.places.caller]]);
      assert.equal(await page.getByRole("combobox", { name: flame.centre }).inputValue(), "decode");
      await page.locator("#graph").press("ArrowUp");
      await selects(page, "request");
      await accessible("sandwich");

      await page.getByRole("combobox", { name: flame.second }).selectOption("tr_slower");
      await page.locator("table.compare").waitFor();
      const line = (await rows()).find(([name]) => name === "tokenize");
      assert.deepEqual(line, ["tokenize", "380 µs", "760 µs", "+380 µs", "+100 %", "1", "1"]);
      await page.getByRole("button", { name: flame.swap }).click();
      await page.getByRole("row", { name: /tokenize 760 µs 380 µs −380 µs −50 %/ }).waitFor();
      await accessible("difference");

      await page.keyboard.press("1");
      await page.locator("table.time").waitFor();
      await accessible("two traces on one axis");
      await page.getByRole("button", { name: flame.closeSecond }).click();
      await page.keyboard.press(".");
      await page.locator(".step").getByText(/^Step 1 of 50 · prefill · /).waitFor();
      await page.keyboard.press(".");
      await page.keyboard.press(".");
      await selects(page, "decode");
      await page.locator(".step").getByText("1 in the batch").waitFor();
    });
  });

  test("operations have tracks of their layers, which fold; a click shows all of one", async () => {
    daemon.script.traces = [sampleTrace({ id: "tr_layers", layers: 2, tokens: 3 })];
    await withFlame({}, async (page, accessible) => {
      await page.locator("#graph").waitFor();
      await page.getByRole("tab", { name: flame.tabs.spans }).click();
      await page.locator("table.spans tbody tr", { hasText: "name=blk.1.ffn_up" }).first().click();
      await selects(page, "MUL_MAT");
      await details(page).getByText("blk.1.ffn_up").waitFor();
      await details(page).getByText("64x128,64x1").waitFor();
      const before = await page.locator("#graph").evaluate((canvas) => canvas.clientHeight);
      await page.locator("#graph").press("f");
      await page.waitForFunction((height) => (document.querySelector("#graph")?.clientHeight ?? 0) < height, before);
      await accessible("a folded layer");
    });
  });

  test("a pattern is searched for; a wrong one is explained; what is shown is copied as a table", async () => {
    await withFlame({}, async (page, accessible) => {
      await page.context().grantPermissions(["clipboard-read", "clipboard-write"]);
      await page.locator("#graph").waitFor();
      await page.getByRole("button", { name: flame.pattern }).click();
      await page.keyboard.press("/");
      await page.keyboard.type("^pre(fill");
      await page.getByText("This ( is not closed. (at 5)").waitFor();
      await accessible("a wrong pattern");
      await page.keyboard.type(")$");
      await page.getByText("2 found").waitFor();
      await page.getByRole("tab", { name: flame.tabs.spans }).click();
      await page.getByRole("button", { name: flame.copyMarkdown }).click();
      await page.getByText(flame.copied("2 rows")).waitFor();
      const copied = (await page.evaluate(() => navigator.clipboard.readText())).trimEnd().split("\n");
      assert.equal(copied.length, 4);
      assert.match(copied[2] ?? "", /^\| 7 \| prefill \| 7\.66 ms \| 14\.2 ms \| /);
    });
  });

  test("a file's names are text, whatever they hold and however long they are; what was left out is said", async () => {
    const markup = '<img src="x" onerror="document.title = 1"><script>document.title = 1</script>';
    const names = ["request", markup, "n".repeat(200_000), "${constructor}"];
    await withFlame({}, async (page, accessible) => {
      // The editor's side is played: the page gets what the extension would send of a file.
      await page.addInitScript(() => Object.assign(globalThis, { acquireVsCodeApi: () => ({ postMessage: () => {}, getState: () => undefined, setState: () => {} }) }));
      await page.goto(`${daemon.url}/flame?theme=dark&editor`);
      await page.waitForFunction(() => document.querySelector("main") !== null);
      const title = await page.title();
      await page.evaluate((given) => {
        const columns = {
          count: 4, startUs: Float64Array.of(0, 0, 100, 200), endUs: Float64Array.of(1000, 100, 200, 900), name: Uint32Array.of(0, 1, 2, 3), names: given, bases: given, parent: Int32Array.of(-1, 0, 0, 0),
          attributes: { offsets: Uint32Array.of(0, 0, 1, 1, 1), key: Uint16Array.of(0), keys: [given[1]], value: Float64Array.of(0), isOther: Uint8Array.of(1), others: [given[1]] },
          lane: Uint32Array.of(0, 0, 1, 1), lanes: [given[1], "thread"],
        };
        const trace = {
          id: "a", model: given[1], route: "", startedAt: "", status: "ok", errorCode: null, durationUs: 1000, promptTokens: 0, completionTokens: 0, ttftUs: null, tokensPerSecond: null,
          reuse: null, speculation: null, prompt: null, completion: null, parameters: {}, engine: null, template: null, recording: "off",
        };
        const file = { name: "hostile.inferno-trace", format: given[1], spans: 5004, leftOut: 5000, notes: [given[1]], boundsUs: [0, 1000], fromUs: 0, toUs: 1000 };
        window.dispatchEvent(new MessageEvent("message", { data: { type: "file", trace, columns, file } }));
      }, names);
      await page.getByText("hostile.inferno-trace").first().waitFor();
      await page.getByText(flame.leftOut("5,000")).waitFor();
      await page.getByRole("tab", { name: flame.tabs.spans }).click();
      await page.locator("table.spans tbody tr").nth(1).click();
      await selects(page, markup);
      for (const key of ["2", "3", "1"]) await page.keyboard.press(key);
      await accessible("a hostile file");
      assert.deepEqual([await page.title(), await page.locator("img").count()], [title, 0]);
      assert.ok(await page.evaluate(() => document.documentElement.scrollWidth <= window.innerWidth), "long names do not widen the page");
    });
  });

  test("what is selected does not move the graph, and no view is wider than a narrow window", async () => {
    daemon.script.traces = [trace, sampleTrace({ id: "tr_slower", slower: 2, minutesAgo: 1.001 })];
    for (const width of [1280, 800, 320]) {
      await withFlame({ width }, async (page) => {
        const top = () => page.locator("#graph").evaluate((canvas) => canvas.getBoundingClientRect().top + (document.querySelector("main")?.scrollTop ?? 0));
        await page.locator("#graph").waitFor();
        const before = await top();
        await page.keyboard.press(".");
        await selects(page, "prefill");
        assert.equal(await top(), before, `${width}`);
        await page.getByRole("combobox", { name: flame.second }).selectOption("tr_slower");
        await page.locator(".second-line").waitFor();
        for (const key of ["2", "3", "4", "1"]) {
          await page.keyboard.press(key);
          assert.ok(await page.evaluate(() => document.documentElement.scrollWidth <= window.innerWidth), `${width}, view ${key}`);
        }
      });
    }
  });
});
