import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, describe, test } from "node:test";
import type { ModelStatus } from "../../../../protocol/api/inferno.ts";
import { ErrorBody } from "../../../../protocol/errors.ts";
import type { ModelInfo } from "../../../../protocol/model.ts";
import { runCli } from "../../../../runtime/cli/cli.ts";
import { forecastLines } from "../../../../runtime/cli/commands/fit.ts";
import { modelTable } from "../../../../runtime/cli/commands/models.ts";
import { processTable } from "../../../../runtime/cli/commands/ps.ts";
import { traceTable } from "../../../../runtime/cli/commands/traces.ts";
import { chooseConfig, makeContext } from "../../../../runtime/cli/context.ts";
import { plain } from "../../../../runtime/cli/format/paint.ts";
import { Stopped } from "../../../../runtime/cli/terminal.ts";
import { fakeTerminal, type FakeTerminalOptions } from "../../../drivers/fake-terminal.ts";
import { matchesGolden } from "../../../drivers/golden.ts";

const home = mkdtempSync(join(tmpdir(), "inferno-cli-"));
after(() => rmSync(home, { recursive: true, force: true }));

async function inferno(args: string[], options: FakeTerminalOptions = {}) {
  const terminal = fakeTerminal({ env: { INFERNO_HOME: home }, cwd: home, ...options });
  const code = await runCli(args, terminal, "1.2.3");
  return { code, ...terminal.printed };
}

describe("help", () => {
  const commands = ["", "serve", "run", "ps", "models", "models add", "inspect", "fit", "quantize", "stop", "trace", "trace ls", "trace show", "trace export", "trace diff", "trace top", "traces", "profile", "doctor", "lsp", "completion", "gpu", "gpu install", "gpu list", "gpu remove"];
  for (const command of commands) {
    test(`inferno ${command} --help`, async () => {
      const { code, stdout, stderr } = await inferno([...command.split(" ").filter(Boolean), "--help"]);
      assert.equal(code, 0);
      assert.equal(stderr, "");
      matchesGolden(`cli/help${command === "" ? "" : `-${command.replace(" ", "-")}`}.txt`, stdout);
    });
  }

  test("without a command it is on stderr, and the exit code says so", async () => {
    const { code, stdout, stderr } = await inferno([]);
    assert.equal(code, 2);
    assert.equal(stdout, "");
    assert.match(stderr, /^Usage: inferno/);
  });

  test("the version", async () => {
    assert.deepEqual(await inferno(["--version"]), { code: 0, stdout: "1.2.3\n", stderr: "" });
  });
});

describe("a wrong command line", () => {
  const wrong: [args: string[], message: RegExp][] = [
    [["sevre"], /unknown command 'sevre'.*serve/],
    [["run"], /missing required argument 'model'/],
    [["ps", "--colour"], /unknown option '--colour'/],
    [["ps", "too", "much"], /too many arguments/],
    [["serve", "--port", "70000"], /--port.*0 to 65535/],
    [["serve", "--owner", "0"], /--owner.*process id/],
    [["run", "ember", "x", "--top-k", "1.5"], /--top-k.*whole number/],
    [["run", "ember", "x", "--temperature", "warm"], /--temperature.*a number/],
    [["run", "ember", ""], /prompt is empty/],
    [["run", "ember"], /prompt is empty/],
    [["gpu", "install", "rocm"], /no GPU library "rocm"/],
    [["completion", "tcsh"], /no completion for "tcsh"/],
  ];
  for (const [args, message] of wrong) {
    test(args.join(" "), async () => {
      const { code, stdout, stderr } = await inferno(args, { input: "" });
      assert.equal(code, 2);
      assert.equal(stdout, "");
      assert.match(stderr, /^error: .* \(usage\)\nhint: .+\n$/);
      assert.match(stderr, message);
    });
  }

  test("with --json is one line of the API's error shape on stdout", async () => {
    const { code, stdout, stderr } = await inferno(["run", "--json"]);
    assert.equal(code, 2);
    assert.equal(stderr, "");
    assert.equal(ErrorBody.parse(JSON.parse(stdout)).error.code, "usage");
    assert.equal(stdout.trimEnd().split("\n").length, 1);
  });
});

describe("without a daemon", () => {
  test("ps says so", async () => {
    const { code, stderr } = await inferno(["ps"]);
    assert.equal(code, 7);
    assert.match(stderr, /daemon_unreachable[^]*inferno serve/);
  });

  test("stop has nothing to do", async () => {
    assert.deepEqual(await inferno(["stop"]), { code: 0, stdout: "No daemon is running.\n", stderr: "" });
    assert.deepEqual(await inferno(["--json", "stop"]), { code: 0, stdout: '{"pid":null}\n', stderr: "" });
    assert.equal((await inferno(["stop", "ember"])).code, 7);
  });

  test("a record that a crash left behind does not count", async () => {
    const folder = mkdtempSync(join(home, "stale-"));
    writeFileSync(join(folder, "daemon.json"), JSON.stringify({ url: "http://127.0.0.1:1", token: "t", pid: process.pid, version: "1" }));
    assert.equal((await inferno(["ps", "--home", folder])).code, 7);
  });
});

test("being stopped decides the exit code, whatever failed because of it", async () => {
  const terminal = fakeTerminal({ env: { INFERNO_HOME: home } });
  terminal.stop(new Stopped(130));
  assert.equal(await runCli(["ps", "--json"], terminal, "1"), 130);
  assert.equal(ErrorBody.parse(JSON.parse(terminal.printed.stdout)).error.code, "request_cancelled");
});

test("the configuration: asked for, here, in the state folder, or none", () => {
  const here = mkdtempSync(join(home, "here-"));
  const state = mkdtempSync(join(home, "state-"));
  const context = makeContext(fakeTerminal({ cwd: here }), { home: state });
  assert.equal(chooseConfig(context, undefined), undefined);
  writeFileSync(join(state, "inferno.yaml"), "");
  assert.equal(chooseConfig(context, undefined), join(state, "inferno.yaml"));
  writeFileSync(join(here, "inferno.yaml"), "");
  assert.equal(chooseConfig(context, undefined), join(here, "inferno.yaml"));
  assert.equal(chooseConfig(context, "other.yaml"), join(here, "other.yaml"));
});

describe("tables", () => {
  const status = (name: string, rest: Partial<ModelStatus>): ModelStatus => ({
    name, task: "chat", source: `/models/${name}.gguf`, origin: "/project/inferno.yaml", state: "unloaded", progress: null, pid: null, rssBytes: null,
    running: 0, queued: 0, tokensPerSecond: null, context: null, memory: null, info: null, error: null, ...rest,
  });
  const parts = { weights: 2_840_000, kv: 4_190_000, compute: 6_100_000, total: 13_130_000 };
  const memory = { predicted: parts, measured: { ...parts, rss: 60_000_000, anonymous: 40_000_000 }, devices: [{ name: "CPU", predicted: parts.total, free: 8e9 }], models: [{ name: "ember-q8_0.gguf", predicted: parts, measured: parts }] };
  const info: ModelInfo = {
    engine: "llama", architecture: "llama", name: "Ember", parameters: 1, sizeBytes: 1, quantization: "Q8_0", trainedContext: 1024, vocabulary: 4,
    chatTemplate: null, bosToken: "", eosToken: "", library: "llama.cpp", device: { kind: "cuda", name: "Card", layers: 5, reason: "" },
  };
  const models = [
    status("ember", { origin: "embedded", state: "ready", info, pid: 4711, rssBytes: 61_300_000, memory, running: 1, queued: 2, tokensPerSecond: 812.3, context: 1024 }),
    status("big", { state: "downloading", progress: 0.257, task: "completion", source: "hf:owner/repository:Q8_0" }),
    status("bad", { state: "failed", error: { code: "model_file_invalid", message: "m", hint: "h" } }),
  ];

  test("models", () => matchesGolden("cli/models.txt", modelTable(models, plain).join("\n") + "\n"));
  test("ps", () => matchesGolden("cli/ps.txt", processTable(models, plain).join("\n") + "\n"));
  test("fit", () => {
    const device = { name: "CPU", weights: 531_000_000, kv: 403_000_000, compute: 46_000_000, total: 980_000_000 };
    const asked = { kind: "generation" as const, context: 8192, parallel: 4, kvType: "f16" as const, kvCells: 32_768, largestContext: null, largestKvCells: null, smallerParallel: null, smallerKvType: null, models: [] };
    const fits = forecastLines({ ...asked, fits: true, devices: [{ ...device, free: 8e9 }] }, plain);
    const gpu = { name: "CUDA0", weights: 0, kv: 0, compute: 0, total: 0, free: null };
    const draft = { name: "draft.gguf", weights: 31_000_000, kv: 3_000_000, compute: 6_000_000, total: 40_000_000 };
    const models = [{ name: "model.gguf", weights: 500_000_000, kv: 400_000_000, compute: 40_000_000, total: 940_000_000 }, draft];
    const not = forecastLines({ ...asked, models, fits: false, devices: [{ ...device, free: 7e8 }, gpu], largestContext: 2304, smallerParallel: 1, smallerKvType: "q8_0" }, plain);
    const never = forecastLines({ ...asked, fits: false, devices: [{ ...device, free: 1e8 }] }, plain);
    const plainDevice = { ...device, kv: 0, free: 7e8 };
    const embeds = forecastLines({ kind: "embedding", fits: false, context: 512, batch: 4096, largestContext: 448, devices: [plainDevice], models: [] }, plain);
    const runs = forecastLines({ kind: "graphs", fits: false, devices: [plainDevice], models: [] }, plain);
    matchesGolden("cli/fit.txt", [...fits, "", ...not, "", ...never, "", ...embeds, "", ...runs, ""].join("\n"));
  });
  test("traces", () => {
    const common = { model: "ember", route: "/v1/chat/completions", promptTokens: 24, durationUs: 42_100 };
    const rows = [
      { ...common, id: "01B", startedAt: "2026-01-02T03:04:05Z", status: "ok" as const, errorCode: null, completionTokens: 9, ttftUs: 5900, tokensPerSecond: 812.3 },
      { ...common, id: "01A", startedAt: "2026-01-02T03:00:00Z", status: "error" as const, errorCode: "queue_full", completionTokens: 0, ttftUs: null, tokensPerSecond: null },
    ];
    matchesGolden("cli/traces.txt", traceTable(rows, Date.parse("2026-01-02T03:05:00Z"), plain).join("\n") + "\n");
    assert.match(traceTable([], 0, plain).join("\n"), /No traces yet/);
  });
});
