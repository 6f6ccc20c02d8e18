import assert from "node:assert/strict";
import * as vscode from "vscode";
import { embeddedModel } from "../../../protocol/config.ts";
import { languageModelVendor } from "../../../protocol/commands.ts";
import { eventually } from "../../drivers/eventually.ts";
import { ourExtension } from "./editor.ts";

async function ember(): Promise<vscode.LanguageModelChat> {
  return await eventually("Ember among the editor's language models", async () => {
    const models = await vscode.lm.selectChatModels({ vendor: languageModelVendor });
    return models.find((model) => model.id === embeddedModel);
  });
}

const question = [vscode.LanguageModelChatMessage.User("What is 17 + 25?")];

describe("our models in the editor's model picker", () => {
  before(async () => {
    await ourExtension().activate();
    await vscode.commands.executeCommand("inferno.start");
  });

  it("offers Ember with its limits", async () => {
    const model = await ember();
    assert.equal(model.vendor, languageModelVendor);
    assert.ok(model.maxInputTokens > 0);
  });

  it("answers token by token", async () => {
    const { token } = new vscode.CancellationTokenSource();
    const pieces: string[] = [];
    for await (const piece of (await (await ember()).sendRequest(question, {}, token)).text) pieces.push(piece);
    assert.match(pieces.join(""), /42/);
    assert.ok(pieces.length > 1, "the answer came in one piece");
  });

  it("ends when the request is cancelled", async () => {
    const source = new vscode.CancellationTokenSource();
    const story = [vscode.LanguageModelChatMessage.User("Tell me a story.")];
    const pieces: string[] = [];
    const read = async (): Promise<void> => {
      for await (const piece of (await (await ember()).sendRequest(story, {}, source.token)).text) {
        pieces.push(piece);
        source.cancel();
      }
    };
    // The editor may end the stream or reject; either way it must end soon after the first piece.
    await read().catch(() => undefined);
    assert.ok(pieces.length < 20, `${pieces.length} pieces arrived after the cancellation`);
  });

  it("counts tokens", async () => {
    const count = await (await ember()).countTokens("What is 17 + 25?");
    assert.ok(count > 2 && count < 20, `counted ${count}`);
  });
});
