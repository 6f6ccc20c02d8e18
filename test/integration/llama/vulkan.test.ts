import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, suite, test } from "node:test";
import type { LoadOptions } from "../../../runtime/backends/backend.ts";
import { homeFolder } from "../../../runtime/home/folder.ts";
import { walkChain } from "../../../runtime/gpu/chain.ts";
import { probeInChild } from "../../../runtime/gpu/probe.ts";
import { thisMachinesGpus } from "../../../runtime/gpu/this-machine.ts";
import type { Answers } from "./vulkan-child.ts";

// Runs where the Vulkan library is installed (`inferno gpu install vulkan`) in the state folder that INFERNO_GPU_HOME names, or in the usual
// one, and a driver is there. Mesa's llvmpipe will do: llama.cpp passes over drivers that compute on the processor unless it is told to
// take one. Shows that what we hand to llama.cpp is right on a device with memory of its own; says nothing about speed.
process.env["GGML_VK_VISIBLE_DEVICES"] ??= "0";
const gpuHome = process.env["INFERNO_GPU_HOME"] ?? homeFolder({});
const gpus = { ...thisMachinesGpus(gpuHome, import.meta.dirname), probe: probeInChild };
const [step] = await walkChain(["vulkan"], gpus);
const skip = step?.taken === true ? false : `no Vulkan device: ${step?.reason ?? "not asked"}`;

const noHome = mkdtempSync(join(tmpdir(), "inferno-vulkan-"));
after(() => rmSync(noHome, { recursive: true, force: true }));

const questions = ["What is 17 + 25?", "What is the capital of France?", "Reverse the word: lamp", "Count from 3 to 9."];

function answersOn(home: string, options: Partial<LoadOptions>, asked = questions): Answers {
  const args = [join(import.meta.dirname, "vulkan-child.ts"), home, JSON.stringify(options), JSON.stringify(asked)];
  const child = spawnSync(process.execPath, args, { encoding: "utf8", maxBuffer: 1 << 24 });
  assert.equal(child.status, 0, `it ended with ${String(child.signal ?? child.status)}: ${child.stderr.slice(-2000)}`);
  return JSON.parse(child.stdout.split("\n").at(-1) ?? "") as Answers;
}

suite("layers on a Vulkan device", () => {
  const cpu = skip === false ? answersOn(noHome, { gpu: "cpu", gpuLayers: 0 }) : undefined;

  test("all of them: Ember's answers are the processor's", { skip }, () => {
    const gpu = answersOn(gpuHome, { gpu: "auto", gpuLayers: "auto" });
    assert.equal(gpu.device.kind, "vulkan");
    assert.equal(gpu.device.layers, 5, "four blocks and the output layer");
    assert.deepEqual(gpu.tokens, cpu?.tokens);
  });

  test("some of them, and one question alone", { skip }, () => {
    const gpu = answersOn(gpuHome, { gpu: "vulkan", gpuLayers: 2 }, questions.slice(0, 1));
    assert.equal(gpu.device.layers, 2);
    assert.deepEqual(gpu.tokens[0], cpu?.tokens[0]);
  });

  test("none of them: the processor's library computes, whatever else is installed", { skip }, () => {
    const none = answersOn(gpuHome, { gpu: "auto", gpuLayers: 0 });
    assert.equal(none.device.kind, "cpu");
    assert.deepEqual(none.tokens, cpu?.tokens);
  });
});
