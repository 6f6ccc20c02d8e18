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
    context: many
`;

test("in a folder that is not trusted its paths are inert, until trust is given", async () => {
  const home = await temporaryHome();
  try {
    await withWorkspace({ "inferno.yaml": config }, async (folder) => {
      const options = {
        vsix: [await packagedExtension()],
        env: home.env,
        workspaceTrust: true,
        settings: { "security.workspace.trust.startupPrompt": "never" },
      };
      await withEditor("workspace trust", options, async ({ open }) => {
        const editor = await open(folder);
        await editor.statusBarItem("Restricted Mode").waitFor();
        await editor.openFile("inferno.yaml");
        // The schema needs nothing of the workspace; whether a file exists at a path from the workspace stays unasked.
        await editor.squiggles("error").first().waitFor();
        const restricted = await editor.problems();
        assert.equal(restricted.length, 1);
        assert.doesNotMatch(restricted[0] ?? "", /absent\.gguf/);

        await editor.trustWorkspace();
        await editor.problem(/absent\.gguf/).waitFor();
      });
    });
  } finally {
    await home.dispose();
  }
});
