import assert from "node:assert/strict";
import { getEventListeners } from "node:events";
import { test } from "node:test";
import { askHost } from "../../../../runtime/host/ask-host.ts";
import { memoryChannels } from "../../../../runtime/host/channel.ts";
import type { FromHost, ToHost } from "../../../../runtime/host/messages.ts";
import type { HostProcess } from "../../../../runtime/host/process.ts";

const question: ToHost = { type: "inspect", path: "/m.onnx", target: null };

/** A process that says how it ended when it is asked, or nothing. */
function host(ends: boolean): { readonly spawn: () => HostProcess; killed: boolean } {
  const [ours, theirs] = memoryChannels<ToHost, FromHost>();
  const { promise: ended, resolve: end } = Promise.withResolvers<string>();
  theirs.onMessage(() => {
    if (ends) end("was ended by signal SIGSEGV");
  });
  const made = { killed: false, spawn: (): HostProcess => ({ pid: 1, channel: ours, ended, lastLines: () => ["last words"], kill: () => void (made.killed = true) }) };
  return made;
}

test("a signal that lives on keeps nothing of those who asked; one that is aborted ends the wait", async () => {
  const abort = new AbortController();
  const dead = host(true);
  await assert.rejects(askHost(dead.spawn, question, "inspected", "/m.onnx", abort.signal), /SIGSEGV: last words/);
  assert.deepEqual([getEventListeners(abort.signal, "abort").length, dead.killed], [0, true]);
  const silent = host(false);
  const asked = askHost(silent.spawn, question, "inspected", "/m.onnx", abort.signal);
  abort.abort(new Error("enough"));
  await assert.rejects(asked, /enough/);
  assert.deepEqual([getEventListeners(abort.signal, "abort").length, silent.killed], [0, true]);
});
