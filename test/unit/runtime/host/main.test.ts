import assert from "node:assert/strict";
import { fork, spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { describe, test } from "node:test";
import { packageRoot } from "../../../../base/package-root.ts";
import { ipcChannel } from "../../../../runtime/host/channel.ts";
import type { FromHost, GenerationEvent, ToHost } from "../../../../runtime/host/messages.ts";
import { plainHost, plainLoad, plainRequest } from "./harness.ts";

const entry = join(packageRoot(import.meta.dirname), "runtime", "host", "main.ts");

/** A real child process that loads a fake model. */
function start(path: string) {
  const child = fork(entry, [], { serialization: "advanced", stdio: ["ignore", "ignore", "ignore", "ipc"], execArgv: [] });
  const channel = ipcChannel<ToHost, FromHost>(child);
  const said: FromHost[] = [];
  channel.onMessage((message) => said.push(message));
  const first = (type: FromHost["type"]): Promise<void> => new Promise((resolve) => {
    channel.onMessage((message) => {
      if (message.type === type) resolve();
    });
  });
  channel.send({ type: "load", engine: "fake", home: "", host: plainHost, options: { ...plainLoad, path, parallel: 2, batch: 64 } });
  return { child, channel, first, said, exit: once(child, "exit") };
}

const question = (maxTokens: number): ToHost => ({
  type: "generate", sentUs: 0, request: { ...plainRequest, id: "a", prompt: { kind: "text", text: "hello" }, maxTokens },
});

const eventsOf = (said: readonly FromHost[]): GenerationEvent[] =>
  said.flatMap((message) => (message.type === "events" ? message.events.map(([, event]) => event) : []));

describe("a model host process", () => {
  test("answers over the pipe, bytes and all, and ends with 0 when it is asked to", async () => {
    const { first, said, exit, channel } = start("fake:echo");
    await first("ready");
    channel.send(question(5));
    channel.send({ type: "shutdown" });
    assert.deepEqual(await exit, [0, null]);
    const events = eventsOf(said);
    assert.deepEqual(events.map((event) => event.type), ["prompt", "start", "text", "finish", "end"]);
    const [, , text] = events;
    assert.ok(text?.type === "text" && text.tokens[0]?.bytes instanceof Uint8Array);
    assert.equal(new TextDecoder().decode(text.tokens[0].bytes), "hello");
  });

  test("ends when its gateway goes away", async () => {
    const { child, first, exit, channel } = start("fake:count?stepUs=1000");
    await first("ready");
    channel.send(question(1_000_000));
    await first("events");
    child.disconnect();
    assert.deepEqual(await exit, [0, null]);
  });

  test("a model that cannot be loaded is said before it ends", async () => {
    const { said, exit } = start("fake:echo?loadError=no+weights");
    assert.deepEqual(await exit, [0, null]);
    assert.equal(said.at(-1)?.type, "loadFailed");
  });

  test("a crash in the engine ends it without an answer", async () => {
    const { first, said, exit, channel } = start("fake:count?crashAtStep=2");
    await first("ready");
    channel.send(question(5));
    assert.notEqual((await exit)[0], 0);
    assert.deepEqual(eventsOf(said).map((event) => event.type), ["prompt", "start", "text"]);
  });

  test("started by hand it says who should start it", async () => {
    const child = spawn(process.execPath, [entry], { stdio: ["ignore", "ignore", "ignore"] });
    assert.deepEqual(await once(child, "exit"), [2, null]);
  });
});
