import assert from "node:assert/strict";
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, describe, test } from "node:test";
import fc from "fast-check";
import { SpillFolder } from "../../../../runtime/host/spill-folder.ts";
import { readStateFile, readStateHeader, readStateTokens, writeStateFile, type SavedSequence } from "../../../../runtime/host/state-files.ts";

const root = mkdtempSync(join(tmpdir(), "inferno-states-"));
after(() => rmSync(root, { recursive: true, force: true }));
let folders = 0;
const newFolder = (): string => join(root, String(folders++));

const sequence = (tokens: readonly number[], bytes = 100, namespace = ""): SavedSequence =>
  ({ tokens: Int32Array.from(tokens), state: Uint8Array.from({ length: bytes }, (_, index) => index), namespace });
const date = "2026-01-01T00:00:00.000Z";

describe("a state file", () => {
  test("gives back what was written, and its header without reading the rest", () => {
    const path = join(newFolder(), "deep", "a.state");
    fc.assert(fc.property(fc.array(fc.integer({ min: 0, max: 200_000 }), { minLength: 1 }), fc.uint8Array({ minLength: 1 }), fc.string(), (tokens, state, namespace) => {
      const size = writeStateFile(path, { tokens: Int32Array.from(tokens), state, namespace }, "model", date);
      const read = readStateFile(path, "model")!;
      assert.deepEqual([...read.tokens], tokens);
      assert.deepEqual([...read.state], [...state]);
      assert.equal(read.namespace, namespace);
      assert.deepEqual([...readStateTokens(path)!], tokens);
      assert.deepEqual({ ...readStateHeader(path), checksum: 0 }, { version: 1, binding: "model", namespace, tokens: tokens.length, bytes: state.length, checksum: 0, createdAt: date, size });
    }));
    assert.deepEqual(readdirSync(join(path, "..")), ["a.state"], "no draft is left");
  });

  test("is nothing for another model", () => {
    const path = join(newFolder(), "a.state");
    writeStateFile(path, sequence([1, 2]), "model", date);
    assert.equal(readStateFile(path, "another"), null);
  });

  test("is nothing when any byte of it is another, or it is shorter", () => {
    const path = join(newFolder(), "a.state");
    writeStateFile(path, sequence([1, 2, 3]), "model", date);
    const whole = readFileSync(path);
    const read = () => readStateFile(path, "model");
    fc.assert(fc.property(fc.nat({ max: whole.length - 1 }), fc.integer({ min: 1, max: 255 }), (at, change) => {
      const damaged = Buffer.from(whole);
      damaged[at]! ^= change;
      writeFileSync(path, damaged);
      const got = read();
      // The namespace and the time are in the header, which the checksum does not cover.
      if (got !== null) assert.deepEqual([...got.tokens], [1, 2, 3]);
      writeFileSync(path, whole.subarray(0, at));
      assert.equal(read(), null);
      readStateHeader(path);
    }));
  });
});

describe("the folder of prefixes that left the KV cache", () => {
  const open = (folder: string, limitBytes: number, clock = { ms: 1_000_000 }): SpillFolder =>
    new SpillFolder({ folder, limitBytes, binding: "model", now: () => new Date((clock.ms += 1000)) });

  test("finds the longest beginning, also in another process, and apart by adapters", () => {
    const folder = newFolder();
    const spill = open(folder, 10_000);
    spill.put(sequence([1, 2, 3]));
    spill.put(sequence([1, 2, 9, 9]));
    spill.put(sequence([1, 2, 3, 4, 5], 100, "0:1"));
    for (const each of [spill, open(folder, 10_000)]) {
      assert.equal(each.match([1, 2, 9, 9, 7], "")?.length, 4);
      assert.equal(each.match([1, 2, 3, 4, 5], "")?.length, 3);
      assert.equal(each.match([1, 2, 3, 4, 5], "0:1")?.length, 5);
      assert.equal(each.match([8], ""), null);
      const match = each.match([1, 2, 9, 9, 7], "")!;
      assert.deepEqual([...each.load(match)!.tokens], [1, 2, 9, 9]);
    }
  });

  test("stays within its limit, and the longest unused goes first", () => {
    const folder = newFolder();
    const spill = open(folder, 5000);
    spill.put(sequence([1], 1000));
    spill.put(sequence([2], 1000));
    spill.put(sequence([3], 1000));
    assert.notEqual(spill.load(spill.match([1], "")!), null);
    spill.put(sequence([4], 3000));
    assert.deepEqual([1, 2, 3, 4].map((token) => spill.match([token], "") !== null), [true, false, false, true]);
    assert.ok(spill.bytes <= 5000);
    assert.equal(spill.put(sequence([5], 6000)), false, "larger than the whole folder");
    assert.notEqual(spill.match([1], ""), null);
  });

  test("keeps one file of texts that continue each other", () => {
    const folder = newFolder();
    const spill = open(folder, 10_000);
    spill.put(sequence([1, 2]));
    spill.put(sequence([1, 2, 3]));
    spill.put(sequence([1]));
    assert.equal(readdirSync(folder).length, 1);
    assert.equal(spill.match([1, 2, 3], "")?.length, 3);
  });

  test("removes what is damaged or of another model", () => {
    const folder = newFolder();
    const spill = open(folder, 10_000);
    spill.put(sequence([1, 2]));
    spill.put(sequence([7, 8]));
    const { path } = spill.match([1], "")!;
    const bytes = readFileSync(path);
    writeFileSync(path, bytes.fill(0, bytes.length - 10));
    assert.equal(spill.load(spill.match([1], "")!), null);
    assert.equal(existsSync(path), false);
    assert.equal(spill.match([1], ""), null);
    const other = new SpillFolder({ folder, limitBytes: 10_000, binding: "another", now: () => new Date() });
    assert.equal(other.bytes, 0);
    assert.deepEqual(readdirSync(folder), []);
  });
});
