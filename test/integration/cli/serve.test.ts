import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer, type AddressInfo } from "node:net";
import { once } from "node:events";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, describe, test } from "node:test";
import { Client } from "../../../protocol/client/index.ts";
import { ErrorBody } from "../../../protocol/errors.ts";
import { isAlive } from "../../../runtime/daemon/lock.ts";
import { Inferno, inferno } from "./inferno.ts";

interface Address {
  readonly url: string;
  readonly token: string;
  readonly pid: number;
}

describe("inferno serve", () => {
  const homes: string[] = [];
  const freshHome = (): string => {
    const home = mkdtempSync(join(tmpdir(), "inferno-serve-"));
    homes.push(home);
    return home;
  };
  const running: Inferno[] = [];
  const serve = (home: string, ...args: string[]): Inferno => {
    const started = new Inferno(home, ["serve", ...args]);
    running.push(started);
    return started;
  };
  after(async () => {
    for (const each of running) each.process.kill("SIGKILL");
    await Promise.all(running.map((each) => each.ended()));
    for (const home of homes) rmSync(home, { recursive: true, force: true });
  });

  test("--port 0 --json prints exactly one line, a second one the same, and stop ends it", async () => {
    const home = freshHome();
    const first = serve(home, "--port", "0", "--json");
    const [line = ""] = await first.printed(/^.*\n/);
    const address = JSON.parse(line) as Address;
    assert.deepEqual(Object.keys(address).sort(), ["pid", "token", "url"]);
    assert.equal(address.pid, first.process.pid);
    const health = await new Client(address).call("health");
    assert.equal(health.pid, address.pid);

    const second = await inferno(home, ["serve", "--port", "0", "--json"]);
    assert.equal(second.code, 0);
    assert.deepEqual(JSON.parse(second.stdout), address);
    assert.equal(second.stdout, line);

    const told = await inferno(home, ["serve"]);
    assert.match(told.stdout, /runs already \(pid \d+\)/);
    assert.ok(told.stdout.includes(`${address.url}/playground#token=${address.token}`));

    assert.equal((await inferno(home, ["ps", "--json"])).code, 0);
    assert.deepEqual(JSON.parse((await inferno(home, ["stop", "--json"])).stdout), { pid: address.pid });
    assert.equal(isAlive(address.pid), false, "stop returns when it has ended");
    assert.deepEqual(await first.ended(), { code: 0, stdout: line, stderr: "" });
    assert.equal((await inferno(home, ["ps"])).code, 7);
  });

  test("serves the configuration in its folder, and a second one brings its own", async () => {
    const home = freshHome();
    writeFileSync(join(home, "inferno.yaml"), "models:\n  one: { source: one.gguf }\nserver: { port: 0 }\n");
    writeFileSync(join(home, "other.yaml"), "models:\n  two: { source: two.gguf }\n");
    const daemon = serve(home);
    await daemon.printed(/Models .*\n/);
    assert.match(daemon.stdout, /Models +.*ember.*one|one.*ember/);
    assert.match((await inferno(home, ["serve", "--config", "other.yaml"])).stdout, /two/);
    const models = await inferno(home, ["models"]);
    assert.match(models.stdout, new RegExp(`two +chat +unloaded +${join(home, "two.gguf")}`));
    writeFileSync(join(home, "third.yaml"), "models:\n  three: { source: three.gguf }\n");
    assert.match((await inferno(home, ["models", "--config", "third.yaml"])).stdout, /three +chat/, "asked for, so added to the running daemon");
    assert.equal((await inferno(home, ["models", "--config", "nowhere.yaml"])).code, 2);
    daemon.process.kill("SIGINT");
    assert.equal((await daemon.ended()).code, 0, "Ctrl-C ends it in order");
  });

  test("a busy port and a broken configuration are told, with their exit codes", async () => {
    const home = freshHome();
    const server = createServer().listen(0, "127.0.0.1");
    await once(server, "listening");
    const { port } = server.address() as AddressInfo;
    const busy = await inferno(home, ["serve", "--port", String(port), "--json"]);
    server.close();
    assert.equal(busy.code, 7);
    assert.equal(ErrorBody.parse(JSON.parse(busy.stdout)).error.code, "port_in_use");

    assert.equal((await inferno(home, ["serve", "--config", "nowhere.yaml"])).code, 2);
    writeFileSync(join(home, "inferno.yaml"), "models:\n  a: { sauce: x }\n");
    const broken = await inferno(home, ["serve"]);
    assert.equal(broken.code, 2);
    assert.match(broken.stderr, /inferno\.yaml:2:\d+: models\.a\.sauce/);
  });

  test("--owner ends it with its owner", async () => {
    const home = freshHome();
    const owner = new Inferno(home, ["run", "ember"]); // Waits for stdin.
    const daemon = serve(home, "--port", "0", "--json", "--owner", String(owner.process.pid));
    await daemon.printed(/\n/);
    owner.process.kill("SIGKILL");
    assert.equal((await daemon.ended()).code, 0);
  });
});
