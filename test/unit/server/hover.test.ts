import assert from "node:assert/strict";
import { suite, test } from "node:test";
import { hover } from "../../../server/features/hover.ts";
import { manifestUri, ServerFixture } from "./fixture.ts";

async function hoverText(text: string, uri?: string): Promise<string | null> {
  const fixture = new ServerFixture();
  const { document, position } = fixture.atCursor(text, uri);
  const found = await hover(fixture.yaml, document, position);
  if (found === null) return null;
  assert.ok(typeof found.contents === "object" && "value" in found.contents);
  return found.contents.value;
}

suite("hover", () => {
  test("a key shows its description, as Markdown", async () => {
    assert.match((await hoverText("models:\n  a:\n    ta|sk: chat\n"))!, /^What the model is for: `chat` answers messages/);
  });

  test("a model's name shows what stands below it", async () => {
    assert.match((await hoverText("models:\n  t|iny:\n    source: hf:a/b\n"))!, /One model/);
  });

  test("a manifest's keys are those of its task", async () => {
    assert.match((await hoverText("task: embedding\npool|ing: mean\n", manifestUri))!, /^How one vector is made of a text's tokens/);
    assert.match((await hoverText("ta|sk: ocr\n", manifestUri))!, /^What the model is for: `embedding` makes vectors/);
    assert.match((await hoverText("task: ocr\ndetect:\n  un|clip: 2\n", manifestUri))!, /^How much boxes are widened/);
  });

  test("nothing beside the keys, in an empty file and in one that cannot be walked", async () => {
    assert.equal(await hoverText("|"), null);
    assert.equal(await hoverText("a: &a [*a]|\n"), null);
  });
});
