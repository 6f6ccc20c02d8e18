import { join } from "node:path";
import { performance } from "node:perf_hooks";
import { VadResponse } from "../../../protocol/api/audio.ts";
import { routes } from "../../../protocol/routes.ts";
import { atLeast, row } from "../../engine/row.ts";
import type { Target } from "../../load/job.ts";
import { inTurn } from "../../statistics.ts";
import { startLineProcess } from "../line-process.ts";
import type { OnnxScenario } from "../scenario.ts";
import { noiseFile, startVoice } from "../voice.ts";

const seconds = 300;

export const voice: OnnxScenario = {
  name: "voice",
  about: `voice detection in a WAV of ${seconds} s, sent, read and answered; peer: a bare session.run for each window, in its own process`,
  run: async ({ rounds, threads }) => {
    const file = noiseFile(seconds);
    const peer = startLineProcess(join(import.meta.dirname, "../../peers/bare-vad.ts"), [String(threads)]);
    const daemon = await startVoice(threads);
    const ours = async (sound = file, length = seconds): Promise<number> => await timesRealTime(daemon.target, sound, length);
    const theirs = async (length = seconds): Promise<number> => length / ((await peer.ask<{ ms: number }>({ seconds: length })).ms / 1000);
    try {
      await ours(noiseFile(5), 5);
      await theirs(5);
      const { a, b } = await inTurn(rounds, () => ours(), () => theirs());
      return [row({ scenario: "voice", figure: "sound in its time", unit: "× real time", ours: a, peer: b, bar: atLeast(100), absolute: true })];
    } finally {
      await Promise.all([peer.stop(), daemon.stop()]);
    }
  },
};

async function timesRealTime({ url, token, model }: Target, sound: Uint8Array, length: number): Promise<number> {
  const body = new FormData();
  body.set("model", model);
  body.set("file", new Blob([sound.slice()]), "noise.wav");
  const beganAt = performance.now();
  const response = await fetch(new URL(routes.vad.path, url), { method: routes.vad.method, body, headers: token === null ? {} : { authorization: `Bearer ${token}` } });
  const text = await response.text();
  const took = performance.now() - beganAt;
  if (!response.ok) throw new Error(text);
  const { duration } = VadResponse.parse(JSON.parse(text));
  if (Math.abs(duration - length) > 0.1) throw new Error(`The detector heard ${duration} s of ${length}.`);
  return length / (took / 1000);
}
