/** Compression of chunks: the platform's own streams, or another implementation of raw deflate, injected. */
export interface Deflate {
  deflate(bytes: Uint8Array): Promise<Uint8Array>;
  /** Never makes more than `size` bytes; rejects when the data is not valid, or is not of that size. */
  inflate(bytes: Uint8Array, size: number): Promise<Uint8Array>;
}

export const platformDeflate: Deflate = {
  deflate: async (bytes) => new Uint8Array(await new Response(streamOf(bytes).pipeThrough(new CompressionStream("deflate-raw"))).arrayBuffer()),
  inflate: async (bytes, size) => {
    const inflated = new Uint8Array(size);
    let length = 0;
    for await (const part of streamOf(bytes).pipeThrough(new DecompressionStream("deflate-raw"))) {
      // Leaving the loop ends the decompression: a bomb costs one part.
      if (length + part.length > size) throw new Error(`it is larger than the ${size} bytes that it claims`);
      inflated.set(part, length);
      length += part.length;
    }
    if (length !== size) throw new Error(`it has ${length} bytes and claims ${size}`);
    return inflated;
  },
};

function streamOf(bytes: Uint8Array): ReadableStream<Uint8Array<ArrayBuffer>> {
  return new ReadableStream({
    start: (controller) => {
      controller.enqueue(new Uint8Array(bytes));
      controller.close();
    },
  });
}
