import assert from "node:assert/strict";
import { suite, test } from "node:test";
import { TextDocument } from "vscode-languageserver-textdocument";
import { modelTasks } from "../../../protocol/model.ts";
import { complete } from "../../../server/features/completion.ts";
import { Manifest } from "../../../protocol/manifest.ts";
import { manifestUri, ServerFixture } from "./fixture.ts";

const labels = async (fixture: ServerFixture, text: string, uri?: string) => {
  const { document, position } = fixture.atCursor(text, uri);
  return (await complete(fixture, document, position)).map(({ label }) => label);
};

/** The text after accepting the completion with this label. */
async function accept(fixture: ServerFixture, text: string, label: string): Promise<string> {
  const { document, position } = fixture.atCursor(text);
  const item = (await complete(fixture, document, position)).find((one) => one.label === label);
  assert.ok(item?.textEdit !== undefined && "range" in item.textEdit, `no completion ${label}`);
  return TextDocument.applyEdits(document, [item.textEdit]);
}

suite("completion", () => {
  test("the keys of an empty file", async () => {
    assert.deepEqual(await labels(new ServerFixture(), "|"), ["models", "server", "traces"]);
  });

  test("the keys of a model, without those that are there, also while the line is incomplete", async () => {
    const found = await labels(new ServerFixture(), "models:\n  a:\n    source: hf:a/b\n    c|\n");
    assert.ok(found.includes("context"));
    assert.ok(found.includes("gpu_layers"));
    assert.ok(!found.includes("source"));
    assert.ok(!found.includes("Model"));
  });

  test("the values of an enumeration", async () => {
    assert.deepEqual(await labels(new ServerFixture(), "models:\n  a:\n    task: |"), [...modelTasks]);
  });

  test("a key is inserted whole", async () => {
    assert.equal(await accept(new ServerFixture(), "models:\n  a:\n    sour|", "source"), "models:\n  a:\n    source: ");
  });

  test("model files and folders behind source", async () => {
    const fixture = new ServerFixture();
    for (const path of ["models/big/y.gguf", "models/x.GGUF", "models/readme.md", "z.gguf", "m.onnx", ".cache/w.gguf"]) fixture.world.write(`/work space/${path}`, "");
    assert.deepEqual(await labels(fixture, "models:\n  a:\n    source: |"), ["models/", "z.gguf", "m.onnx"]);
    assert.deepEqual(await labels(fixture, "models:\n  a:\n    source: models/|"), ["big/", "x.GGUF"]);
    assert.equal(await accept(fixture, "models:\n  a:\n    source: ./models/x.|", "x.GGUF"), "models:\n  a:\n    source: ./models/x.GGUF");
    assert.equal(await accept(fixture, "models: { a: { source: \"mo|\" } }", "models/"), "models: { a: { source: \"models/\" } }");
    assert.deepEqual(await labels(fixture, "models:\n  a:\n    source: nowhere/|"), []);
    assert.deepEqual(await labels(fixture, "models:\n  a:\n    source: hf:own|"), []);
  });

  test("nothing inside a document that cannot be walked", async () => {
    assert.deepEqual(await labels(new ServerFixture(), "models: &a\n  a: *a\n|"), []);
  });

  suite("of inferno.model.yaml", () => {
    const tasks = Manifest.options.map(({ shape }) => shape.task.value);

    test("first the task, then the keys of that task and their values", async () => {
      const fixture = new ServerFixture();
      assert.deepEqual(await labels(fixture, "|", manifestUri), ["task"]);
      assert.deepEqual(await labels(fixture, "task: |", manifestUri), tasks);
      assert.deepEqual(await labels(fixture, "task: vad\n|", manifestUri).then((found) => found.toSorted()), ["context", "min_silence_ms", "min_speech_ms", "model", "pad_ms", "sample_rate", "tensors", "threshold", "window"]);
      assert.deepEqual(await labels(fixture, "task: embedding\npooling: |", manifestUri), ["mean", "cls", "last", "none"]);
      assert.ok((await labels(fixture, "task: embedding\ntensors:\n  |", manifestUri)).includes("mask"));
    });

    test("another task may be chosen", async () => {
      assert.deepEqual(await labels(new ServerFixture(), "task: |vad\n", manifestUri), tasks);
    });

    test("files behind the keys that name them", async () => {
      const fixture = new ServerFixture();
      for (const name of ["a.onnx", "a.onnx_data", "tokenizer.json", "labels.txt", "onnx/b.onnx"]) fixture.world.write(`/work space/models/tiny/${name}`, "");
      assert.deepEqual(await labels(fixture, "task: raw\nmodel: |", manifestUri), ["a.onnx", "onnx/"]);
      assert.deepEqual(await labels(fixture, "task: raw\nmodel: onnx/|", manifestUri), ["b.onnx"]);
      assert.deepEqual(await labels(fixture, "task: embedding\ntokenizer: |", manifestUri), ["tokenizer.json", "onnx/"]);
      assert.deepEqual(await labels(fixture, "task: text-classification\nlabels: |", manifestUri), ["tokenizer.json", "labels.txt", "onnx/"]);
    });
  });
});
