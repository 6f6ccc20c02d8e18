import assert from "node:assert/strict";
import { existsSync, mkdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, test } from "node:test";
import { runCli } from "../../../../runtime/cli/cli.ts";
import { printable } from "../../../../runtime/cli/format/printable.ts";
import { readTraceFile } from "../../../../runtime/trace-file/read.ts";
import { contentOf, tracesOf } from "../../../../protocol/trace-file/request-trace.ts";
import { encodeWhole } from "../../../../protocol/trace-file/whole.ts";
import { TraceDifference } from "./trace-shapes.ts";
import { fakeTerminal } from "../../../drivers/fake-terminal.ts";
import { matchesGolden } from "../../../drivers/golden.ts";
import { sampleTrace } from "../../protocol/trace-file/sample.ts";
import { temporaryFolder } from "../onnx-file/files.ts";

async function trace(folder: string, ...args: string[]) {
  const terminal = fakeTerminal({ cwd: folder, env: { INFERNO_HOME: folder } });
  const code = await runCli(["trace", ...args], terminal, "1.2.3");
  return { code, ...terminal.printed };
}

/** The sample, and one of another model that took longer to decode. */
async function put(folder: string): Promise<void> {
  writeFileSync(join(folder, "a.inferno-trace"), await encodeWhole(contentOf(sampleTrace())));
  const slower = sampleTrace();
  const spans = slower.spans.filter(({ name }) => name !== "queue").map((span) => (span.name === "decode" ? { ...span, durationUs: span.durationUs * 2 } : span));
  writeFileSync(join(folder, "b.inferno-trace"), await encodeWhole(contentOf({ ...slower, model: "\u001b[31mowl", parameters: { temperature: 0 }, reuse: null, spans })));
}

test("a file as a tree, by self time, and against another", async (t) => {
  const folder = temporaryFolder(t);
  await put(folder);
  for (const [name, args] of [["show", ["show", "a.inferno-trace"]], ["top", ["top", "./a.inferno-trace", "--limit", "4"]], ["diff", ["diff", "a.inferno-trace", "b.inferno-trace"]]] as const) {
    const { code, stdout, stderr } = await trace(folder, ...args);
    assert.deepEqual([code, stderr], [0, ""]);
    assert.equal(stdout.includes("\u001b"), false, "a stranger's text does not reach the terminal as it is");
    matchesGolden(`cli/trace-${name}.txt`, stdout);
  }
});

test("with --json", async (t) => {
  const folder = temporaryFolder(t);
  await put(folder);
  assert.deepEqual(JSON.parse((await trace(folder, "show", "a.inferno-trace", "--json")).stdout), sampleTrace());
  const { wallUs, stages } = JSON.parse((await trace(folder, "top", "a.inferno-trace", "--json", "--limit", "1")).stdout) as { wallUs: number; stages: { name: string; count: number; selfUs: number }[] };
  assert.deepEqual([wallUs, stages.map(({ name, count, selfUs }) => [name, count, selfUs])], [10_000, [["decode", 3, 5250]]]);
  const { stages: different, facts } = TraceDifference.parse(JSON.parse((await trace(folder, "diff", "a.inferno-trace", "b.inferno-trace", "--json")).stdout));
  assert.deepEqual([different[0]?.name, different[0]?.differenceUs], ["decode", 5250]);
  assert.deepEqual(facts.find(({ fact }) => fact === "parameter temperature"), { fact: "parameter temperature", before: 0.7, after: 0 });
  assert.ok(facts.some(({ fact, after }) => fact === "reused tokens" && after === null));
});

test("export: what is written can be read again, and is nobody else's to read", async (t) => {
  const folder = temporaryFolder(t);
  await put(folder);
  for (const format of ["inferno", "chrome", "speedscope", "cpuprofile", "otlp"]) {
    const { code, stdout } = await trace(folder, "export", "a.inferno-trace", "--format", format, "--out", `copy-${format}`, "--json");
    const said = JSON.parse(stdout) as { file: string; bytes: number };
    assert.deepEqual([code, said.file, said.bytes], [0, join(folder, `copy-${format}`), statSync(join(folder, `copy-${format}`)).size]);
    const shown = await trace(folder, "show", `./copy-${format}`);
    assert.deepEqual([shown.code, shown.stderr], [0, ""]);
    assert.match(shown.stdout, /decode/);
  }
  assert.deepEqual(tracesOf(await readTraceFile(join(folder, "copy-inferno"))), [sampleTrace()]);
  if (process.platform !== "win32") assert.equal(statSync(join(folder, "copy-inferno")).mode & 0o077, 0);
});

test("export with --redact has a name that says so, and no text", async (t) => {
  const folder = temporaryFolder(t);
  await put(folder);
  assert.equal((await trace(folder, "export", "a.inferno-trace", "--redact", "--format", "otlp")).code, 0);
  assert.doesNotMatch(readFileSync(join(folder, "a.redacted.otlp.json"), "utf8"), /Paris|ember|somebody/);
});

test("a file that is there stays, unless --force", async (t) => {
  const folder = temporaryFolder(t);
  await put(folder);
  writeFileSync(join(folder, "mine.json"), "precious");
  const { code, stderr } = await trace(folder, "export", "a.inferno-trace", "--format", "chrome", "--out", "mine.json");
  assert.deepEqual([code, readFileSync(join(folder, "mine.json"), "utf8")], [2, "precious"]);
  assert.match(stderr, /is there already[^]*--force/);
  assert.equal((await trace(folder, "export", "a.inferno-trace", "--format", "chrome", "--out", "mine.json", "--force")).code, 0);
});

describe("bad input", () => {
  const bad: [name: string, content: string | Uint8Array | null, code: number, message: RegExp][] = [
    ["gone.inferno-trace", null, 4, /gone\.inferno-trace cannot be read.*trace_file_missing/],
    ["notes.txt", "just text", 4, /notes\.txt: .*nor JSON.*trace_file_invalid/],
    ["other.json", '{"a":1}', 4, /other\.json: This JSON is no trace.*it has a/],
    ["empty.json", "", 4, /empty\.json: .*it is empty/],
    ["new.inferno-trace", Uint8Array.of(0x89, 0x49, 0x4e, 0x46, 0x54, 0x0d, 0x0a, 0x1a, 9, 0, 0, 0, 0, 0, 0, 0), 4, /version 9\.0.*trace_file_newer[^]*Update Inferno/],
    ["short.inferno-trace", Uint8Array.of(0x89, 0x49), 4, /2 bytes/],
  ];
  for (const [name, content, code, message] of bad) {
    test(name, async (t) => {
      const folder = temporaryFolder(t);
      if (content !== null) writeFileSync(join(folder, name), content);
      for (const command of ["show", "top", "export"]) {
        const found = await trace(folder, command, name);
        assert.deepEqual([found.code, found.stdout], [code, ""]);
        assert.match(found.stderr, message);
      }
      assert.equal((await trace(folder, "diff", name, name)).code, code);
    });
  }

  test("a folder", async (t) => {
    const folder = temporaryFolder(t);
    mkdirSync(join(folder, "inside"));
    assert.match((await trace(folder, "show", "./inside")).stderr, /inside cannot be read: (?:it is no file|EISDIR)/);
  });

  test("a file that was cut off is shown, and it is said on stderr", async (t) => {
    const folder = temporaryFolder(t);
    await put(folder);
    const bytes = readFileSync(join(folder, "a.inferno-trace"));
    writeFileSync(join(folder, "cut.inferno-trace"), bytes.subarray(0, bytes.length - 40));
    const { code, stdout, stderr } = await trace(folder, "show", "cut.inferno-trace");
    assert.equal(code, 0);
    assert.match(stdout, /decode/);
    assert.match(stderr, /^note: .*(?:cut off|ends within)/m);
  });

  test("a folder that cannot be written to", async (t) => {
    const folder = temporaryFolder(t);
    await put(folder);
    const { code, stderr } = await trace(folder, "export", "a.inferno-trace", "--out", "no/such/folder/x");
    assert.equal(code, 5);
    assert.match(stderr, /cannot be written.*trace_file_unwritable/);
    assert.equal(existsSync(join(folder, "no")), false);
  });
});

test("texts of strangers on a terminal", () => {
  assert.equal(printable("\u001b[2J\nname\u202e\u0007"), "\\u{1b}[2J\\u{a}name\\u{202e}\\u{7}");
  assert.equal(printable("é – 日本 👍"), "é – 日本 👍");
  assert.equal(printable("x".repeat(10_000)).length, 501);
});
