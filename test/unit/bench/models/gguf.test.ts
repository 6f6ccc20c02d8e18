import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, describe, test } from "node:test";
import { byteSize, readGguf, writeGguf, type Gguf, type Tensor } from "../../../../bench/models/gguf.ts";
import { heavyEmber } from "../../../../bench/models/heavy-ember.ts";
import { randomModel } from "../../../../bench/models/random-model.ts";

const folder = mkdtempSync(join(tmpdir(), "inferno-gguf-"));
after(() => rmSync(folder, { recursive: true }));
const ember = join(import.meta.dirname, "../../../../runtime/models/ember/ember-q8_0.gguf");

const find = ({ tensors }: Gguf, name: string): Tensor => {
  const found = tensors.find((tensor) => tensor.name === name);
  assert.ok(found !== undefined, name);
  return found;
};

test("a file that is read and written again has the same bytes in every tensor and value", () => {
  const copy = join(folder, "copy.gguf");
  const first = readGguf(ember);
  writeGguf(copy, first);
  const second = readGguf(copy);
  assert.deepEqual(second.metadata, first.metadata);
  assert.deepEqual(second.tensors.map(({ name, shape, type }) => ({ name, shape, type })), first.tensors.map(({ name, shape, type }) => ({ name, shape, type })));
  for (const tensor of first.tensors) assert.deepEqual(find(second, tensor.name).bytes(), tensor.bytes(), tensor.name);
});

test("a tensor of another length than its shape says is refused", () => {
  const short: Tensor = { name: "short", type: "f32", shape: [8], bytes: () => new Uint8Array(31) };
  assert.throws(() => writeGguf(join(folder, "short.gguf"), { metadata: new Map(), tensors: [short] }), /short: 31 bytes, 32 expected/);
});

test("a random model is the same every time, and gives the logit zero to all that is no word", () => {
  const shape = { name: "tiny", width: 64, layers: 2, heads: 4, kvHeads: 2, hidden: 128, vocabulary: 1024, context: 256 };
  const [one, other] = [join(folder, "one.gguf"), join(folder, "other.gguf")];
  writeGguf(one, randomModel(shape));
  writeGguf(other, randomModel(shape));
  assert.deepEqual(readFileSync(one), readFileSync(other));
  const rows = find(readGguf(one), "token_embd.weight").bytes();
  const row = byteSize("q8_0", [64]);
  // 256 bytes, one control token, a hundred syllables with a space before them and a hundred without.
  assert.ok(rows.subarray(0, 457 * row).every((byte) => byte === 0));
  assert.ok(rows.subarray(457 * row).some((byte) => byte !== 0));
});

describe("a heavy Ember", () => {
  const light = readGguf(ember);
  const heavy = heavyEmber(light, { layers: 6, hidden: 1024 });

  test("has the blocks that were asked for, and Ember's own weights in the first four", () => {
    assert.deepEqual(heavy.metadata.get("qwen3.block_count"), { type: "u32", value: 6 });
    assert.deepEqual(find(heavy, "blk.3.attn_q.weight").bytes(), find(light, "blk.3.attn_q.weight").bytes());
    const [gate, own] = [find(heavy, "blk.3.ffn_gate.weight"), find(light, "blk.3.ffn_gate.weight").bytes()];
    assert.deepEqual(gate.shape, [256, 1024]);
    assert.deepEqual(Buffer.from(gate.bytes().subarray(0, own.length)), Buffer.from(own));
  });

  test("adds nothing to the residual stream: the outputs of appended blocks are zero, and so are the added columns", () => {
    for (const name of ["blk.4.attn_output.weight", "blk.5.ffn_down.weight"]) assert.ok(find(heavy, name).bytes().every((byte) => byte === 0), name);
    const [wide, narrow] = [find(heavy, "blk.0.ffn_down.weight").bytes(), find(light, "blk.0.ffn_down.weight").bytes()];
    const [wideRow, narrowRow] = [byteSize("q8_0", [1024]), byteSize("q8_0", [512])];
    for (const row of [0, 255]) {
      assert.deepEqual(Buffer.from(wide.subarray(row * wideRow, row * wideRow + narrowRow)), Buffer.from(narrow.subarray(row * narrowRow, (row + 1) * narrowRow)));
      assert.ok(wide.subarray(row * wideRow + narrowRow, (row + 1) * wideRow).every((byte) => byte === 0));
    }
  });

  test("costs something in the appended blocks: their other weights are not zero", () => {
    assert.ok(find(heavy, "blk.5.ffn_up.weight").bytes().some((byte) => byte !== 0));
    assert.equal(heavy.tensors.filter(({ name }) => name.startsWith("blk.5.")).length, light.tensors.filter(({ name }) => name.startsWith("blk.0.")).length);
  });
});
