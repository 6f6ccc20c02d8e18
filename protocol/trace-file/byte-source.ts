/** Where a trace file's bytes come from: a file handle, an HTTP range, a message to the extension, memory. */
export interface ByteSource {
  readonly size: number;
  /** The bytes from `offset` on; fewer than `length` only where the source ends. */
  read(offset: number, length: number): Promise<Uint8Array>;
}

/** Where a trace file's bytes go. The writer waits for each write before the next. */
export interface ByteSink {
  write(bytes: Uint8Array): Promise<void> | void;
}

export function memorySource(bytes: Uint8Array): ByteSource {
  return { size: bytes.length, read: async (offset, length) => bytes.subarray(offset, offset + length) };
}

export interface MemorySink extends ByteSink {
  bytes(): Uint8Array;
}

export function memorySink(): MemorySink {
  const parts: Uint8Array[] = [];
  return {
    write: (bytes) => void parts.push(bytes),
    bytes: () => joined(parts),
  };
}

export function joined(parts: readonly Uint8Array[]): Uint8Array {
  const all = new Uint8Array(parts.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const part of parts) {
    all.set(part, at);
    at += part.length;
  }
  return all;
}
