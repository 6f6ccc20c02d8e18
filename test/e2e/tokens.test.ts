import assert from "node:assert/strict";
import { join } from "node:path";
import { test } from "node:test";
import { packageRoot } from "../../base/package-root.ts";
import { strings } from "../../webviews/tokens/strings.ts";
import { strings as playground } from "../../webviews/playground/strings.ts";
import { seriousViolations } from "../drivers/accessibility.ts";
import { withInferno } from "../drivers/inferno-session.ts";
import { flame, repeatablePlayground, tokens } from "../drivers/panel-pages.ts";

const picture = (name: string): string => join(packageRoot(import.meta.dirname), "test-results", `${name}.png`);
const question = "Tell me about the sun";
const files = { "inferno.yaml": "server:\n  port: 0\n" };

test("an answer's tokens are looked at, one is chosen otherwise, and the two answers stand side by side", async () => {
  await withInferno("tokens", { files }, async ({ open }) => {
    const editor = await open();
    await editor.palette("Inferno: New Chat");
    const chat = await repeatablePlayground(editor);
    const { text } = await chat.answerTo(question);
    await chat.answer(question).getByRole("button", { name: playground.openTokens }).click();
    const panel = await tokens(editor);
    await panel.token(4).click();
    await panel.details().getByText(strings.names.probability, { exact: true }).waitFor();
    const pieces = await panel.frame.getByRole("group", { name: strings.answer }).getByRole("option").allTextContents();
    assert.equal(pieces.join("").slice(0, 12), text.slice(0, 12));

    await panel.lookCloser();
    await panel.details().getByText(/came out the same/).waitFor();
    await panel.frame.getByRole("table", { name: strings.stageTable("logits") }).waitFor();
    assert.deepEqual(await seriousViolations(panel.frame), []);

    await panel.chooseAnother();
    assert.equal(await panel.branches().count(), 2);
    assert.match(await panel.branches().last().innerText(), /From token 4/);
    await panel.view("difference");
    await panel.frame.locator("ins").first().waitFor();
    await panel.frame.getByText(strings.commonBeginning("4 tokens")).waitFor();
    assert.deepEqual(await seriousViolations(panel.frame), []);
    await editor.screenshot(picture("e2e-tokens"));

    await panel.branches().first().press("Home");
    await panel.view("text");
    await panel.token(4).click();
    await panel.details().getByRole("button", { name: strings.showInFlame }).click();
    const graph = await flame(editor);
    await graph.details().getByRole("heading", { name: "decode" }).waitFor();
  });
});
