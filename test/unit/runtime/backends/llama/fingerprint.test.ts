import assert from "node:assert/strict";
import { mkdtempSync, rmSync, truncateSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { fingerprintOf } from "../../../../../runtime/backends/llama/fingerprint.ts";

const folder = mkdtempSync(join(tmpdir(), "inferno-fingerprint-"));
after(() => rmSync(folder, { recursive: true, force: true }));

const mebibyte = 1024 * 1024;
let files = 0;
async function of(bytes: Uint8Array): Promise<string> {
  const path = join(folder, String(files++));
  writeFileSync(path, bytes);
  return await fingerprintOf(path);
}

test("a copy has the same, whatever its name; any other byte at the ends, and another size, gives another", async () => {
  const bytes = new Uint8Array(5 * mebibyte).map((_, index) => index % 251);
  const one = await of(bytes);
  assert.match(one, /^[0-9a-f]{64}$/);
  assert.equal(await of(bytes), one);
  for (const at of [0, mebibyte - 1, bytes.length - 1, bytes.length - mebibyte]) assert.notEqual(await of(bytes.with(at, 255)), one, `byte ${at}`);
  assert.notEqual(await of(bytes.subarray(0, -1)), one);
  // Blocks of 32 KiB between the ends: one of them lies around the middle of each seventeenth.
  assert.notEqual(await of(bytes.fill(255, 2 * mebibyte, 3 * mebibyte)), one);
});

test("small files are read whole, empty ones too; a file of terabytes takes no longer", async () => {
  const small = new Uint8Array(3000);
  const one = await of(small);
  for (const at of [0, 1500, 2999]) assert.notEqual(await of(small.with(at, 1)), one);
  assert.match(await of(new Uint8Array()), /^[0-9a-f]{64}$/);
  const sparse = join(folder, "sparse");
  writeFileSync(sparse, "GGUF");
  truncateSync(sparse, 2 ** 41);
  assert.match(await fingerprintOf(sparse), /^[0-9a-f]{64}$/);
  await assert.rejects(fingerprintOf(join(folder, "missing")), { code: "ENOENT" });
});
