import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { Host, textOf, withHost } from "./harness.ts";

const types = (host: Host): string[] => host.said.map((message) => message.type);

describe("loading", () => {
  test("says its progress, then what it loaded and how long it took", () => withHost("fake:echo?loadUs=500", { parallel: 3, context: 99 }, async (host) => {
    assert.deepEqual(types(host), ["progress", "ready"]);
    const ready = host.said.at(-1)!;
    assert.ok(ready.type === "ready" && ready.loadUs === 500 && ready.parallel === 3 && ready.context === 99 && ready.model.engine === "fake");
  }));

  test("a failure is said, and the channel closes", async () => {
    const host = new Host();
    host.load("fake:echo?loadError=no+weights");
    await host.closed;
    const failed = host.said.at(-1)!;
    assert.ok(failed.type === "loadFailed" && failed.error.error.code === "model_load_failed" && failed.error.error.message === "no weights");
  });

  test("a request before the model is ready fails and does no harm", async () => {
    const host = new Host();
    host.send("early");
    const { last } = await host.answered("early");
    assert.ok(last.type === "failed" && last.error.error.code === "internal");
    host.channel.send({ type: "cancel", id: "early" });
    host.load("fake:echo");
    await host.until(() => types(host).includes("ready"));
    assert.equal((await host.answer("a")).text, "one two three");
    host.close();
    await host.closed;
  });
});

describe("shutting down", () => {
  test("lets the requests in work end, refuses others, then closes", async () => {
    const host = await Host.loaded("fake:count", { parallel: 1 });
    host.send("a", { maxTokens: 3 });
    host.send("b", { maxTokens: 2 });
    host.channel.send({ type: "shutdown" });
    host.send("late");
    await host.closed;
    assert.equal(textOf(host.events("a")), "1 2 3");
    assert.equal(textOf(host.events("b")), "1 2");
    const late = host.events("late").at(-1);
    assert.ok(late?.type === "failed" && late.error.error.code === "daemon_stopping");
  });

  test("asked twice, it cancels what is in work", async () => {
    const host = await Host.loaded("fake:count", { context: 1_000_000 });
    host.send("a");
    await host.until(() => host.events("a").length > 2);
    host.channel.send({ type: "shutdown" });
    host.channel.send({ type: "shutdown" });
    await host.closed;
    const last = host.events("a").at(-1);
    assert.ok(last?.type === "failed" && last.error.error.code === "request_cancelled");
  });

  test("before anything was loaded, it closes at once", async () => {
    const host = new Host();
    host.channel.send({ type: "shutdown" });
    await host.closed;
    assert.deepEqual(types(host), []);
  });

  test("a gateway that goes away ends it in the middle of a request", async () => {
    const host = await Host.loaded("fake:count", { context: 1_000_000 });
    host.send("a");
    await host.until(() => host.events("a").length > 2);
    host.close();
    await host.closed;
    const events = host.events("a").length;
    await host.turns(5);
    assert.equal(host.events("a").length, events);
  });
});

test("the pulse tells memory and requests in work", async (t) => {
  t.mock.timers.enable({ apis: ["setInterval"] });
  const host = await Host.loaded("fake:count", { context: 1_000_000 });
  host.send("a");
  await host.until(() => host.events("a").length > 2);
  t.mock.timers.tick(1000);
  await host.turns(2);
  const pulses = host.said.filter((message) => message.type === "pulse");
  assert.deepEqual(pulses, [{ type: "pulse", rssBytes: 123, running: 1 }]);
  host.close();
  await host.closed;
});
