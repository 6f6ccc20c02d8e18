import { test } from "node:test";
import { withInferno } from "../drivers/inferno-session.ts";
import { flame, repeatablePlayground } from "../drivers/panel-pages.ts";

test("the views show Ember and each request; a model is loaded and a trace opened from its row", async () => {
  await withInferno("views", { files: { "inferno.yaml": "server:\n  port: 0\n" } }, async ({ open }) => {
    const editor = await open();
    await editor.openViewContainer("Inferno");
    const ember = editor.treeRows("Models").filter({ hasText: "ember" });
    await ember.filter({ hasText: "not loaded" }).waitFor();
    await editor.rowAction(ember, "Load Model");
    await ember.filter({ hasText: "Q8_0" }).waitFor();

    await editor.rowAction(ember, "New Chat");
    await (await repeatablePlayground(editor)).answerTo("What is 17 + 25?");
    const trace = editor.treeRows("Traces").filter({ hasText: "tokens/s" }).first();
    await trace.click();
    await (await flame(editor)).graph().waitFor();

    await editor.rowAction(ember, "Unload Model");
    await ember.filter({ hasText: "not loaded" }).waitFor();
  });
});
