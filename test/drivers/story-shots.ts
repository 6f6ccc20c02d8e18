/**
 * Takes the pictures of docs/guides/debugging.md, from the requests of its stories: docs/images/story-*.png.
 *
 *   node test/drivers/story-shots.ts
 */
import { join } from "node:path";
import { packageRoot } from "../../base/package-root.ts";
import { strings } from "../../webviews/flame/strings.ts";
import { launchChromium } from "./chromium.ts";
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

await slowPrompt();
