import assert from "node:assert/strict";
import { test } from "node:test";
import { withInferno } from "../drivers/inferno-session.ts";

const config = `server:
  port: 0
models:
  tiny:
    source: models/absent.gguf
    context: many
`;
const untrusted = {
  files: { "inferno.yaml": config },
  workspaceTrust: true,
  settings: { "security.workspace.trust.startupPrompt": "never" },
};

test("in a folder that is not trusted its paths are inert, until trust is given", async () => {
  await withInferno("workspace trust", untrusted, async ({ open }) => {
    const editor = await open();
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
