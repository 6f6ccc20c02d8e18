import assert from "node:assert/strict";
import { closeSync, existsSync, mkdtempSync, openSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, describe, test } from "node:test";
import { ErrorBody } from "../../../protocol/errors.ts";
import { runCli } from "../../../runtime/cli/cli.ts";
import { eventually } from "../../drivers/eventually.ts";
import { fakeTerminal } from "../../drivers/fake-terminal.ts";
import { Inferno, inferno } from "./inferno.ts";

describe("inferno run", () => {
  const home = mkdtempSync(join(tmpdir(), "inferno-run-"));
  after(() => rmSync(home, { recursive: true, force: true }));
  /** In this process; the daemon it starts, and the model's process, are real. */
  const call = async (args: string[], input = "") => {
    const terminal = fakeTerminal({ input, env: { INFERNO_HOME: home }, cwd: home });
    return { code: await runCli(args, terminal, "1"), ...terminal.printed };
  };
  const greedy = ["--temperature", "0"];

  test("answers from Ember without a daemon, tells how fast, and leaves a trace", async () => {
    const { code, stdout, stderr } = await inferno(home, ["run", "ember", "What is 17 + 25?", ...greedy]);
    assert.equal(code, 0, stderr);
    assert.equal(stdout, "17 + 25 = 42\n");
    const id = /^TTFT [\d.]+ .?s · [\d.]+ tokens\/s · \d+ \+ \d+ tokens · trace (\w+)\n$/.exec(stderr)?.[1];
    assert.ok(id !== undefined, stderr);
    assert.equal(existsSync(join(home, "daemon.json")), false);
    const trace = await call(["traces", id]);
    assert.match(trace.stdout, /└─ respond/);
    assert.match(trace.stdout, /decode ×\d+/);
    assert.match((await call(["traces"])).stdout, new RegExp(id));
    assert.equal((await call(["traces", "nope"])).code, 4);
  });

  test("takes the prompt from stdin and answers as JSON", async () => {
    const { code, stdout } = await call(["run", "ember", "--json", "--seed", "1", "--max-tokens", "3"], "Tell me a story\n");
    assert.equal(code, 0);
    const answer = JSON.parse(stdout) as Record<string, unknown>;
    assert.deepEqual(Object.keys(answer), ["model", "text", "usage", "timings", "traceId", "finishReason"]);
    assert.equal(answer["finishReason"], "length");
    assert.equal(stdout.trimEnd().includes("\n"), false);
  });

  test("sampling flags reach the model: stop, seed, system, and the daemon's own check of ranges", async () => {
    const stopped = await call(["run", "ember", "What is 17 + 25?", ...greedy, "--stop", "=", "--stop", "never"]);
    assert.equal(stopped.stdout.trimEnd(), "17 + 25");
    const twice = await Promise.all([1, 2].map(() => call(["run", "ember", "Tell me a story", "--seed", "7", "--max-tokens", "12"])));
    assert.equal(twice[0]?.stdout, twice[1]?.stdout);
    const warm = await call(["run", "ember", "x", "--temperature", "3", "--json"]);
    assert.equal(warm.code, 2);
    assert.equal(ErrorBody.parse(JSON.parse(warm.stdout)).error.param, "temperature");
  });

  test("continues text with a completion model, which takes no system message", async () => {
    const source = join(import.meta.dirname, "..", "..", "..", "runtime", "models", "ember", "ember-q8_0.gguf");
    writeFileSync(join(home, "text.yaml"), `models:\n  plain: { source: ${JSON.stringify(source)}, task: completion }\n`);
    const config = ["--config", "text.yaml"];
    const { code, stdout, stderr } = await call(["run", "plain", "Once upon a", ...config, ...greedy, "--max-tokens", "4"]);
    assert.equal(code, 0, stderr);
    assert.match(stdout, /\S/);
    assert.match(stderr, /stopped at the limit/);
    assert.equal((await call(["run", "plain", "x", ...config, "--system", "y"])).code, 2);
  });

  test("output that cannot be written is an error, and no stack trace", { skip: !existsSync("/dev/full") }, async () => {
    const full = openSync("/dev/full", "w");
    const running = new Inferno(home, ["run", "ember", "hi"], { stdout: full });
    running.process.stdin?.end();
    const { code, stderr } = await running.ended();
    closeSync(full);
    assert.deepEqual({ code, stderr }, { code: 1, stderr: "error: The output cannot be written: ENOSPC: no space left on device, write.\n" });
  });

  test("profile: every operation of some steps, by operator and by layer, as text and as JSON", async () => {
    const { code, stdout, stderr } = await call(["profile", "ember", "Tell me a story", "--ops", "--tokens", "8", "--steps", "4-6"]);
    assert.equal(code, 0, stderr);
    // Which takes longest is the machine's affair.
    for (const line of [/^OPERATOR .*GB\/S/, /^MUL_MAT +29\.0 /m, /^layer 0 /m, /^layer 3 /m, /^outside the layers /m, /^Limits of .* GB\/s/m, /The instrument's part: /]) assert.match(stdout, line);
    const json = JSON.parse((await call(["profile", "ember", "Tell me a story", "--steps", "0", "--json"])).stdout) as { operators: { name: string; share: number }[]; steps: unknown };
    assert.deepEqual(json.steps, { profiled: 1, unprofiled: 0, batch: 1 });
    assert.ok(Math.abs(json.operators.reduce((sum, { share }) => sum + share, 0) - 1) < 1e-9);
    assert.equal((await call(["profile", "ember", "x", "--steps", "9-4"])).code, 2);
    assert.equal((await call(["profile", "ember", "x", "--steps", "4-9", "--tokens", "6"])).code, 2);
    assert.equal((await call(["profile", "ember", ""])).code, 2);
  });

  test("an unknown model is told with the names there are", async () => {
    const { code, stdout, stderr } = await call(["run", "embre", "x"]);
    assert.equal(code, 4);
    assert.equal(stdout, "");
    assert.match(stderr, /error: .*embre.*\(model_not_found\)\nhint: /);
  });

  describe("an answer without end", () => {
    // Counts until it is stopped: whatever ends it, it was not the model.
    writeFileSync(join(home, "endless.yaml"), "models:\n  endless: { source: \"fake:count?tokenUs=500\", context: 1000000 }\n");
    const count = (): Inferno => {
      const running = new Inferno(home, ["run", "endless", "count", "--config", "endless.yaml"], { env: { INFERNO_ALLOW_FAKE: "1" } });
      running.process.stdin?.end();
      return running;
    };

    test("Ctrl-C ends it with 130, and the trace says cancelled", async () => {
      const running = count();
      await running.printed(/\d/);
      running.process.kill("SIGINT");
      const { code, stderr } = await running.ended();
      assert.equal(code, 130, stderr);
      assert.doesNotMatch(stderr, /error/);
      assert.match((await call(["traces"])).stdout, /endless +request_cancelled|endless +cancelled/);
    });

    test("a reader that leaves ends it without a word", async () => {
      const running = count();
      await running.printed(/\d/);
      running.process.stdout?.destroy();
      const { code, stderr } = await running.ended();
      assert.equal(code, 141, stderr);
      assert.equal(stderr, "");
    });
  });

  test("talks when there is no prompt, with what was said before, until /bye", async () => {
    const terminal = fakeTerminal({ tty: true, env: { INFERNO_HOME: home, NO_COLOR: "1" }, cwd: home });
    const done = runCli(["run", "ember", ...greedy], terminal, "1");
    const says = (pattern: RegExp) => eventually(String(pattern), async () => pattern.test(terminal.printed.stdout));
    await eventually("the prompt", async () => terminal.printed.stderr.includes("/bye leaves"));
    terminal.type("What is 17 + 25?\n");
    await says(/17 \+ 25 = 42/);
    await eventually("the summary", async () => terminal.printed.stderr.includes("trace"));
    terminal.type("What is 2 + 2?\n");
    await says(/4$/);
    terminal.type("/bye\n");
    assert.equal(await done, 0);
  });

  test("Ctrl-D while an answer comes lets it end, and leaves", async () => {
    const terminal = fakeTerminal({ tty: true, input: "What is 17 + 25?\n", env: { INFERNO_HOME: home, NO_COLOR: "1" }, cwd: home });
    const code = await runCli(["run", "ember", ...greedy], terminal, "1");
    assert.deepEqual({ code, stdout: terminal.printed.stdout }, { code: 0, stdout: "17 + 25 = 42" });
    assert.doesNotMatch(terminal.printed.stderr, /error/);
  });
});
