import assert from "node:assert/strict";
import { test } from "node:test";
import { withInferno } from "../drivers/inferno-session.ts";

const config = `server:
  port: 0
models:
  tiny:
    source: models/absent.gguf
`;

test("inferno.yaml: a bad source is underlined and explained, and a model's keys are completed", async () => {
  await withInferno("config file", { files: { "inferno.yaml": config } }, async ({ open }) => {
    const editor = await open();
    await editor.openFile("inferno.yaml");
    await editor.squiggles("error").first().waitFor();
    const problems = await editor.problems();
    assert.equal(problems.length, 1);
    assert.match(problems[0] ?? "", /absent\.gguf/);

    await editor.typeAtEnd("inferno.yaml", "    con");
    assert.ok((await editor.completions()).includes("context"));
  });
});
