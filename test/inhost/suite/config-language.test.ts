import assert from "node:assert/strict";
import * as vscode from "vscode";
import { languageId } from "../../../protocol/commands.ts";
import { diagnosticsWhere, replaceText, showFile } from "./editor.ts";

const missingSource = `models:
  tiny:
    source: models/absent.gguf
    context: 512
`;

describe("inferno.yaml in the editor", () => {
  it("marks a source that does not exist, at its exact range, and unmarks it when it is gone", async () => {
    const document = await showFile("missing.inferno.yaml", missingSource);
    const [problem] = await diagnosticsWhere(document, (found) => found.length === 1);
    assert.ok(problem);
    assert.equal(problem.severity, vscode.DiagnosticSeverity.Error);
    assert.equal(document.getText(problem.range), "models/absent.gguf");
    assert.match(problem.message, /absent\.gguf/);
    await replaceText(document, "models: {}\n");
    await diagnosticsWhere(document, (found) => found.length === 0);
  });

  it("says why a file is no model", async () => {
    await showFile("not-a-model.gguf", "this is text");
    const document = await showFile("corrupt.inferno.yaml", missingSource.replace("models/absent.gguf", "not-a-model.gguf"));
    const [problem] = await diagnosticsWhere(document, (found) => found.length > 0);
    assert.ok(problem);
    assert.match(problem.message, /GGUF/);
  });

  it("marks what the schema forbids", async () => {
    const document = await showFile("schema.inferno.yaml", "models:\n  tiny:\n    source: hf:owner/repository\n    context: many\n");
    const [problem] = await diagnosticsWhere(document, (found) => found.length > 0);
    assert.ok(problem);
    assert.equal(document.getText(problem.range), "many");
  });

  it("completes the keys of a model", async () => {
    const document = await showFile("completion.inferno.yaml", "models:\n  tiny:\n    \n");
    const list = await vscode.commands.executeCommand<vscode.CompletionList>(
      "vscode.executeCompletionItemProvider", document.uri, new vscode.Position(2, 4),
    );
    const labels = new Set(list.items.map(({ label }) => (typeof label === "string" ? label : label.label)));
    for (const key of ["source", "context", "task"]) assert.ok(labels.has(key), `no completion for ${key} among ${[...labels].join(", ")}`);
  });

  it("explains a key under the mouse", async () => {
    const document = await showFile("hover.inferno.yaml", missingSource);
    const hovers = await vscode.commands.executeCommand<vscode.Hover[]>("vscode.executeHoverProvider", document.uri, new vscode.Position(3, 6));
    const parts = hovers.flatMap(({ contents }) => contents);
    assert.match(parts.map((part) => (part instanceof vscode.MarkdownString ? part.value : "")).join("\n"), /Context length per request/);
  });
});

describe("inferno.model.yaml in the editor", () => {
  it("is of the same language, and marks a key that its task does not have", async () => {
    const document = await showFile("inferno.model.yaml", "task: embedding\npoolin: mean\n");
    assert.equal(document.languageId, languageId);
    const [problem] = await diagnosticsWhere(document, (found) => found.length > 0);
    assert.ok(problem);
    assert.equal(document.getText(problem.range), "poolin");
    assert.match(problem.message, /Did you mean "pooling"\?/);
  });
});
