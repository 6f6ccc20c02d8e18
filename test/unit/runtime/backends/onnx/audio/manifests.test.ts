import assert from "node:assert/strict";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { openModelFolder } from "../../../../../../runtime/backends/onnx/manifest.ts";

const fixtures = { voice: "vad", "wake-word": "wake-word", transcription: "transcription", speech: "speech" } as const;

for (const [name, task] of Object.entries(fixtures)) {
  test(`the manifest for ${task} is read`, () => {
    const path = fileURLToPath(new URL(`../../../../../fixtures/manifests/${name}.model.yaml`, import.meta.url));
    assert.equal(openModelFolder(path).manifest.task, task);
  });
}
