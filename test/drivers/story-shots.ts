/**
 * Takes the pictures of docs/guides/debugging.md, from the requests of its stories: docs/images/story-*.png.
 *
 *   node test/drivers/story-shots.ts
 */
import { join } from "node:path";
import { packageRoot } from "../../base/package-root.ts";
import { strings } from "../../webviews/flame/strings.ts";
import { strings as tokenStrings } from "../../webviews/tokens/strings.ts";
import { launchChromium } from "./chromium.ts";
import { TokensPanel } from "./panel-pages.ts";
import { openPanel } from "./panels/panel-page.ts";
import { startTestDaemon, user } from "./test-daemon.ts";

const root = packageRoot(import.meta.dirname);
const target = (story: string): string => join(root, "docs", "images", `story-${story}.png`);
const rules = Array.from({ length: 14 }, (_, index) => `Rule ${index + 1}: the sun is warm and the king of the castle has ${index + 1} dogs.`).join("\n");

await using it = await startTestDaemon({ yaml: { models: { house: { source: join(root, "runtime/models/ember/ember-q8_0.gguf"), batch: 32 } } } });
await using browser = await launchChromium();

/** The id of a request's trace. */
async function asked(body: object): Promise<string> {
  const answer = await it.send("/v1/chat/completions", { body });
  if (answer.status !== 200) throw new Error(answer.text);
  return answer.headers.get("x-inferno-trace-id")!;
}

async function slowPrompt(): Promise<void> {
  const request = (more: string) => ({ model: "house", messages: [{ role: "system", content: more + rules }, user("Tell me about the sun")], max_tokens: 8 });
  // The first one loads the model.
  await asked(request("Once. "));
  const { page } = await openPanel(browser, "flame", it.daemon, { width: 1200, height: 560, query: { trace: await asked(request("")) } });
  await page.locator("#graph").waitFor();
  await page.getByRole("tab", { name: strings.tabs.spans }).click();
  await page.getByRole("row").filter({ hasText: "prefill" }).nth(7).click();
  await page.screenshot({ path: target("slow-prompt") });
}

async function wrongToken(): Promise<void> {
  const trace = await asked({ model: "ember", messages: [user("What is 93 - 37?")], temperature: 1, seed: 1 });
  const { page } = await openPanel(browser, "tokens", it.daemon, { width: 1200, height: 760, query: { trace } });
  const panel = new TokensPanel(page.mainFrame());
  await panel.token(8).click();
  await panel.lookCloser();
  await panel.chooseAnother();
  await page.screenshot({ path: target("wrong-token") });
}

async function cacheMiss(): Promise<void> {
  const often = Array.from({ length: 10 }, (_, index) => `Rule ${index + 1}: answer in one short sentence, and be kind.`).join(" ");
  const at = (time: string) => ({ role: "system", content: `It is ${time}. ${often}` });
  const first = [user("What day comes after Monday?"), { role: "assistant", content: "Tuesday comes after Monday." }];
  await asked({ model: "ember", messages: [at("10:41:07"), first[0]] });
  const trace = await asked({ model: "ember", messages: [at("10:41:52"), ...first, user("What is 6 times 7?")] });
  const { page } = await openPanel(browser, "tokens", it.daemon, { width: 1200, height: 640, query: { trace } });
  await page.locator("summary").first().click();
  await page.getByRole("combobox", { name: tokenStrings.colour }).selectOption("reuse");
  await page.getByText(":07").first().waitFor();
  await page.screenshot({ path: target("cache-miss") });
}

await slowPrompt();
await wrongToken();
await cacheMiss();
