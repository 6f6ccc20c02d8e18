import assert from "node:assert/strict";
import { test } from "node:test";
import { strings as flame } from "../../webviews/flame/strings.ts";
import { strings as playground } from "../../webviews/playground/strings.ts";
import { launchChromium } from "../drivers/chromium.ts";
import { openPanel } from "../drivers/panels/panel-page.ts";
import { startTestDaemon } from "../drivers/test-daemon.ts";

test("at the daemon's own address Ember answers in the Playground, and Flame accounts for the request's time", async () => {
  await using daemon = await startTestDaemon();
  await using browser = await launchChromium();
  const opened = await openPanel(browser, "playground", daemon.daemon);
  const { page, complaints } = opened;
  await page.getByRole("combobox", { name: playground.model }).selectOption("ember");
  const message = page.getByRole("textbox", { name: playground.message });
  await message.fill("What is 17 + 25?");
  await message.press("Enter");
  const [profile] = await Promise.all([page.context().waitForEvent("page"), page.getByRole("button", { name: playground.openTrace }).click()]);
  assert.match(await page.locator("article.answer .text").innerText(), /42/);
  assert.deepEqual(await opened.violations(), []);

  await profile.locator("#graph").waitFor();
  const accounted = profile.locator(".fact", { hasText: flame.facts.accounted }).locator("dd");
  const share = Number.parseFloat(await accounted.innerText());
  assert.ok(share > 90 && share <= 100.1, `${share} % of the wall time is accounted for`);
  const { traces } = await daemon.client.call("traces", {});
  assert.equal(await profile.getByRole("combobox", { name: flame.trace }).inputValue(), traces[0]?.id);
  assert.deepEqual(complaints, []);
});
