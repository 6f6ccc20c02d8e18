import assert from "node:assert/strict";
import { suite, test } from "node:test";
import { ServerFixture } from "./fixture.ts";
import { ggufBytes } from "./gguf-bytes.ts";
import { onnxBytes } from "./onnx-bytes.ts";

const model = (source: string) => `models:\n  tiny:\n    source: ${source}\n`;

suite("source check", () => {
  test("a valid file is no problem, however its path is written", async () => {
    const fixture = new ServerFixture();
    fixture.world.write("/work space/models/x.gguf", ggufBytes());
    for (const path of ["models/x.gguf", "./models/x.gguf", "'models/x.gguf'", "../work space/models/x.gguf", "/work space/models/x.gguf", "|\n      models/x.gguf".replace("|", ">-")]) {
      assert.deepEqual(await fixture.report(model(path)), [], path);
    }
  });

  test("a folder", async () => {
    const fixture = new ServerFixture();
    fixture.world.write("/work space/models/x.gguf", ggufBytes());
    assert.deepEqual(await fixture.report(model("models")), [
      '2:12-18 "models" model_file_missing The source of model `tiny` is a folder without an `inferno.model.yaml`: /work space/models. `inferno models add FOLDER` writes one for an ONNX model; of a GGUF model name the file.',
    ]);
  });

  test("an ONNX model: its file, its manifest or its folder", async () => {
    const fixture = new ServerFixture();
    fixture.world.write("/work space/models/x.onnx", onnxBytes());
    fixture.world.write("/work space/models/inferno.model.yaml", "task: raw\n");
    for (const path of ["models/x.onnx", "models", "models/inferno.model.yaml"]) assert.deepEqual(await fixture.report(model(path)), [], path);
    fixture.world.write("/work space/models/x.onnx", "GGUF");
    assert.deepEqual(await fixture.report(model("models/x.onnx")), [
      '2:12-25 "models/x.onnx" model_file_invalid The file of model `tiny` is not a valid ONNX file: byte 0 begins no field of a model. Download the file again and compare its size and checksum.',
    ]);
  });

  test("an ONNX file of a repository, which the daemon does not download", async () => {
    assert.deepEqual(await new ServerFixture().report(model("hf:owner/repo/onnx/model.onnx")), [
      '2:12-41 "hf:owner/repo/onnx/model.onnx" model_download_failed hf:owner/repo/onnx/model.onnx is an ONNX file, and only GGUF files are downloaded: an ONNX model also needs the files around it. '
        + "Copy the repository's files into a folder, run `inferno models add FOLDER`, and name that folder as `source`.",
    ]);
  });

  test("a truncated file says how much is missing", async () => {
    const fixture = new ServerFixture();
    const whole = ggufBytes();
    fixture.world.write("/work space/x.gguf", whole.slice(0, whole.length - 1));
    assert.deepEqual(await fixture.report(model("x.gguf")), [
      `2:12-18 "x.gguf" model_file_invalid The file of model \`tiny\` is not a valid GGUF: it is truncated: its tensor "token_embd.weight" ends at byte ${whole.length}, `
        + `but the file has ${whole.length - 1} bytes. Download the file again and compare its size and checksum.`,
    ]);
  });

  test("a file that may not be read", async () => {
    const fixture = new ServerFixture();
    fixture.world.write("/work space/x.gguf", ggufBytes());
    fixture.world.unreadable.add("/work space/x.gguf");
    assert.match((await fixture.report(model("x.gguf")))[0]!, /model_file_missing The file of model `tiny` cannot be read \(EACCES: permission denied\)/);
  });

  test("a remote source and an unsaved document are not looked up", async () => {
    const fixture = new ServerFixture();
    assert.deepEqual(await fixture.report(model("hf:owner/repo")), []);
    assert.deepEqual(await fixture.report(model("x.gguf"), "untitled:Untitled-1"), []);
  });

  test("through an alias, the problem stands where the alias is used", async () => {
    const report = await new ServerFixture().report("models:\n  a: &m\n    source: &s no.gguf\n  b: *m\n  c:\n    source: *s\n");
    assert.deepEqual(report.map((line) => line.split(" ").slice(0, 3).join(" ")), ['2:12-22 "&s no.gguf"'.replace("12-22", "15-22").replace("&s ", "") + " model_file_missing", '2:15-22 "no.gguf" model_file_missing', '5:12-14 "*s" model_file_missing']);
  });

  test("a file is read once, and again when it has changed", async () => {
    const fixture = new ServerFixture();
    fixture.world.write("/work space/x.gguf", "PK no model at all");
    assert.equal((await fixture.report(model("x.gguf"))).length, 1);
    const once = fixture.world.bytesRead;
    assert.equal((await fixture.report(model("x.gguf"))).length, 1);
    assert.equal(fixture.world.bytesRead, once);
    fixture.world.write("/work space/x.gguf", ggufBytes());
    assert.deepEqual(await fixture.report(model("x.gguf")), []);
  });

  test("only the header is read, however large the file is", async () => {
    const fixture = new ServerFixture();
    fixture.world.write("/work space/x.gguf", ggufBytes({ dataBytes: 4_000_000 }));
    assert.deepEqual(await fixture.report(model("x.gguf")), []);
    assert.ok(fixture.world.bytesRead < 300_000, `${fixture.world.bytesRead} bytes`);
  });
});
