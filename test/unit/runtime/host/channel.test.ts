import assert from "node:assert/strict";
import { EventEmitter } from "node:events";
import { describe, test } from "node:test";
import { setImmediate as turn } from "node:timers/promises";
import { ipcChannel, memoryChannels, type IpcEnd } from "../../../../runtime/host/channel.ts";

describe("in memory", () => {
  test("messages arrive in order, as copies, in a later microtask", async () => {
    const [left, right] = memoryChannels<{ bytes: Uint8Array }, string>();
    const got: { bytes: Uint8Array }[] = [];
    right.onMessage((message) => got.push(message));
    const sent = { bytes: Uint8Array.of(1) };
    left.send(sent);
    sent.bytes[0] = 9;
    left.send(sent);
    assert.equal(got.length, 0);
    await turn();
    assert.deepEqual(got.map((message) => message.bytes[0]), [1, 9]);
  });

  test("what cannot cross a process boundary cannot cross this either", () => {
    const [left] = memoryChannels<() => void, never>();
    assert.throws(() => left.send(() => {}), { name: "DataCloneError" });
  });

  test("closing delivers what was sent, then tells both ends once", async () => {
    const [left, right] = memoryChannels<number, number>();
    const log: string[] = [];
    right.onMessage((message) => log.push(`got ${message}`));
    right.onClose(() => log.push("right closed"));
    left.onClose(() => log.push("left closed"));
    left.send(1);
    left.close();
    right.close();
    left.send(2);
    right.send(3);
    await turn();
    assert.deepEqual(log.sort(), ["got 1", "left closed", "right closed"]);
  });
});

/** A pipe whose writes finish when the test says so. */
class SlowPipe extends EventEmitter implements IpcEnd {
  connected = true;
  readonly sent: unknown[] = [];
  readonly #callbacks: (() => void)[] = [];

  send(message: unknown, _handle?: undefined, _options?: undefined, sent?: (error: Error | null) => void): boolean {
    this.sent.push(message);
    this.#callbacks.push(() => sent?.(null));
    return true;
  }

  disconnect(): void {
    this.connected = false;
    this.emit("disconnect");
  }

  finishWrites(): void {
    for (const callback of this.#callbacks.splice(0)) callback();
  }
}

describe("over a pipe", () => {
  test("close waits until what was sent is written", () => {
    const pipe = new SlowPipe();
    const channel = ipcChannel<string, string>(pipe);
    let closed = 0;
    channel.onClose(() => (closed += 1));
    channel.send("last words");
    channel.close();
    channel.send("too late");
    assert.equal(pipe.connected, true);
    pipe.finishWrites();
    assert.equal(pipe.connected, false);
    assert.equal(closed, 1);
    assert.deepEqual(pipe.sent, ["last words"]);
  });

  test("sending into a broken pipe is dropped", () => {
    const pipe = new SlowPipe();
    const channel = ipcChannel<string, string>(pipe);
    pipe.disconnect();
    channel.send("nobody hears");
    channel.close();
    assert.deepEqual(pipe.sent, []);
  });

  test("messages reach the listeners until they let go", () => {
    const pipe = new SlowPipe();
    const channel = ipcChannel<string, string>(pipe);
    const got: string[] = [];
    const listening = channel.onMessage((message) => got.push(message));
    pipe.emit("message", "one");
    listening.dispose();
    pipe.emit("message", "two");
    assert.deepEqual(got, ["one"]);
  });
});
