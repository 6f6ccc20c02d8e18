import { createHash } from "node:crypto";
import { closeSync, fstatSync, openSync, read } from "node:fs";
import { promisify } from "node:util";

const mebibyte = 1024 * 1024;
/** Between the ends, so many blocks of this size at equal distances. */
const blocks = 16;
const blockBytes = 32 * 1024;

/**
 * What a model's file is recognized by: its size, its first and last mebibyte (header, names, vocabulary; the last tensors) and blocks between. Not every
 * byte: that would take seconds for what a model of a few gigabytes takes to load. Two files of one size that differ only between the blocks look the same.
 * Reading begins at once and goes on while the caller loads the model; hashing takes 2 ms.
 */
export async function fingerprintOf(path: string): Promise<string> {
  const file = openSync(path, "r");
  try {
    const { size } = fstatSync(file);
    const pieces = await Promise.all(spots(size).map(([start, end]) => readWhole(file, start, end)));
    const hash = createHash("sha256").update(`${size}\n`);
    for (const piece of pieces) hash.update(piece);
    return hash.digest("hex");
  } finally {
    closeSync(file);
  }
}

/** Parts of a file of this size: [start, end). */
function spots(size: number): (readonly [number, number])[] {
  if (size <= 2 * mebibyte + blocks * blockBytes) return [[0, size]];
  const between = (size - 2 * mebibyte) / (blocks + 1);
  const middle = Array.from({ length: blocks }, (_, index) => Math.floor(mebibyte + (index + 1) * between - blockBytes / 2));
  return [[0, mebibyte], ...middle.map((start) => [start, start + blockBytes] as const), [size - mebibyte, size]];
}

async function readWhole(file: number, start: number, end: number): Promise<Uint8Array> {
  const bytes = new Uint8Array(end - start);
  let at = 0;
  while (at < bytes.length) {
    const { bytesRead } = await promisify(read)(file, bytes, at, bytes.length - at, start + at);
    if (bytesRead === 0) throw new Error("the file became shorter while it was read");
    at += bytesRead;
  }
  return bytes;
}
