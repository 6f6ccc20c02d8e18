import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { runCli } from "../../../runtime/cli/cli.ts";
import { fakeTerminal } from "../../drivers/fake-terminal.ts";
import { Inferno } from "./inferno.ts";

const home = mkdtempSync(join(tmpdir(), "inferno-lsp-"));
after(() => rmSync(home, { recursive: true, force: true }));

const message = (body: object): string => {
  const text = JSON.stringify({ jsonrpc: "2.0", ...body });
  return `Content-Length: ${Buffer.byteLength(text)}\r\n\r\n${text}`;
};

test("inferno lsp is a language server on stdio, and ends when the editor says so", async (t) => {
  const server = new Inferno(home, ["lsp", "--stdio"]);
  t.after(() => server.process.kill());
  server.process.stdin?.write(message({ id: 1, method: "initialize", params: { processId: null, rootUri: null, capabilities: {} } }));
  await server.printed(/Content-Length[^]*"id":1,"result":\{[^]*"capabilities"/);
  server.process.stdin?.write(message({ id: 2, method: "shutdown" }));
  await server.printed(/"id":2/);
  server.process.stdin?.write(message({ method: "exit" }));
  assert.equal((await server.ended()).code, 0);
});

test("inferno doctor generates a token with a real model process, and answers as JSON", async () => {
  const terminal = fakeTerminal({ env: { INFERNO_HOME: home }, cwd: home });
  assert.equal(await runCli(["doctor", "--json"], terminal, "1"), 0, terminal.printed.stdout);
  const { healthy, findings } = JSON.parse(terminal.printed.stdout) as { healthy: boolean; findings: { id: string; verdict: string; detail: string }[] };
  assert.equal(healthy, true);
  const verdicts = new Map(findings.map(({ id, verdict }) => [id, verdict]));
  for (const id of ["inferno", "node", "library", "cpu", "home", "store", "probe"]) assert.equal(verdicts.get(id), "ok", id);
  assert.equal(verdicts.get("daemon"), "missing");
  assert.match(findings.find(({ id }) => id === "probe")?.detail ?? "", /Ember loaded in .* and answered in .*llama\.cpp v/);
});
