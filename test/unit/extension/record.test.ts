import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { homedir, tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { suite, test } from "node:test";
import { parseReady } from "../../../extension/daemon/launch.ts";
import { homeFolder, readRecord } from "../../../extension/daemon/record.ts";

suite("where the daemon is", () => {
  test("the state folder: setting, environment, home", () => {
    const env = { INFERNO_HOME: resolve("/env") };
    assert.equal(homeFolder(resolve("/set"), env), resolve("/set"));
    assert.equal(homeFolder(" ", env), resolve("/env"));
    assert.equal(homeFolder("", {}), join(homedir(), ".inferno"));
    assert.equal(homeFolder("~/x", {}), join(homedir(), "x"));
    assert.equal(homeFolder("x", {}), join(homedir(), "x"));
  });

  test("daemon.json, and everything that it should not be", async (context) => {
    const home = mkdtempSync(join(tmpdir(), "inferno-record-"));
    context.after(() => rmSync(home, { recursive: true, force: true }));
    assert.equal(await readRecord(home), null);
    const record = { url: "http://127.0.0.1:1", token: "t", pid: 5 };
    const cases: [text: string, expected: unknown][] = [
      [JSON.stringify({ ...record, version: "1" }), record],
      ["", null],
      ["{", null],
      ["null", null],
      [JSON.stringify({ ...record, pid: 0 }), null],
      [JSON.stringify({ ...record, url: "file:///etc/passwd" }), null],
      [JSON.stringify({ ...record, token: "" }), null],
    ];
    for (const [text, expected] of cases) {
      writeFileSync(join(home, "daemon.json"), text);
      assert.deepEqual(await readRecord(home), expected, text);
    }
  });

  test("the daemon's first line: an address, its own error, or neither", () => {
    assert.deepEqual(parseReady('{"url":"http://127.0.0.1:1","token":"t","pid":5}'), { url: "http://127.0.0.1:1", token: "t", pid: 5 });
    const error = { code: "home_unwritable", message: "No.", type: "server_error", param: null, hint: "Do." };
    assert.throws(() => parseReady(JSON.stringify({ error })), { code: "home_unwritable", message: "No.", hint: "Do." });
    assert.throws(() => parseReady("Segmentation fault"), { code: "bad_response" });
    assert.throws(() => parseReady("[]"), { code: "bad_response" });
  });
});
