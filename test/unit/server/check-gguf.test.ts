import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join as joinPath } from "node:path";
import { suite, test } from "node:test";
import fc from "fast-check";
import { packageRoot } from "../../../base/package-root.ts";
import { checkGguf } from "../../../server/features/gguf/check-gguf.ts";
import { ggufBytes, join, metadataU32, text, u32, u64 } from "./gguf-bytes.ts";

const check = (bytes: Uint8Array, size = bytes.length) =>
  checkGguf({ size, read: async (offset, length) => bytes.slice(offset, offset + length) });

suite("GGUF check", () => {
  test("accepts a whole file, versions 2 and 3", async () => {
    assert.equal(await check(ggufBytes()), null);
    assert.equal(await check(ggufBytes({ version: 2 })), null);
  });

  test("accepts the embedded model and reads only the beginning of it", async () => {
    const bytes = readFileSync(joinPath(packageRoot(import.meta.dirname), "runtime/models/ember/ember-q8_0.gguf"));
    let read = 0;
    const result = await checkGguf({
      size: bytes.length,
      read: async (offset, length) => {
        read += length;
        return bytes.subarray(offset, offset + length);
      },
    });
    assert.equal(result, null);
    assert.ok(read < bytes.length / 2, `read ${read} of ${bytes.length} bytes`);
  });

  const wrong: readonly [name: string, bytes: Uint8Array, message: RegExp][] = [
    ["an empty file", new Uint8Array(), /^it is empty$/],
    ["another format", new TextEncoder().encode("PK\u0003\u0004 a zip file"), /^it begins with the bytes 50 4b 03 04, not with "GGUF"$/],
    ["the old format", ggufBytes({ magic: "GGML" }), /^it begins with "GGML", not with "GGUF"$/],
    ["a file of two bytes", new TextEncoder().encode("GG"), /^it begins with "GG"/],
    ["a magic and nothing else", new TextEncoder().encode("GGUF"), /^it is truncated: it ends before the header is complete, at byte 4$/],
    ["an unknown version", ggufBytes({ version: 9 }), /format version is 9/],
    ["a big-endian file", ggufBytes({ version: 0x0300_0000 }), /big-endian/],
    ["no tensors", ggufBytes({ tensors: [] }), /holds no tensors/],
    ["too many tensors", ggufBytes({ claimed: { tensors: 2 ** 40 } }), /claims to have 1099511627776 tensors/],
    ["too much metadata", ggufBytes({ claimed: { metadata: 2 ** 40 } }), /claims to have 1099511627776 metadata entries/],
    ["a key without end", ggufBytes({ metadata: [join(u64(2 ** 50))] }), /the key of metadata entry 1 claims to be 1125899906842624 bytes long/],
    ["a text beyond the end", ggufBytes({ metadata: [join(text("k"), u32(8), u64(2 ** 50))] }), /^it is truncated: it ends inside its metadata, at byte \d+$/],
    ["a list beyond the end", ggufBytes({ metadata: [join(text("k"), u32(9), u32(4), u64(2 ** 52))] }), /inside its metadata/],
    ["an unknown type", ggufBytes({ metadata: [join(text("k\n"), u32(99))] }), /its metadata "k\?" has the unknown type 99/],
    ["lists without end", ggufBytes({ metadata: [join(text("k"), u32(9), ...Array.from({ length: 6 }, () => join(u32(9), u64(1))))] }), /unknown type/],
    ["a bad alignment", ggufBytes({ metadata: [metadataU32("general.alignment", 3)] }), /alignment is 3/],
    ["a misplaced tensor", ggufBytes({ tensors: [{ name: "t", dimensions: [8], type: 0, offset: 7 }] }), /not a multiple of 32/],
    ["too many dimensions", ggufBytes({ tensors: [{ name: "t", dimensions: [1, 1, 1, 1, 1], type: 0, offset: 0 }] }), /"t" has 5 dimensions/],
    ["a tensor beyond the end", ggufBytes({ dataBytes: 31 }), /^it is truncated: its tensor "token_embd.weight" ends at byte \d+, but the file has \d+ bytes$/],
  ];
  for (const [name, bytes, message] of wrong) test(`refuses ${name}`, async () => assert.match((await check(bytes)) ?? "accepted", message));

  test("a general.alignment moves the data", async () => {
    const metadata = [metadataU32("general.alignment", 64)];
    assert.equal(await check(ggufBytes({ metadata, alignment: 64 })), null);
    assert.match((await check(ggufBytes({ metadata, alignment: 64, dataBytes: 0 }))) ?? "accepted", /truncated/);
  });

  test("says nothing of the size of a type it does not know", async () => {
    assert.equal(await check(ggufBytes({ tensors: [{ name: "t", dimensions: [1e6], type: 777, offset: 0 }] })), null);
  });

  test("quantised sizes: a Q8_0 block is 34 bytes for 32 values", async () => {
    const tensors = [{ name: "t", dimensions: [64], type: 8, offset: 0 }];
    assert.equal(await check(ggufBytes({ tensors, dataBytes: 68 })), null);
    assert.match((await check(ggufBytes({ tensors, dataBytes: 67 }))) ?? "accepted", /truncated/);
  });

  test("every shortened file is refused", async () => {
    const whole = ggufBytes();
    await fc.assert(fc.asyncProperty(fc.nat(whole.length - 1), async (length) => assert.notEqual(await check(whole.slice(0, length)), null)));
  });

  test("a file whose bytes were changed gives an answer, never an exception", async () => {
    const whole = ggufBytes();
    await fc.assert(fc.asyncProperty(fc.nat(whole.length - 1), fc.nat(255), async (at, value) => {
      const changed = whole.slice();
      changed[at] = value;
      const result = await check(changed);
      assert.ok(result === null || result.length > 0);
    }));
  });

  test("stops when nobody waits any more", async () => {
    const bytes = ggufBytes();
    const cancelled = checkGguf({ size: bytes.length, read: async () => bytes, cancellation: { isCancellationRequested: true } });
    await assert.rejects(cancelled);
  });
});
