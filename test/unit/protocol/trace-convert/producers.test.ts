import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { stagesOf } from "../../../../protocol/trace-file/stages.ts";
import { readTraceFile } from "../../../../runtime/trace-file/read.ts";

const folder = mkdtempSync(join(tmpdir(), "inferno-producers-"));
after(() => rmSync(folder, { recursive: true, force: true }));

/** Runs long enough for a sampler to see it, however slow the machine is. */
const program = "function burn() { const until = process.cpuUsage().user + 150000; let x = 0; while (process.cpuUsage().user < until) x += Math.sqrt(x + 1); return x; }\nfunction outer() { return burn(); }\nouter();\n";

test("a .cpuprofile as Node writes it", async () => {
  writeFileSync(join(folder, "burn.cjs"), program);
  execFileSync(process.execPath, ["--cpu-prof", "--cpu-prof-dir", folder, "burn.cjs"], { cwd: folder });
  const file = readdirSync(folder).find((name) => name.endsWith(".cpuprofile"));
  const found = await readTraceFile(join(folder, file ?? ""));
  const burn = found.spans.find(({ name }) => name === "burn");
  assert.equal(found.spans.find(({ id }) => id === burn?.parentId)?.name, "outer");
  assert.match(String(burn?.attributes["url"]), /burn\.cjs$/);
  assert.ok(stagesOf(found).some(({ name, totalUs }) => name === "outer" && totalUs > 50_000));
});

test("Chrome trace events as Node writes them", async () => {
  writeFileSync(join(folder, "reads.cjs"), "require('node:fs').readFileSync(__filename);\n");
  execFileSync(process.execPath, ["--trace-event-categories", "node.fs.sync,v8", "--trace-event-file-pattern", "events.json", "reads.cjs"], { cwd: folder });
  const found = await readTraceFile(join(folder, "events.json"));
  assert.equal(found.meta.source, "chrome");
  assert.ok(found.spans.some(({ name }) => name === "fs.sync.read"), "a pair of B and E");
  assert.ok(found.spans.some(({ name }) => name.startsWith("V8.")), "an X");
  assert.ok(found.spans.every(({ startUs }) => startUs >= 0));
  assert.ok(found.tracks.some(({ name }) => name.includes("JavaScriptMainThread")), found.tracks.map(({ name }) => name).join());
});
