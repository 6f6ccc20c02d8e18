import assert from "node:assert/strict";
import { copyFileSync, mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { test } from "node:test";
import { writeStateFile } from "../../../../runtime/host/state-files.ts";
import { StateFolder } from "../../../../runtime/host/state-folder.ts";

test("lists what is saved under the model's own name, and passes over folders that are not its own", () => {
  const root = mkdtempSync(join(tmpdir(), "inferno-state-folder-"));
  try {
    const states = new StateFolder(root);
    const path = states.pathOf("hub/model:q8", "talk");
    mkdirSync(dirname(path), { recursive: true });
    writeStateFile(path, { tokens: Int32Array.of(1, 2), state: Uint8Array.of(3), namespace: "" }, "model", new Date(0).toISOString());
    mkdirSync(join(root, "%zz"));
    copyFileSync(path, join(root, "%zz", "talk.state"));
    assert.deepEqual(states.list().map(({ model, name, tokens }) => ({ model, name, tokens })), [{ model: "hub/model:q8", name: "talk", tokens: 2 }]);
  } finally {
    rmSync(root, { recursive: true, force: true });
  }
});
