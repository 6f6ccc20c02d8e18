/** A WAV file of one channel, integers of 16 bits; beyond −1 to 1 is clipped. */
export function writeWav(samples: Float32Array, sampleRate: number): Uint8Array {
  const header = 44;
  const size = samples.length * 2;
  const view = new DataView(new ArrayBuffer(header + size));
  const text = (at: number, value: string) => Buffer.from(value, "latin1").forEach((byte, index) => view.setUint8(at + index, byte));
  text(0, "RIFF");
  view.setUint32(4, header - 8 + size, true);
  text(8, "WAVEfmt ");
  view.setUint32(16, 16, true);
  view.setUint16(20, 1, true);
  view.setUint16(22, 1, true);
  view.setUint32(24, sampleRate, true);
  view.setUint32(28, sampleRate * 2, true);
  view.setUint16(32, 2, true);
  view.setUint16(34, 16, true);
  text(36, "data");
  view.setUint32(40, size, true);
  samples.forEach((sample, index) => view.setInt16(header + index * 2, Math.round(Math.max(-1, Math.min(1, sample)) * 32_767), true));
  return new Uint8Array(view.buffer);
}
