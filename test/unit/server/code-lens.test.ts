import assert from "node:assert/strict";
import { suite, test } from "node:test";
import { TextDocument } from "vscode-languageserver-textdocument";
import { codeLenses } from "../../../server/features/code-lens.ts";
import { manifestUri, uri } from "./fixture.ts";

const lensesOf = (text: string, documentUri = uri): unknown[] =>
  codeLenses(TextDocument.create(documentUri, "inferno", 1, text)).map(({ range, command }): unknown[] => [range.start.line, command?.command, command?.arguments?.[0]]);

suite("code lenses", () => {
  test("each model has those of its name, in its line", () => {
    assert.deepEqual(lensesOf("server:\n  port: 0\nmodels:\n  a: &a\n    source: x.gguf\n  b c: *a\n"), [
      [3, "inferno.newChat", "a"], [3, "inferno.profileOperations", "a"],
      [5, "inferno.newChat", "b c"], [5, "inferno.profileOperations", "b c"],
    ]);
  });

  test("there are none where nothing is a model: no `models`, broken text, a manifest", () => {
    for (const text of ["", "models:\n", "models: [a, b]\n", "models:\n  a: [\n", "server:\n  port: 1\n", "models:\n  1: {}\n"]) assert.deepEqual(lensesOf(text), [], text);
    assert.deepEqual(lensesOf("models:\n  a: {}\n", manifestUri), []);
  });
});
