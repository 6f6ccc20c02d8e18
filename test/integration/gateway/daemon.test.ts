import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdir, mkdtemp, readFile, rm, stat, writeFile } from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, it } from "node:test";
import { InfernoError } from "../../../protocol/errors.ts";
import { findDaemon } from "../../../runtime/daemon/find.ts";
import { takeLock } from "../../../runtime/daemon/lock.ts";
import { startDaemon } from "../../../runtime/daemon/start.ts";
import { eventually } from "../../drivers/eventually.ts";
import { startTestDaemon, user } from "../../drivers/test-daemon.ts";

let folder: string;
beforeEach(async () => void (folder = await mkdtemp(join(tmpdir(), "inferno-daemon-"))));
afterEach(async () => await rm(folder, { recursive: true, force: true }));

async function failureOf(promise: Promise<unknown>): Promise<InfernoError> {
  const error = await promise.then(() => assert.fail("should have failed"), (thrown: unknown) => thrown);
  assert.ok(error instanceof InfernoError, String(error));
  return error;
}

/** A pid that was somebody's and is nobody's now. */
async function deadPid(): Promise<number> {
  const child = spawn(process.execPath, ["--version"], { stdio: "ignore" });
  await once(child, "exit");
  return child.pid!;
}

describe("one state folder", () => {
  it("has one daemon: a second start finds the first and brings its models along", async () => {
    const config = join(folder, "second.yaml");
    await writeFile(config, "models:\n  second:\n    source: fake:echo\n");
    await using gateway = await startTestDaemon({ home: folder, yaml: { models: { first: { source: "fake:echo" } } } });
    const found = await startDaemon({ home: folder, port: 0, config });
    assert.deepEqual([found.owned, found.url, found.token], [false, gateway.daemon.url, gateway.daemon.token]);
    assert.deepEqual(found.models, ["ember", "first", "second"]);
    await found.close();
    assert.deepEqual(await findDaemon(folder), { url: found.url, token: found.token, pid: process.pid, version: found.version });
  });

  it("gives daemon.json to its user only, and takes it back", async () => {
    const gateway = await startTestDaemon({ home: folder });
    const path = join(folder, "daemon.json");
    assert.equal((await stat(path)).mode & 0o777, 0o600);
    assert.equal((await stat(folder)).mode & 0o777, 0o700);
    await gateway.daemon.close();
    assert.equal(await findDaemon(folder), null);
    await assert.rejects(readFile(path), { code: "ENOENT" });
  });

  it("gets a new token at every start", async () => {
    const first = await startDaemon({ home: folder, port: 0 });
    await first.close();
    const second = await startDaemon({ home: folder, port: 0 });
    await second.close();
    assert.notEqual(first.token, second.token);
    assert.ok(first.token.length >= 43);
  });

  it("is taken over from a daemon that died", async () => {
    const pid = await deadPid();
    await writeFile(join(folder, "daemon.lock"), `${pid}\n`);
    await writeFile(join(folder, "daemon.json"), JSON.stringify({ url: "http://127.0.0.1:9", token: "t", pid, version: "0" }));
    assert.equal(await findDaemon(folder), null);
    const daemon = await startDaemon({ home: folder, port: 0 });
    assert.ok(daemon.owned);
    await daemon.close();
  });

  it("is taken over when the dead daemon's pid is another program's now", async () => {
    // This process lives and is no daemon of this folder.
    await writeFile(join(folder, "daemon.lock"), `${process.pid}\n`);
    const outcome = await takeLock({ home: folder, pid: process.pid + 1, graceMs: 0 });
    assert.equal(outcome.kind, "taken");
  });

  it("is taken over by one only when many start at once; the others find it", async () => {
    await writeFile(join(folder, "daemon.lock"), `${await deadPid()}\n`);
    const daemons = await Promise.all(Array.from({ length: 5 }, () => startDaemon({ home: folder, port: 0 })));
    assert.equal(daemons.filter(({ owned }) => owned).length, 1);
    assert.equal(new Set(daemons.map(({ url }) => url)).size, 1);
    await Promise.all(daemons.map((daemon) => daemon.close()));
  });
});

describe("a daemon that cannot start says why", () => {
  it("a busy port", async () => {
    const other = createServer().listen(0, "127.0.0.1");
    await once(other, "listening");
    const address = other.address();
    assert.ok(typeof address === "object" && address !== null);
    const error = await failureOf(startDaemon({ home: folder, port: address.port }));
    assert.equal(error.code, "port_in_use");
    assert.match(error.message, new RegExp(`${address.port}`));
    other.close();
    // Nothing is left behind that would keep the next from starting.
    const daemon = await startDaemon({ home: folder, port: 0 });
    await daemon.close();
  });

  it("an empty address, at which Node would listen for the whole network", async () => {
    const error = await failureOf(startDaemon({ home: folder, host: "", port: 0 }));
    assert.deepEqual([error.code, error.param], ["config_invalid", "server.host"]);
  });

  it("a state folder that cannot be one", async () => {
    await writeFile(join(folder, "file"), "");
    assert.equal((await failureOf(startDaemon({ home: join(folder, "file", "home"), port: 0 }))).code, "home_unwritable");
  });

  it("a missing and a wrong configuration", async () => {
    const config = join(folder, "inferno.yaml");
    assert.equal((await failureOf(startDaemon({ home: folder, port: 0, config }))).code, "config_missing");
    await writeFile(config, "models:\n  a:\n    sauce: x.gguf\n");
    const error = await failureOf(startDaemon({ home: folder, port: 0, config }));
    assert.equal(error.code, "config_invalid");
    assert.match(error.message, /inferno\.yaml:3:5: models\.a\.sauce: no such key\. Did you mean "source"\?/);
  });
});

describe("attached configurations", () => {
  it("that name a model differently are refused, and nothing changes", async () => {
    await using gateway = await startTestDaemon({ home: folder, yaml: { models: { one: { source: "fake:echo" } } } });
    const config = join(folder, "other.yaml");
    await writeFile(config, "models:\n  one:\n    source: fake:reverse\n  two:\n    source: fake:echo\n");
    const error = await failureOf(gateway.client.call("attach", { body: { pid: process.pid, config } }));
    assert.equal(error.code, "alias_conflict");
    assert.match(error.message, /"one".*fake:echo.*fake:reverse/);
    assert.deepEqual((await gateway.client.call("models")).models.map(({ name }) => name), ["ember", "one"]);
    assert.equal((await failureOf(gateway.client.call("attach", { body: { pid: 1, config: "here.yaml" } }))).param, "config");
  });

  it("are read anew, and a changed model is loaded anew", async () => {
    await using gateway = await startTestDaemon({ home: folder, yaml: { models: { one: { source: "fake:echo" } } } });
    const ask = async () => (await gateway.client.call("chatCompletions", { body: { model: "one", messages: [user("abc")] } })).choices[0]?.message.content;
    assert.equal(await ask(), "abc");
    const config = join(folder, "inferno.yaml");
    await writeFile(config, "models:\n  one:\n    source: fake:reverse\n");
    await gateway.client.call("attach", { body: { pid: process.pid, config } });
    assert.equal(await ask(), "cba");
  });
});

describe("the end of a daemon", () => {
  it("comes after the requests in work, and refuses new ones", async () => {
    await using gateway = await startTestDaemon({ home: folder, yaml: { models: { slow: { source: "fake:say?text=a%20b%20c%20d%20e%20f&tokenUs=60000" } } } });
    const { client, daemon } = gateway;
    const chunks = client.stream("chatCompletions", { body: { model: "slow", messages: [user("go")], stream: true } });
    await chunks.next();
    const { pid } = (await client.call("models")).models.find(({ name }) => name === "slow")!;
    assert.equal((await client.call("stop")).pid, process.pid);
    assert.equal((await failureOf(client.call("chatCompletions", { body: { model: "slow", messages: [user("go")] } }))).code, "daemon_stopping");
    let text = "";
    for await (const chunk of chunks) text += chunk.choices[0]?.delta.content ?? "";
    assert.equal(text, "a b c d e f");
    await daemon.closed;
    assert.throws(() => process.kill(pid!, 0), { code: "ESRCH" });
    assert.equal((await failureOf(client.call("health"))).code, "daemon_unreachable");
  });

  it("comes when its owner and all attached processes are gone", async () => {
    const owner = spawn(process.execPath, ["-e", "setInterval(() => {}, 1000)"], { stdio: "ignore" });
    const second = spawn(process.execPath, ["-e", "setInterval(() => {}, 1000)"], { stdio: "ignore" });
    const { daemon, client } = await startTestDaemon({ home: folder, owner: owner.pid, ownerGraceMs: 100 });
    await client.call("attach", { body: { pid: second.pid! } });
    owner.kill("SIGKILL");
    await once(owner, "exit");
    assert.equal((await client.call("health")).status, "ok");
    second.kill("SIGKILL");
    await daemon.closed;
  });
});

describe("a trace store that does not work", () => {
  it("costs no answer; only reading traces says so", async () => {
    await mkdir(join(folder, "traces.db"));
    await using gateway = await startTestDaemon({ home: folder, yaml: { models: { echo: { source: "fake:echo" } } } });
    const answer = await gateway.client.call("chatCompletions", { body: { model: "echo", messages: [user("hi")] } });
    assert.equal(answer.choices[0]?.message.content, "hi");
    await eventually("the failure to be logged", async () => (await readFile(join(folder, "logs", "daemon.log"), "utf8")).includes("store_failed"));
    assert.equal((await failureOf(gateway.client.call("traces"))).code, "store_failed");
  });
});

describe("traces", () => {
  it("outlive the daemon, as many as the configuration keeps, without text if it says so", async () => {
    const yaml = { models: { echo: { source: "fake:echo" } }, traces: { keep: 3, text: false } };
    const first = await startTestDaemon({ home: folder, yaml });
    for (let index = 0; index < 5; index += 1) await first.client.call("chatCompletions", { body: { model: "echo", messages: [user("a secret")] } });
    const before = (await first.client.call("traces")).traces.slice(0, 3);
    await first.daemon.close();
    await using second = await startTestDaemon({ home: folder, yaml });
    const { traces } = await second.client.call("traces");
    assert.deepEqual(traces, before);
    const trace = await second.client.call("trace", { params: { id: traces[0]!.id } });
    assert.deepEqual([trace.prompt, trace.completion], [null, null]);
    assert.ok(!JSON.stringify(trace).includes("secret"));
    assert.ok(trace.spans.length > 5);
  });
});
