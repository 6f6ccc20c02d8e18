import { mediaInvalid, type SoundPiece } from "./source.ts";

interface Decoded {
  readonly channelData: Float32Array[];
  readonly sampleRate: number;
}

/** What the decoders have in common; MP3's has nothing to flush. */
export interface ChunkDecoder {
  decode(chunk: Uint8Array): Decoded;
  flush?: (() => Decoded) | undefined;
  free(): void;
}

/**
 * Bytes for one call of a decoder. Silence packs best in FLAC: 65,535 samples in 14 bytes, so that 4 KiB unpack to 77 MB at most,
 * and whoever counts the samples stops there.
 */
const chunkBytes = 4096;

/** The decoders are compiled C in WebAssembly: what hostile bytes do to them stays within their own memory, and is thrown as an error. */
export async function* decodeInChunks(bytes: Uint8Array, open: () => Promise<ChunkDecoder>): AsyncGenerator<SoundPiece> {
  const decoder = await open();
  try {
    for (let at = 0; at < bytes.length; at += chunkBytes) {
      yield* piece(() => decoder.decode(bytes.subarray(at, at + chunkBytes)));
    }
    const { flush } = decoder;
    if (flush !== undefined) yield* piece(flush);
  } finally {
    decoder.free();
  }
}

function* piece(decode: () => Decoded): Generator<SoundPiece> {
  const { channelData, sampleRate } = tryDecode(decode);
  if ((channelData[0]?.length ?? 0) > 0) yield { sampleRate, channels: channelData };
}

function tryDecode(decode: () => Decoded): Decoded {
  try {
    return decode();
  } catch (error) {
    throw mediaInvalid(`The sound cannot be decoded: ${error instanceof Error ? error.message : String(error)}.`, error);
  }
}
