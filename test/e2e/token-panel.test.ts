import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import type { Browser } from "playwright-core";
import { InfernoError } from "../../protocol/errors.ts";
import { strings } from "../../webviews/tokens/strings.ts";
import { eventually } from "../drivers/eventually.ts";
import { launchChromium } from "../drivers/chromium.ts";
import { TokensPanel } from "../drivers/panel-pages.ts";
import { usePanel } from "../drivers/panels/panel-page.ts";
import { say } from "../drivers/panels/panel-script.ts";
import { sampleTokens } from "../drivers/panels/sample-tokens.ts";
import { sampleTrace } from "../drivers/panels/sample-trace.ts";
import { startScriptedDaemon } from "../drivers/panels/scripted-daemon.ts";
import { tokenViews } from "../drivers/panels/token-views.ts";
import { startTestDaemon, user, type TestDaemon } from "../drivers/test-daemon.ts";

describe("the Token panel in a plain browser", () => {
  let browser: Browser;
  let gateway: TestDaemon;
  const sessions = async () => (await gateway.client.call("debugSessions", {})).sessions.map(({ id }) => id);
  /** A context that is closed at once says no goodbye. */
  const endSessions = async () => {
    for (const id of await sessions()) await gateway.client.call("debugAct", { params: { id }, body: { do: "end" } });
  };
  before(async () => {
    browser = await launchChromium();
    gateway = await startTestDaemon();
  });
  after(async () => {
    await browser.close();
    await gateway[Symbol.asyncDispose]();
  });

  test("every view is accessible in every theme, and no wider than a narrow window", async () => {
    for (const { ask, show } of Object.values(tokenViews)) {
      const trace = await ask(gateway.client);
      for (const [theme, width] of [["dark", 1280], ["light", 320], ["hc-dark", 320], ["hc-light", 1280]] as const) {
        await usePanel(browser, "tokens", gateway.daemon, { theme, width, query: { trace } }, async (page, accessible) => {
          await page.locator(".conversation").waitFor();
          await show(page, new TokensPanel(page.mainFrame()));
          await accessible(`${theme}, ${width}`);
          assert.ok(await page.evaluate(() => document.documentElement.scrollWidth <= window.innerWidth), `${theme}, ${width}`);
        });
        await endSessions();
      }
    }
  });

  test("it is used with the keyboard alone: to a token, to its details, to another token and along the branches", async () => {
    const trace = await tokenViews["fork"]!.ask(gateway.client);
    await usePanel(browser, "tokens", gateway.daemon, { query: { trace } }, async (page) => {
      const panel = new TokensPanel(page.mainFrame());
      const list = page.locator("#conversation");
      await list.waitFor();
      for (let presses = 0; presses < 30 && !(await list.evaluate((element) => element === document.activeElement)); presses++) await page.keyboard.press("Tab");
      await page.keyboard.press("End");
      await page.keyboard.press("ArrowLeft");
      await page.keyboard.press("ArrowUp");
      await page.keyboard.press("ArrowDown");
      assert.ok((await list.getAttribute("aria-activedescendant"))?.startsWith("token-"));
      await page.keyboard.press("Enter");
      assert.equal(await page.evaluate(() => document.activeElement?.id), "details");
      const instead = page.getByRole("button", { name: /^Choose this instead/ }).first();
      for (let presses = 0; presses < 10 && !(await instead.evaluate((element) => element === document.activeElement)); presses++) await page.keyboard.press("Tab");
      await page.keyboard.press("Enter");
      await page.getByRole("tree").waitFor();
      await page.locator(".working").waitFor({ state: "detached" });
      await panel.branches().last().focus();
      await page.keyboard.press("ArrowUp");
      assert.equal(await panel.branches().first().getAttribute("aria-selected"), "true");
      await page.locator('[aria-live="polite"]', { hasText: "The branch is complete" }).waitFor();
      await page.goto("about:blank");
      await eventually("a page that is left ends its session", async () => (await sessions()).length === 0);
    });
  });

  test("a request in work is watched, stopped, stepped and let go on", async () => {
    // Without an end: what does not fit into the context any more is forgotten.
    const abort = new AbortController();
    const body = { model: "ember", messages: [user("Tell me a story")], temperature: 0, max_tokens: 100_000, ignore_eos: true, overflow: "shift" as const };
    const request = gateway.client.call("chatCompletions", { body }, { signal: abort.signal }).catch((error: unknown) => InfernoError.from(error).code);
    let trace: string | undefined;
    while (trace === undefined) trace = (await gateway.client.call("traces", {})).traces.find(({ status, completionTokens }) => status === "running" && completionTokens > 0)?.id;
    await usePanel(browser, "tokens", gateway.daemon, { query: { trace } }, async (page) => {
      await page.getByRole("button", { name: strings.pause }).click();
      await page.getByText(strings.paused).first().waitFor();
      const options = page.getByRole("group", { name: strings.answer }).getByRole("option");
      await page.getByRole("button", { name: strings.stepOne }).click();
      await page.getByRole("button", { name: strings.stepTen }).and(page.locator(":enabled")).waitFor();
      const stopped = await options.count();
      await page.getByRole("button", { name: strings.stepTen }).click();
      await page.waitForFunction((count) => document.querySelectorAll(".part:last-child [role=option]").length === count, stopped + 10);
      await page.getByRole("button", { name: strings.resume }).click();
      await page.waitForFunction((count) => document.querySelectorAll(".part:last-child [role=option]").length > count, stopped + 10);
      abort.abort();
      await page.locator(".live").waitFor({ state: "detached" });
    });
    assert.equal(await request, "request_cancelled");
  });

  test("script in a token's text is text, ten thousand tokens are drawn, and what the daemon cannot do it says in its words", async () => {
    const hostile = ["<script>document.title='x'</script>", "<img src=x onerror=alert(1)>", "\u202Eabc", "\n", "a".repeat(100_000)];
    const many = Array.from({ length: 10_000 }, (_, at) => hostile[at % 500] ?? ` word${at % 50}`);
    const trace = sampleTrace();
    const daemon = await startScriptedDaemon({ models: [], traces: [trace], tokens: [sampleTokens(trace.id, hostile, many)], chat: () => say("") });
    try {
      await usePanel(browser, "tokens", daemon, {}, async (page) => {
        const panel = new TokensPanel(page.mainFrame());
        await panel.token(9999).waitFor({ state: "attached" });
        assert.equal(await page.locator("#app img, #app script").count(), 0);
        assert.equal(await page.title(), "Tokens · Inferno");
        await page.locator("#conversation").press("End");
        await panel.details().getByText("9,999 of 10,000 in the answer").waitFor();
        await page.getByRole("button", { name: strings.lookCloser }).click();
        await page.getByRole("alert").getByText("route_not_found").waitFor();
        await panel.view("table");
        await page.locator('tr[aria-current="true"]').waitFor();
      });
    } finally {
      await daemon.close();
    }
  });
});
