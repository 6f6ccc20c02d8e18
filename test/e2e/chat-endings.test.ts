import assert from "node:assert/strict";
import { test } from "node:test";
import { withInferno } from "../drivers/inferno-session.ts";
import { playground } from "../drivers/panel-pages.ts";
import { strings } from "../../webviews/playground/strings.ts";

const config = `server:
  port: 0
models:
  endless:
    source: fake:count?tokenUs=20000
  absent:
    source: models/absent.gguf
`;

test("an answer is stopped by the button, and a model without its file says what is wrong", async () => {
  await withInferno("chat endings", { files: { "inferno.yaml": config }, env: { INFERNO_ALLOW_FAKE: "1" } }, async ({ open }) => {
    const editor = await open();
    await editor.palette("Inferno: New Chat");
    const chat = await playground(editor);

    await chat.chooseModel("endless");
    await chat.ask("Count.");
    await chat.answer("Count.").getByText("1 2 3").waitFor();
    await chat.stop();
    await chat.answer("Count.").getByText(strings.stopped, { exact: true }).waitFor();

    await chat.chooseModel("absent");
    await chat.ask("Are you there?");
    const alert = chat.answer("Are you there?").getByRole("alert");
    await alert.waitFor();
    const text = await alert.innerText();
    assert.match(text, /absent\.gguf/);
    assert.match(text, /model_file_missing/);
  });
});
