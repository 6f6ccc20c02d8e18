import assert from "node:assert/strict";
import { test } from "node:test";
import { VirtualClock } from "../../../../base/clock.ts";
import { InfernoError } from "../../../../protocol/errors.ts";
import type { ModelInfo } from "../../../../protocol/model.ts";
import { probeModel } from "../../../../runtime/doctor/probe.ts";
import { memoryChannels } from "../../../../runtime/host/channel.ts";
import type { FromHost, ToHost } from "../../../../runtime/host/messages.ts";

const info: ModelInfo = {
  engine: "fake", architecture: "test", name: "Test", parameters: 1, sizeBytes: 1, quantization: "F32", trainedContext: 64, vocabulary: 4,
  chatTemplate: null, bosToken: "", eosToken: "", library: "none", device: { kind: "cpu", name: "test", layers: 0, reason: "" },
};

/** A model process that answers as told. */
function probe(answer: (message: ToHost, send: (message: FromHost) => void, die: (how: string) => void) => void, signal = new AbortController().signal) {
  const clock = new VirtualClock();
  const [ours, theirs] = memoryChannels<ToHost, FromHost>();
  const { promise: ended, resolve: die } = Promise.withResolvers<string>();
  theirs.onMessage((message) => {
    clock.advance(500);
    answer(message, (reply) => theirs.send(reply), die);
  });
  const host = { killed: false };
  const report = probeModel({
    clock, home: "/home", path: "/model.gguf", limitMs: 60_000, signal,
    spawn: () => ({ pid: 7, channel: ours, ended, lastLines: () => ["last words"], kill: () => void (host.killed = true) }),
  });
  return { report, host };
}

test("loads, generates one token, and ends the process", async () => {
  const seen: string[] = [];
  const { report, host } = probe((message, send) => {
    seen.push(message.type);
    if (message.type === "load") {
      send({ type: "progress", fraction: 0.5 });
      send({ type: "ready", model: info, context: 64, parallel: 1, memory: null, loadUs: 1234 });
    } else send({ type: "events", events: [["probe", { type: "end", endUs: 0, spans: [] }]] });
  });
  assert.deepEqual(await report, { model: info, loadUs: 1234, answerUs: 500 });
  assert.deepEqual(seen, ["load", "generate"]);
  assert.equal(host.killed, true);
});

test("what goes wrong is told as it is, and the process ended", async () => {
  const error = new InfernoError("model_load_failed", "no memory").toBody();
  const refused = probe((_, send) => send({ type: "loadFailed", error }));
  await assert.rejects(refused.report, { code: "model_load_failed", message: "no memory" });
  assert.equal(refused.host.killed, true);

  const crashed = probe((_, __, die) => die("was ended by signal SIGILL"));
  await assert.rejects(crashed.report, { code: "model_host_crashed", message: /SIGILL\. last words/ });

  const abort = new AbortController();
  const silent = probe(() => abort.abort(), abort.signal);
  await assert.rejects(silent.report, { code: "model_load_failed", message: /"load" in time/ });
  assert.equal(silent.host.killed, true);
});
