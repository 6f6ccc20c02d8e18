import assert from "node:assert/strict";
import { join } from "node:path";
import { test } from "node:test";
import { packageRoot } from "../../base/package-root.ts";
import { strings as flameStrings } from "../../webviews/flame/strings.ts";
import { strings } from "../../webviews/tokens/strings.ts";
import { withInferno } from "../drivers/inferno-session.ts";
import { flame, tokens } from "../drivers/panel-pages.ts";

const picture = join(packageRoot(import.meta.dirname), "test-results", "e2e-record-to-fork.png");
const model = join(packageRoot(import.meta.dirname), "runtime/models/ember/ember-q8_0.gguf");
const files = { "inferno.yaml": `server:\n  port: 0\nmodels:\n  sums:\n    source: ${model}\n` };

test("from a model's code lens to its operations, from there to the tokens, and to another answer", async () => {
  await withInferno("record to fork", { files }, async ({ open }) => {
    const editor = await open();
    await editor.openFile("inferno.yaml");
    await editor.page.locator(".codelens-decoration").getByText("Profile operations").click();
    await editor.page.getByText("What to ask sums").waitFor();
    await editor.answer("What is 93 - 37?");

    const graph = await flame(editor);
    await graph.graph().waitFor();
    await graph.frame.getByRole("tab", { name: flameStrings.tabs.spans }).click();
    await graph.frame.getByRole("row").filter({ hasText: "MUL_MAT" }).first().click();
    await graph.details().getByText(/GB\/s/).first().waitFor();

    await graph.frame.getByRole("button", { name: flameStrings.showTokens }).click();
    const panel = await tokens(editor);
    await panel.token(8).click();
    await panel.details().getByText(strings.names.probability, { exact: true }).waitFor();
    await panel.chooseAnother();
    assert.match(await panel.branches().last().innerText(), /From token 8/);
    await panel.view("difference");
    await panel.frame.locator("ins").first().waitFor();
    await panel.frame.getByText(strings.commonBeginning("8 tokens")).waitFor();
    await editor.screenshot(picture);
  });
});
