import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { suite, test } from "node:test";
import { pathToFileURL } from "node:url";
import fc from "fast-check";
import { TextDocument } from "vscode-languageserver-textdocument";
import { InfernoError } from "../../../protocol/errors.ts";
import { manifestName } from "../../../protocol/manifest.ts";
import { openModelFolder } from "../../../runtime/backends/onnx/manifest.ts";
import { ManifestChecker } from "../../../server/features/manifest-diagnostics.ts";
import { GraphFiles } from "../../../server/features/onnx/graph-files.ts";
import { parse } from "../../../server/features/parse.ts";
import { diskWorld } from "../../../server/world.ts";
import { manifestUri, ServerFixture } from "./fixture.ts";
import { onnxBytes } from "./onnx-bytes.ts";

const folder = "/work space/models/tiny";

/** A fixture with the files that a model of texts needs. */
function withFiles(...names: readonly string[]): ServerFixture {
  const fixture = new ServerFixture();
  fixture.world.write(`${folder}/model.onnx`, onnxBytes({ inputs: ["input_ids", "attention_mask"], outputs: ["logits"] }));
  for (const name of ["tokenizer.json", ...names]) fixture.world.write(`${folder}/${name}`, "{}");
  return fixture;
}

const report = async (text: string, fixture = withFiles()): Promise<string[]> => await fixture.report(text, manifestUri);

/** Text → what is reported, as `line:from-to "text" code message`. */
const cases: readonly [name: string, text: string, report: readonly string[]][] = [
  ["a manifest that is right", "task: embedding\npooling: mean\n", []],
  ["no task", "pooling: mean\n", ['0:0-13 "pooling: mean" manifest_invalid task: is missing; it is one of embedding, rerank, text-classification, token-classification, image-classification, object-detection, ocr, vad, wake-word, transcription, speech, raw.']],
  ["a task with a slip", "task: embeding\n", ['0:6-14 "embeding" manifest_invalid task: "embeding" is none that a manifest can have; it is one of embedding, rerank, text-classification, token-classification, image-classification, object-detection, ocr, vad, wake-word, transcription, speech, raw. Did you mean "embedding"?']],
  ["an unknown key, nearly right", "task: embedding\npoolin: mean\n", ['1:0-6 "poolin" manifest_invalid poolin: no such key. Did you mean "pooling"?']],
  ["an unknown key further in", "task: embedding\ntensors: {idz: a}\n", ['1:10-13 "idz" manifest_invalid tensors.idz: no such key. Did you mean "ids"?']],
  ["a value that is not in the list", "task: embedding\npooling: max\n", ['1:9-12 "max" manifest_invalid pooling: Invalid option: expected one of "mean"|"cls"|"last"|"none"']],
  ["a missing part is shown where it would be", "task: image-classification\nlabels: [a]\n", ['0:0-26 "task: image-classification" manifest_invalid image: Invalid input: expected object, received undefined']],
  ["an entry of a list", "task: wake-word\nwords: [a, 7]\nwindow: 10\nhop: 5\n", ['1:11-12 "7" manifest_invalid words.1: Invalid input: expected string, received number']],
  ["through an alias, the place where it is used", "task: embedding\nmax_tokens: &m many\nnormalize: *m\n", [
    '1:15-19 "many" manifest_invalid max_tokens: Invalid input: expected number, received string',
    '2:11-13 "*m" manifest_invalid normalize: Invalid input: expected boolean, received string',
  ]],
  ["a file that is not there", "task: text-classification\nlabels: nowhere.txt\n", [`1:8-19 "nowhere.txt" manifest_invalid ${folder}/nowhere.txt does not exist. Paths in a manifest are relative to it.`]],
  ["a tensor that the graph does not have", "task: embedding\ntensors:\n  ids: tokens\n", [
    '2:7-13 "tokens" manifest_invalid tensors.ids: the graph has no input "tokens"; it has input_ids, attention_mask.',
    '1:0-7 "tensors" manifest_invalid tensors: nothing is given to the graph\'s input input_ids.',
  ]],
  ["an output that the graph does not have", "task: embedding\noutput: pooled\n", ['1:8-14 "pooled" manifest_invalid output: the graph has no output "pooled"; it has logits.']],
  ["broken YAML", "task: [\n", ['1:0-0 "" yaml_syntax Flow sequence in block collection must be sufficiently indented and end with a ].']],
];

suite("inferno.model.yaml", () => {
  for (const [name, text, expected] of cases) {
    test(name, async () => {
      const found = await report(text);
      if (name === "broken YAML") assert.match(found[0] ?? "", / yaml_syntax /);
      else assert.deepEqual(found, expected);
    });
  }

  test("a tokenizer that is missing by default is shown in the first line", async () => {
    const fixture = withFiles();
    fixture.world.files.delete(`${folder}/tokenizer.json`);
    assert.deepEqual(await report("# MiniLM\ntask: embedding\n", fixture), [`1:0-15 "task: embedding" manifest_invalid ${folder}/tokenizer.json does not exist. Paths in a manifest are relative to it.`]);
  });

  test("a file that is no ONNX model says why", async () => {
    const fixture = withFiles();
    fixture.world.write(`${folder}/model.onnx`, "PK this is text");
    assert.match((await report("task: raw\nmodel: model.onnx\n", fixture))[0]!, /^1:7-17 "model\.onnx" manifest_invalid .*model\.onnx is not a valid ONNX file: /);
  });

  test("a graph is read once, and again when it has changed", async () => {
    const fixture = withFiles();
    const text = "task: embedding\noutput: pooled\n";
    assert.equal((await report(text, fixture)).length, 1);
    const once = fixture.world.bytesRead;
    assert.equal((await report(text, fixture)).length, 1);
    assert.equal(fixture.world.bytesRead, once);
    fixture.world.write(`${folder}/model.onnx`, onnxBytes({ inputs: ["input_ids", "attention_mask"], outputs: ["pooled"] }));
    assert.deepEqual(await report(text, fixture), []);
  });

  test("a new document that is no file yet has no paths", async () => {
    assert.deepEqual(await withFiles().report("task: embedding\n", "untitled:new.model.yaml"), []);
  });

  test("no text makes the check throw, and every range lies within the text", async () => {
    const fixture = withFiles();
    const piece = fc.constantFrom("task: ", "embedding", "ocr", "vad", "raw", "\n", "  ", "model", "labels", "tensors", "voices", ": ", "[", "]", "{", "}", "*a", "&a ", "- ", "1", "null", "😀");
    await fc.assert(fc.asyncProperty(fc.array(piece, { maxLength: 25 }), async (pieces) => {
      const text = pieces.join("");
      const document = fixture.document(text, manifestUri);
      for (const { range } of await fixture.diagnose(text, manifestUri)) {
        assert.ok(document.offsetAt(range.start) <= document.offsetAt(range.end));
        assert.deepEqual(document.positionAt(document.offsetAt(range.end)), range.end);
      }
    }), { numRuns: 300 });
  });
});

test("editor and daemon refuse a manifest with the same code, in the same words, at the same place", async (t) => {
  const home = mkdtempSync(join(tmpdir(), "inferno-lsp-"));
  t.after(() => rmSync(home, { recursive: true, force: true }));
  const path = join(home, manifestName);
  const checker = new ManifestChecker(diskWorld, new GraphFiles(diskWorld));
  const texts = [
    "task: embeding\n", "task: embedding\npoolin: mean\n", "task: embedding\ntensors:\n  idz: a\n", "task: raw\npooling: mean\n", "task: embedding\nmax_tokens: many\nnormalize: 3\n",
    "task: ocr\ndetect: {model: 4}\nrecognise: {model: a.onnx, characters: ''}\n", "task: vad\nthreshold: 1.5\n",
  ];
  for (const text of texts) {
    writeFileSync(path, text);
    const document = TextDocument.create(pathToFileURL(path).href, "inferno", 1, text);
    const found = await checker.diagnostics(document, parse(document).yaml!, { isCancellationRequested: false });
    const shown = found.map(({ code, message, range: { start } }) => `${String(code)} ${path}:${start.line + 1}:${start.character + 1}: ${typeof message === "string" ? message : message.value}`);
    assert.throws(() => openModelFolder(path), (error) => {
      assert.ok(error instanceof InfernoError);
      assert.deepEqual(shown, error.message.split("\n").map((line) => `${error.code} ${line}`));
      return true;
    });
  }
});
