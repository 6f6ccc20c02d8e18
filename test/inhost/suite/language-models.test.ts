import assert from "node:assert/strict";
import * as vscode from "vscode";
import { embeddedModel } from "../../../protocol/config.ts";
import { Client } from "../../../protocol/client/index.ts";
import { languageModelVendor } from "../../../protocol/commands.ts";
import { eventually } from "../../drivers/eventually.ts";
import { runningDaemon } from "../../drivers/inferno-home.ts";
import { ourExtension } from "./editor.ts";

async function chatModel(id: string): Promise<vscode.LanguageModelChat> {
  return await eventually(`${id} among the editor's language models`, async () => {
    const models = await vscode.lm.selectChatModels({ vendor: languageModelVendor });
    return models.find((model) => model.id === id);
  });
}
const ember = async (): Promise<vscode.LanguageModelChat> => await chatModel(embeddedModel);

/** The same answer in every run. */
const greedy: vscode.LanguageModelChatRequestOptions = { modelOptions: { temperature: 0 } };
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
    for await (const piece of (await (await ember()).sendRequest(question, greedy, token)).text) pieces.push(piece);
    assert.match(pieces.join(""), /42/);
    assert.ok(pieces.length > 1, "the answer came in one piece");
  });

  it("stops generating when the request is cancelled", async () => {
    const source = new vscode.CancellationTokenSource();
    const read = async (): Promise<void> => {
      const { text } = await (await chatModel("endless")).sendRequest(question, {}, source.token);
      for await (const piece of text) if (piece !== "") source.cancel();
    };
    // The editor may end the stream or reject; the daemon's record of the request tells what became of it.
    await read().catch(() => undefined);
    const daemon = await runningDaemon(process.env.INFERNO_HOME ?? "");
    assert.ok(daemon);
    const client = new Client(daemon);
    await eventually("the end of the request as cancelled", async () => {
      const { traces } = await client.call("traces", {});
      return traces.some(({ model, status }) => model === "endless" && status === "cancelled");
    });
  });

  it("counts tokens", async () => {
    const count = await (await ember()).countTokens("What is 17 + 25?");
    assert.ok(count > 2 && count < 20, `counted ${count}`);
  });
});
