import assert from "node:assert/strict";
import { afterEach, beforeEach, describe, it, mock } from "node:test";
import { VirtualClock } from "../../../../base/clock.ts";
import { ModelConfig } from "../../../../protocol/config.ts";
import { memoryChannels } from "../../../../runtime/host/channel.ts";
import { loadMessage } from "../../../../runtime/host/load-message.ts";
import type { FromHost, GenerationEvent, ToHost } from "../../../../runtime/host/messages.ts";
import { HostSession } from "../../../../runtime/host/session.ts";
import { plainRequest } from "./harness.ts";

/** A session with a process that takes everything and says nothing. */
function silentHost() {
  const [ours, theirs] = memoryChannels<ToHost, FromHost>();
  const ended = Promise.withResolvers<string>();
  const clock = new VirtualClock();
  let kills = 0;
  const kill = () => {
    kills += 1;
    ended.resolve("was ended by signal SIGKILL");
  };
  const source = "fake:echo";
  const load = loadMessage({ name: "m", kind: "fake", engine: "fake", task: "chat", source, origin: "test", config: ModelConfig.parse({ source }) }, "/nowhere");
  const session = new HostSession({
    model: "m", process: { pid: 1, channel: ours, ended: ended.promise, lastLines: () => [], kill }, load, clock, onProgress: () => {}, onStep: () => {}, onRun: () => {},
  });
  session.loaded.catch(() => undefined);
  return { session, theirs, clock, get kills() { return kills; } };
}

const turn = async (): Promise<void> => {
  for (let index = 0; index < 5; index += 1) await Promise.resolve();
};

async function lastOf(events: AsyncIterable<GenerationEvent>): Promise<string> {
  let last = "";
  for await (const event of events) last = event.type === "failed" ? event.error.error.code : event.type;
  return last;
}

describe("a model process that does not answer", () => {
  beforeEach(() => mock.timers.enable({ apis: ["setTimeout", "setInterval"] }));
  afterEach(() => mock.timers.reset());

  it("a request ends some seconds after its time, and counts no longer", async () => {
    const { session } = silentHost();
    const last = lastOf(session.generate({ ...plainRequest, id: "a", timeoutMs: 3000 }, 0).events);
    mock.timers.tick(12_999);
    await turn();
    assert.equal(session.running, 1);
    mock.timers.tick(1);
    assert.equal(await last, "deadline_exceeded");
    assert.equal(session.running, 0);
  });

  it("so does one whose client has left; what the process says of it later is nobody's", async () => {
    const { session, theirs } = silentHost();
    const generation = session.generate({ ...plainRequest, id: "a" }, 0);
    generation.cancel();
    mock.timers.tick(10_000);
    assert.equal(await lastOf(generation.events), "request_cancelled");
    theirs.send({ type: "events", events: [["a", { type: "end", endUs: 1, spans: [] }]] });
    await turn();
    assert.equal(session.running, 0);
  });

  it("is killed while it is unloaded, when it has said nothing for so long; its requests are told", async () => {
    const it = silentHost();
    const last = lastOf(it.session.generate({ ...plainRequest, id: "a" }, 0).events);
    const closed = it.session.close(30_000);
    it.clock.advance(30_000_000);
    mock.timers.tick(1000);
    assert.equal(it.kills, 0);
    it.clock.advance(1_000_000);
    mock.timers.tick(1000);
    assert.equal(it.kills, 1);
    assert.equal(await last, "model_host_crashed");
    await closed;
  });
});
