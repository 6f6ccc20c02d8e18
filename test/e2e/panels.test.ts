import assert from "node:assert/strict";
import { after, before, beforeEach, describe, test } from "node:test";
import type { Browser, Page } from "playwright-core";
import { InfernoError } from "../../protocol/errors.ts";
import { strings as flame } from "../../webviews/flame/strings.ts";
import { strings as playground } from "../../webviews/playground/strings.ts";
import { formatCount, formatDuration } from "../../webviews/shared/format.ts";
import { launchChromium } from "../drivers/chromium.ts";
import { openPanel, usePanel, type OpenOptions, type PanelUse } from "../drivers/panels/panel-page.ts";
import { selects } from "../drivers/panels/flame-details.ts";
import { sampleModel, say, type PanelPart } from "../drivers/panels/panel-script.ts";
import { sampleTrace } from "../drivers/panels/sample-trace.ts";
import { startScriptedDaemon, type ScriptedDaemon } from "../drivers/panels/scripted-daemon.ts";

const themes = ["dark", "light", "hc-dark", "hc-light"] as const;
const trace = sampleTrace();
let browser: Browser;
let daemon: ScriptedDaemon;

const withPanel = async (panel: "playground" | "flame", options: OpenOptions, use: PanelUse): Promise<void> => await usePanel(browser, panel, daemon, options, use);

const message = (page: Page) => page.getByRole("textbox", { name: playground.message });

describe("the panels in a plain browser", () => {
  before(async () => {
    browser = await launchChromium();
    daemon = await startScriptedDaemon({ models: [], traces: [], chat: () => say("") });
  });
  after(async () => {
    await browser.close();
    await daemon.close();
  });
  beforeEach(() => {
    daemon.script.models = [sampleModel(), sampleModel({ name: "base", task: "completion", state: "unloaded" })];
    daemon.script.traces = [trace, sampleTrace({ id: "tr_older", status: "error", minutesAgo: 90, tokens: 9 })];
    daemon.script.chat = () => say("17 + 25 = 42.");
  });

  test("nothing serious for axe in any theme, wide and narrow, in either panel", async () => {
    for (const theme of themes) {
      for (const width of [1280, 320]) {
        await withPanel("flame", { theme, width }, async (page, accessible) => {
          await page.locator("#graph").press("ArrowRight");
          for (const tab of Object.values(flame.tabs)) {
            await page.getByRole("tab", { name: tab }).click();
            await accessible(`flame, ${theme}, ${width}, ${tab}`);
          }
        });
        await withPanel("playground", { theme, width }, async (page, accessible) => {
          await page.getByRole("combobox", { name: playground.model }).waitFor();
          await accessible(`playground, ${theme}, ${width}, empty`);
          await message(page).fill("What is 17 + 25?");
          await message(page).press("Enter");
          await page.getByRole("button", { name: playground.openTrace }).waitFor();
          await accessible(`playground, ${theme}, ${width}, answered`);
          await page.getByRole("button", { name: playground.settings }).click();
          await accessible(`playground, ${theme}, ${width}, settings`);
        });
      }
    }
  });

  test("no panel is wider than a narrow window", async () => {
    for (const panel of ["flame", "playground"] as const) {
      await withPanel(panel, { width: 300 }, async (page) => {
        await page.getByRole("combobox").first().waitFor();
        assert.ok(await page.evaluate(() => document.documentElement.scrollWidth <= window.innerWidth), panel);
      });
    }
  });

  test("Flame is used with the keyboard alone: from the picker through graph and search to the table", async () => {
    await withPanel("flame", {}, async (page) => {
      await page.locator("#graph").waitFor();
      for (let presses = 0; presses < 30 && !(await page.evaluate(() => document.activeElement?.id === "graph")); presses++) await page.keyboard.press("Tab");
      for (const key of ["ArrowRight", "ArrowDown", "ArrowRight"]) await page.keyboard.press(key);
      await selects(page, "queue");
      assert.match(await page.locator("#selection", { hasText: "queue" }).innerText(), /^queue, starts at 640 µs, lasts 5\.30 ms, 1\.\d % of the request$/);

      await page.keyboard.press("/");
      await page.keyboard.type("batch=2");
      await page.getByText(/^\d+ found$/).waitFor();
      await page.keyboard.press("Enter");
      await page.getByText(/^1 of \d+$/).waitFor();
      await selects(page, "prefill");
      await page.keyboard.press("Escape");
      await page.waitForFunction(() => document.activeElement?.id === "graph");

      for (let presses = 0; presses < 30 && (await page.evaluate(() => document.activeElement?.getAttribute("role"))) !== "tab"; presses++) await page.keyboard.press("Tab");
      await page.keyboard.press("ArrowRight");
      for (let presses = 0; presses < 10 && (await page.evaluate(() => document.activeElement?.tagName)) !== "TR"; presses++) await page.keyboard.press("Tab");
      assert.equal(await page.evaluate(() => document.activeElement?.tagName), "TR");
      await page.keyboard.press("ArrowDown");
      await page.waitForFunction(() => document.activeElement?.querySelector("th")?.textContent === "sample");
      await selects(page, "sample");
    });
  });

  test("the table holds the same spans as the trace, page by page, and follows the selection", async () => {
    await withPanel("flame", {}, async (page) => {
      await page.getByRole("tab", { name: flame.tabs.spans }).click();
      const rows: string[][] = [];
      for (;;) {
        const shown = await page.locator("table.spans tbody tr").evaluateAll((found) => found.map((row) => [...row.children].slice(0, 4).map((cell) => cell.textContent)));
        rows.push(...shown);
        if (rows.length >= trace.spans.length) break;
        await page.getByRole("button", { name: flame.nextPage }).click();
        await page.getByRole("cell", { name: formatCount(rows.length + 1), exact: true }).first().waitFor();
      }
      const expected = trace.spans
        .map((span, at) => ({ span, at }))
        .sort((a, b) => a.span.startUs - b.span.startUs || Number(a.span.parentId !== null) - Number(b.span.parentId !== null) || a.at - b.at)
        .map(({ span }, place) => [formatCount(place + 1), span.name, formatDuration(span.startUs), formatDuration(span.durationUs)]);
      assert.deepEqual(rows, expected);

      // Back to the first page by what is selected in the graph.
      await page.locator("#graph").press("Home");
      await page.locator('table.spans tr[aria-current="true"][aria-rowindex="2"]').waitFor();
      await page.locator("table.spans tbody tr").nth(6).click();
      await selects(page, "prefill");
    });
  });

  test("a click selects, a double click zooms, another trace and an error are shown", async () => {
    await withPanel("flame", { query: { trace: "tr_older" } }, async (page, accessible) => {
      await page.locator(".facts").getByText("decode_failed").waitFor();
      await page.getByRole("combobox", { name: flame.trace }).selectOption("tr_sample");
      await page.locator(".facts").getByText("tr_sample").waitFor();
      const box = await page.locator("#graph").boundingBox();
      assert.ok(box !== null);
      await page.mouse.click(box.x + box.width * 0.06, box.y + 58);
      await selects(page, "prefill");
      await page.mouse.dblclick(box.x + box.width * 0.06, box.y + 58);
      await page.mouse.move(box.x + box.width * 0.9, box.y + 58);
      await page.getByText(/^prefill 14\.2 ms/).waitFor();

      daemon.script.traces = [trace];
      await page.getByRole("combobox", { name: flame.trace }).selectOption("tr_older");
      await page.getByRole("alert").getByText("trace_not_found").waitFor();
      await accessible("flame with an error");
    });
  });

  test("no traces yet is a page that says what to do", async () => {
    daemon.script.traces = [];
    await withPanel("flame", {}, async (page, accessible) => {
      await page.getByRole("heading", { name: flame.emptyTitle }).waitFor();
      await accessible("flame, empty");
    });
  });

  test("an answer arrives piece by piece and stops on Esc; the daemon sees the end; it can be asked again", async () => {
    let ended: () => void = () => {};
    const end = new Promise<void>((resolve) => (ended = resolve));
    daemon.script.chat = async function* (): AsyncGenerator<PanelPart> {
      try {
        yield { text: "A red kite" };
        await end;
      } finally {
        ended();
      }
    };
    await withPanel("playground", {}, async (page, accessible) => {
      await message(page).fill("A story, please.");
      await message(page).press("Shift+Enter");
      assert.equal(await message(page).inputValue(), "A story, please.\n");
      await message(page).press("Enter");
      await page.getByText("A red kite").waitFor();
      await accessible("playground, streaming");
      await page.keyboard.press("Escape");
      await page.getByText(playground.stopped).waitFor();
      daemon.script.chat = () => say("The kite flew home.");
      await page.getByRole("button", { name: playground.again }).click();
      await page.getByText("The kite flew home.").first().waitFor();
      assert.equal(await page.getByText("A red kite").count(), 0);
      await page.locator('[aria-live="polite"]', { hasText: "The kite flew home. Answer finished" }).waitFor();
    });
  });

  test("while the model loads the page says so, and shows how far it is", async () => {
    daemon.script.models = [sampleModel({ state: "unloaded" })];
    let loaded: () => void = () => {};
    const loading = new Promise<void>((resolve) => (loaded = resolve));
    daemon.script.chat = async function* (): AsyncGenerator<PanelPart> {
      daemon.script.models = [sampleModel({ state: "loading", progress: 0.42 })];
      await loading;
      yield* say("Here I am.");
    };
    await withPanel("playground", {}, async (page) => {
      await page.getByText(playground.state.unloaded).waitFor();
      await message(page).fill("Are you there?");
      await message(page).press("Enter");
      await page.getByText(playground.loadingModel(" 42 %")).waitFor();
      daemon.script.models = [sampleModel()];
      loaded();
      await page.getByText("Here I am.").first().waitFor();
      await page.getByText(playground.state.ready).waitFor();
    });
  });

  test("settings travel with the request; a wrong one is marked and left out", async () => {
    const bodies: unknown[] = [];
    daemon.script.chat = (body) => {
      bodies.push(body);
      return say("Yes.");
    };
    await withPanel("playground", {}, async (page) => {
      await page.getByRole("button", { name: playground.settings }).click();
      await page.getByRole("textbox", { name: playground.system }).fill("Be brief.");
      await page.getByRole("textbox", { name: "Temperature" }).fill("0");
      await page.getByRole("textbox", { name: "Top P" }).fill("7");
      assert.equal(await page.getByRole("textbox", { name: "Top P" }).getAttribute("aria-invalid"), "true");
      await message(page).fill("Ready?");
      await page.getByRole("button", { name: playground.send }).click();
      await page.getByRole("button", { name: playground.openTrace }).waitFor();
    });
    assert.deepEqual(bodies, [{
      model: "ember", messages: [{ role: "system", content: "Be brief." }, { role: "user", content: "Ready?" }], temperature: 0, stream: true, stream_options: { include_usage: true },
    }]);
  });

  test("a failure shows its hint and can be tried again; the conversation survives a reload", async () => {
    daemon.script.chat = async function* (): AsyncGenerator<PanelPart> {
      yield { error: new InfernoError("model_host_crashed", "The model's process died.") };
    };
    await withPanel("playground", {}, async (page, accessible) => {
      await message(page).fill("What is 17 + 25?");
      await message(page).press("Enter");
      const alert = page.getByRole("alert");
      await alert.getByText("model_host_crashed").waitFor();
      await alert.getByText(/Send the request again/).waitFor();
      await accessible("playground, failed");
      daemon.script.chat = () => say("17 + 25 = 42.");
      await alert.getByRole("button", { name: playground.retry }).click();
      await page.getByRole("button", { name: playground.openTrace }).waitFor();
      await message(page).fill("half a thought");
      await page.reload();
      await page.getByText("17 + 25 = 42.").waitFor();
      assert.equal(await message(page).inputValue(), "half a thought");
    });
  });

  test("Open trace shows that trace in Flame", async () => {
    await withPanel("playground", {}, async (page) => {
      await message(page).fill("What is 17 + 25?");
      await message(page).press("Enter");
      const [other] = await Promise.all([page.context().waitForEvent("page"), page.getByRole("button", { name: playground.openTrace }).click()]);
      await other.locator(".facts").getByText("tr_sample").waitFor();
      assert.equal(new URL(other.url()).hash, "", "the token left the address");
    });
  });

  test("without the token, and with a wrong one, the page says what to do and shows nothing", async () => {
    for (const token of [null, "wrong"]) {
      for (const panel of ["flame", "playground"] as const) {
        const opened = await openPanel(browser, panel, { url: daemon.url, token });
        const { page } = opened;
        await page.getByRole("heading", { name: token === null ? /needs the daemon's token/ : /refused this page's token/ }).waitFor();
        assert.deepEqual(await opened.violations(), []);
        assert.equal(await page.getByRole("combobox").count(), 0);
        await opened.close();
      }
    }
  });
});
