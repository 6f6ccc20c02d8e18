import assert from "node:assert/strict";
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { suite, test, type TestContext } from "node:test";
import { launchDaemon } from "../../../extension/daemon/launch.ts";
import { eventually } from "../../drivers/eventually.ts";
import { isAlive } from "../../../runtime/daemon/lock.ts";

/** Starts a program that behaves as `code` says in place of the daemon. */
const setup = (context: TestContext, code: string) => {
  const folder = mkdtempSync(join(tmpdir(), "inferno-launch-"));
  const [program, home] = [join(folder, "daemon.mjs"), join(folder, "home")];
  writeFileSync(program, code);
  context.after(() => rmSync(folder, { recursive: true, force: true }));
  const abort = new AbortController();
  const lines: string[] = [];
  return { home, abort, lines, launch: () => launchDaemon({ program, home, onLine: (line) => lines.push(line), signal: abort.signal }) };
};

suite("launching the daemon", () => {
  test("with the editor's Node, in the state folder, for this process", async (context) => {
    const { home, launch } = setup(context, `
      import { writeFileSync } from "node:fs";
      writeFileSync("seen.json", JSON.stringify({ args: process.argv.slice(2), home: process.env.INFERNO_HOME, node: process.env.ELECTRON_RUN_AS_NODE }));
      console.log(JSON.stringify({ url: "http://127.0.0.1:1", token: "t", pid: process.pid }));
    `);
    const { url, token } = await launch();
    assert.deepEqual([url, token], ["http://127.0.0.1:1", "t"]);
    assert.deepEqual(JSON.parse(readFileSync(join(home, "seen.json"), "utf8")), {
      args: ["serve", "--port", "0", "--json", "--owner", String(process.pid)], home, node: "1",
    });
  });

  test("its own error comes through", async (context) => {
    const error = { code: "home_unwritable", message: "No.", type: "server_error", param: null, hint: "Do." };
    const { launch } = setup(context, `console.log(${JSON.stringify(JSON.stringify({ error }))}); process.exitCode = 7;`);
    await assert.rejects(launch(), { code: "home_unwritable", message: "No." });
  });

  test("a daemon that ends without a word, with what it wrote to stderr", async (context) => {
    const { launch, lines } = setup(context, `console.error("cannot"); process.exitCode = 3;`);
    await assert.rejects(launch(), { code: "daemon_unreachable", message: /exit code 3/ });
    assert.deepEqual(lines, ["cannot"]);
  });

  test("an abort ends the process that was not ready yet", async (context) => {
    const { home, abort, launch } = setup(context, `
      import { writeFileSync } from "node:fs";
      writeFileSync("pid", String(process.pid));
      setInterval(() => {}, 1000);
    `);
    const launching = launch();
    launching.catch(() => undefined);
    const file = join(home, "pid");
    const pid = await eventually("the process", () => Promise.resolve(existsSync(file) ? Number(readFileSync(file, "utf8")) || undefined : undefined));
    abort.abort();
    await assert.rejects(launching);
    await eventually("its end", () => Promise.resolve(!isAlive(pid)));
  });
});
