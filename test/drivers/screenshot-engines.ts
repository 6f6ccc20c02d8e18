/**
 * Takes a picture of the Flame panel with the operations of a GGUF model's step, and beside it with those of an ONNX model's run: docs/images/flame-engines.png.
 *
 *   npm run build && node test/drivers/screenshot-engines.ts
 */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import sharp from "sharp";
import { packageRoot } from "../../base/package-root.ts";
import { strings } from "../../webviews/flame/strings.ts";
import { launchChromium } from "./chromium.ts";
import { writeMiniLm } from "./minilm.ts";
import { openPanel } from "./panels/panel-page.ts";
import { startTestDaemon } from "./test-daemon.ts";

const target = join(packageRoot(import.meta.dirname), "docs", "images", "flame-engines.png");
const size = { width: 900, height: 760 };
const home = mkdtempSync(join(tmpdir(), "inferno-engines-"));

try {
  await using it = await startTestDaemon({ yaml: { models: { minilm: { source: writeMiniLm(join(home, "minilm")), threads: 1 } } } });
  await using browser = await launchChromium();
  const traceOf = async (path: string, body: object): Promise<string> => {
    const answer = await it.send(path, { body });
    if (answer.status !== 200) throw new Error(answer.text);
    return answer.headers.get("x-inferno-trace-id")!;
  };
  const texts = Array.from({ length: 4 }, (_, index) => `A red kite over valley number ${index}, and what it saw there on a clear morning in March.`);
  const embeddings = { model: "minilm", input: texts, profile: "ops" };
  const chat = { model: "ember", messages: [{ role: "user", content: "What is 17 + 25?" }], temperature: 0, profile: { ops: { steps: [4, 4] } } };
  // The first of each loads its model.
  const both = async () => [await traceOf("/v1/chat/completions", chat), await traceOf("/v1/embeddings", embeddings)];
  await both();
  const traces = await both();
  // Zoomed into, then selected.
  const looks = [["profiled=true", "MUL_MAT"], ["run", "MatMulNBits"]] as const;
  const pictures = await Promise.all(traces.map(async (trace, index) => {
    const { page } = await openPanel(browser, "flame", it.daemon, { ...size, query: { trace } });
    await page.locator("#graph").waitFor();
    await page.getByRole("tab", { name: strings.tabs.spans }).click();
    const [zoomed, selected] = looks[index]!;
    await page.getByRole("row").filter({ hasText: zoomed }).first().dblclick();
    await page.getByRole("row").filter({ hasText: selected }).first().click();
    return await page.screenshot();
  }));
  await sharp({ create: { width: 2 * size.width + 4, height: size.height, channels: 3, background: "#808080" } })
    .composite(pictures.map((input, index) => ({ input, left: index * (size.width + 4), top: 0 }))).png({ compressionLevel: 9 }).toFile(target);
  console.log(target);
} finally {
  rmSync(home, { recursive: true });
}
