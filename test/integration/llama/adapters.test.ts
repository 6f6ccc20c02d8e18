import assert from "node:assert/strict";
import { copyFileSync, mkdtempSync, rmSync, statSync, truncateSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { after, suite, test } from "node:test";
import { writeRandomLora } from "../../drivers/models/random-lora.ts";
import { chat, emberPath, generate, greedy, ids, loadEmber } from "./ember.ts";

const folder = mkdtempSync(join(tmpdir(), "inferno-adapters-"));
after(() => rmSync(folder, { recursive: true, force: true }));
const loraOf = (name: string, base: string, seed: number): string => {
  const path = join(folder, `${name}.gguf`);
  writeRandomLora(path, base, seed);
  return path;
};

suite("LoRA adapters", () => {
  const one = loraOf("one", emberPath, 1);
  const two = loraOf("two", emberPath, 2);

  test("change the answer of the steps that name them, and of no other", async () => {
    const backend = await loadEmber({ adapters: [{ path: one, scale: 1 }] });
    const answer = (adapters?: readonly { adapter: number; scale: number }[]) =>
      ids(generate(backend, [{ sequence: 0, prompt: chat(backend, "What is 17 + 25?"), params: greedy, ...(adapters && { adapters }) }], 12)[0]!);
    const plain = answer();
    const first = answer([{ adapter: 0, scale: 1 }]);
    backend.loadAdapter!(two);
    const second = answer([{ adapter: 1, scale: 1 }]);
    const both = answer([{ adapter: 0, scale: 1 }, { adapter: 1, scale: 1 }]);
    assert.equal(new Set([plain, first, second, both].map(String)).size, 4);
    assert.deepEqual(answer([{ adapter: 0, scale: 0 }]), plain);
    assert.deepEqual(answer([]), plain);
    assert.deepEqual(answer([{ adapter: 0, scale: 1 }]), first);
    backend.dispose();
  });

  test("are freed, the active one too, and others loaded afterwards answer as they would alone", async () => {
    const backend = await loadEmber({ adapters: [{ path: one, scale: 1 }] });
    const answer = (adapters: readonly { adapter: number; scale: number }[]) =>
      ids(generate(backend, [{ sequence: 0, prompt: chat(backend, "What is 17 + 25?"), params: greedy, adapters }], 12)[0]!);
    const plain = answer([]);
    const first = answer([{ adapter: 0, scale: 1 }]);
    for (let index = 0; index < 4; index += 1) {
      backend.freeAdapter!(index);
      backend.loadAdapter!(index % 2 === 0 ? two : one);
      const next = answer([{ adapter: index + 1, scale: 1 }]);
      assert.equal(String(next) === String(first), index % 2 === 1);
    }
    assert.throws(() => answer([{ adapter: 0, scale: 1 }]), /adapter 0 is not loaded/);
    assert.deepEqual(answer([]), plain);
    backend.dispose();
  });

  const refused: readonly [what: string, path: () => string][] = [
    ["a file that is not there", () => join(folder, "none.gguf")],
    ["a model", () => emberPath],
    ["an adapter of another base model", () => loraOf("other", join(dirname(emberPath), "ember-draft-q8_0.gguf"), 3)],
    ["half a file", () => {
      const path = join(folder, "half.gguf");
      copyFileSync(one, path);
      truncateSync(path, Math.floor(statSync(path).size / 2));
      return path;
    }],
  ];
  for (const [what, path] of refused) {
    test(`${what} is refused, with its name`, async () => {
      const file = path();
      await assert.rejects(loadEmber({ adapters: [{ path: file, scale: 1 }] }), (error: Error & { code?: string; param?: string }) =>
        error.code === "model_load_failed" && error.param === "lora" && error.message.includes(file));
    });
  }
});
