import assert from "node:assert/strict";
import * as vscode from "vscode";
import { commandIds, languageId } from "../../../protocol/commands.ts";
import { eventually } from "../../drivers/eventually.ts";
import { ourExtension, showFile, workspaceFolder } from "./editor.ts";

describe("activation", () => {
  it("takes inferno.yaml and *.inferno.yaml for its language, which activates it", async () => {
    const document = await showFile("team.inferno.yaml", "models: {}\n");
    assert.equal(document.languageId, languageId);
    const config = await vscode.workspace.openTextDocument(vscode.Uri.joinPath(workspaceFolder(), "inferno.yaml"));
    assert.equal(config.languageId, languageId);
    await eventually("activation", () => Promise.resolve(ourExtension().isActive));
  });

  it("leaves other YAML files alone", async () => {
    assert.notEqual((await showFile("compose.yaml", "services: {}\n")).languageId, languageId);
  });

  it("registers every command of the contract", async () => {
    await ourExtension().activate();
    const registered = new Set(await vscode.commands.getCommands(true));
    assert.deepEqual(commandIds.filter((id) => !registered.has(id)), []);
  });

  it("is limited in untrusted workspaces, where nothing of the workspace may choose what is started", () => {
    const { capabilities } = ourExtension().packageJSON as {
      capabilities: { untrustedWorkspaces: { supported: string; restrictedConfigurations: string[] } };
    };
    assert.equal(capabilities.untrustedWorkspaces.supported, "limited");
    assert.ok(capabilities.untrustedWorkspaces.restrictedConfigurations.includes("inferno.daemon.config"));
  });
});
