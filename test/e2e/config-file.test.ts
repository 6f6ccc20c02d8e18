import assert from "node:assert/strict";
import { test } from "node:test";
import { withEditor } from "../drivers/editor-session.ts";
import { temporaryHome } from "../drivers/inferno-home.ts";
import { packagedExtension } from "../drivers/vsix.ts";
import { withWorkspace } from "../drivers/workspace.ts";

const config = `server:
  port: 0
models:
  tiny:
    source: models/absent.gguf
`;

test("inferno.yaml: a bad source is underlined and explained, and a model's keys are completed", async () => {
  const home = await temporaryHome();
  try {
    await withWorkspace({ "inferno.yaml": config }, async (folder) => {
      await withEditor("config file", { vsix: [await packagedExtension()], env: home.env }, async ({ open }) => {
        const editor = await open(folder);
        await editor.openFile("inferno.yaml");
        await editor.squiggles("error").first().waitFor();
        const problems = await editor.problems();
        assert.equal(problems.length, 1);
        assert.match(problems[0] ?? "", /absent\.gguf/);

        await editor.typeAtEnd("inferno.yaml", "    con");
        assert.ok((await editor.completions()).includes("context"));
      });
    });
  } finally {
    await home.dispose();
  }
});
