import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, suite, test } from "node:test";
import type { Backend } from "../../../runtime/backends/backend.ts";
import { writeTinyMamba } from "../../drivers/models/tiny-mamba.ts";
import { creative, emberPath, generate, greedy, ids, loadEmber, prefill } from "./ember.ts";

suite("a recurrent model", () => {
  const folder = mkdtempSync(join(tmpdir(), "inferno-recurrent-"));
  let backend: Backend;
  before(async () => {
    const path = join(folder, "tiny-mamba.gguf");
    writeTinyMamba(path, emberPath);
    backend = await loadEmber({ path, parallel: 3, candidates: 4, draftTokens: 8 });
  });
  after(() => {
    backend.dispose();
    rmSync(folder, { recursive: true, force: true });
  });

  const prompts = ["one fox", "a crow and a cat", "seventeen"].map((text) => () => backend.tokenize(text, { addSpecial: false, parseSpecial: false }));
  const answer = (index: number, sequence = 0, params = greedy) => ids(generate(backend, [{ sequence, prompt: prompts[index]!(), params }], 12)[0]!);

  test("says that its state cannot be cut", () => {
    const { truncates, layout, sequences, candidates } = backend.capacity;
    assert.deepEqual({ truncates, layout, sequences, candidates }, { truncates: false, layout: "per_sequence", sequences: 3, candidates: 1 });
    prefill(backend, 0, prompts[1]!());
    assert.throws(() => backend.memory.truncate(0, 2), { code: "decode_failed", message: /cannot cut sequence 0 at token 2/ });
    assert.equal(backend.memory.shift(0, 1, 1), false);
    backend.memory.truncate(0, 0);
  });

  test("answers on any sequence as on the first, again, and beside others", () => {
    const alone = [0, 1, 2].map((index) => answer(index, 0, creative));
    assert.deepEqual([0, 1, 2].map((index) => answer(index, index, creative)), alone);
    const together = generate(backend, prompts.map((prompt, sequence) => ({ sequence, prompt: prompt(), params: creative })), 12);
    // The model is of f32: other rows beside it change the last bits, and with them what is drawn later on.
    assert.deepEqual(together.map((each) => ids(each).slice(0, 2)), alone.map((each) => each.slice(0, 2)));
  });

  test("is saved and restored as a whole", () => {
    const prompt = prompts[1]!();
    const plain = answer(1);
    prefill(backend, 1, prompt.slice(0, -1));
    const state = backend.memory.save(1);
    backend.memory.truncate(1, 0);
    backend.memory.restore(2, state);
    assert.deepEqual(ids(generate(backend, [{ sequence: 2, prompt, params: greedy, held: prompt.length - 1 }], 12)[0]!), plain);
  });
});
