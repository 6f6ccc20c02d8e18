import { crc32, deflateSync } from "node:zlib";

/** PNG files that no encoder would write. */
export interface PngParts {
  readonly width: number;
  readonly height: number;
  /** Compressed rows; left out, as many black ones as there should be. */
  readonly rows?: Uint8Array | undefined;
  /** Chunks between header and rows, by name. */
  readonly chunks?: readonly (readonly [name: string, data: Uint8Array])[] | undefined;
}

export function writePng({ width, height, rows, chunks = [] }: PngParts): Buffer {
  const header = Buffer.alloc(13);
  header.writeUInt32BE(width, 0);
  header.writeUInt32BE(height, 4);
  header.set([8, 2], 8);
  const data = rows ?? deflateSync(Buffer.alloc(height * (1 + 3 * width)));
  return Buffer.concat([
    Uint8Array.of(0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a),
    chunk("IHDR", header), ...chunks.map(([name, content]) => chunk(name, content)), chunk("IDAT", data), chunk("IEND", new Uint8Array()),
  ]);
}

function chunk(name: string, data: Uint8Array): Buffer {
  const framed = Buffer.alloc(data.length + 12);
  framed.writeUInt32BE(data.length, 0);
  framed.write(name, 4, "latin1");
  framed.set(data, 8);
  framed.writeUInt32BE(crc32(framed.subarray(4, -4)), data.length + 8);
  return framed;
}
