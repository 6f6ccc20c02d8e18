import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, utimesSync, writeFileSync } from "node:fs";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { after, before, suite, test } from "node:test";
import { downloadModel, type DownloadProgress } from "../../../runtime/backends/llama/download.ts";
import { emberPath } from "./ember.ts";

const ember = readFileSync(emberPath);
const hash = (bytes: Buffer): string => createHash("sha256").update(bytes).digest("hex");

/** Requests for the good file's bytes. */
let fetched = 0;

/** A server with Hugging Face's addresses: one repository with one good file and one that stops in the middle. */
function answer(request: IncomingMessage, response: ServerResponse): void {
  const { pathname } = new URL(request.url ?? "/", "http://localhost");
  if (pathname === "/someone/tiny/resolve/main/ember.gguf" && request.method === "GET") fetched += 1;
  if (pathname === "/someone/tiny/resolve/main/ember.gguf") return sendRange(request, response, ember);
  if (pathname === "/someone/tiny/resolve/main/endless.gguf") {
    response.writeHead(200, { "content-length": ember.length, "accept-ranges": "bytes" });
    response.write(ember.subarray(0, 50_000));
    return;
  }
  response.writeHead(404).end();
}

function sendRange(request: IncomingMessage, response: ServerResponse, body: Buffer): void {
  const [, first = "0", last = ""] = /bytes=(\d+)-(\d*)/.exec(request.headers.range ?? "") ?? [];
  const part = body.subarray(Number(first), last === "" ? body.length : Number(last) + 1);
  response.writeHead(request.headers.range === undefined ? 200 : 206, {
    "content-length": part.length,
    "accept-ranges": "bytes",
    "content-range": `bytes ${first}-${Number(first) + part.length - 1}/${body.length}`,
  });
  response.end(part);
}

suite("downloading a model", () => {
  const folder = mkdtempSync(join(tmpdir(), "inferno-download-"));
  const server = createServer(answer);
  let endpoint = "";
  before(async () => {
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    endpoint = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
  });
  after(() => {
    server.closeAllConnections();
    server.close();
    rmSync(folder, { recursive: true, force: true });
  });

  test("a file of a repository arrives whole, with progress, and is not fetched twice", async () => {
    const progress: DownloadProgress[] = [];
    const path = await downloadModel("hf:someone/tiny/ember.gguf", folder, { endpoint, onProgress: (state) => progress.push(state) });
    assert.equal(hash(readFileSync(path)), hash(ember));
    assert.deepEqual(progress.at(-1), { downloadedBytes: ember.length, totalBytes: ember.length });
    assert.equal(await downloadModel("hf:someone/tiny/ember.gguf", folder, { endpoint: "http://127.0.0.1:1/" }), path);
  });

  test("two who want one file at once fetch it once: both would write into the same unfinished file", async () => {
    const download = async (name: string) => await downloadModel("hf:someone/tiny/ember.gguf", join(folder, name), { endpoint });
    fetched = 0;
    await download("alone");
    const once = fetched;
    const paths = await Promise.all([download("twice"), download("twice")]);
    assert.equal(fetched, 2 * once);
    assert.equal(paths[0], paths[1]);
    assert.equal(hash(readFileSync(paths[0])), hash(ember));
    assert.deepEqual(readdirSync(join(folder, "twice")), ["hf_someone_tiny_ember.gguf"]);
  });

  test("a process that died while it downloaded keeps nobody waiting", async () => {
    const lock = join(folder, "dead", "hf_someone_tiny.lock");
    mkdirSync(dirname(lock));
    const left = [["2147483646", new Date()], [String(process.pid), new Date(0)]] as const;
    for (const [pid, touched] of left) {
      writeFileSync(lock, pid);
      utimesSync(lock, touched, touched);
      const path = await downloadModel("hf:someone/tiny/ember.gguf", dirname(lock), { endpoint });
      assert.deepEqual(readdirSync(dirname(lock)), ["hf_someone_tiny_ember.gguf"]);
      rmSync(path);
    }
  });

  test("an address works as well as a repository", async () => {
    const path = await downloadModel(`${endpoint}someone/tiny/resolve/main/ember.gguf`, join(folder, "address"), { endpoint: "http://127.0.0.1:1/" });
    assert.equal(hash(readFileSync(path)), hash(ember));
  });

  test("a missing file, a missing quantization and a malformed name say what was wrong", async () => {
    const failed = (message: RegExp) => ({ code: "model_download_failed", message });
    await assert.rejects(downloadModel("hf:someone/tiny/none.gguf", folder, { endpoint }), failed(/none\.gguf.*404/));
    await assert.rejects(downloadModel("hf:someone/tiny:Q8_0", folder, { endpoint }), failed(/Q8_0/));
    await assert.rejects(downloadModel("hf:someone", folder, { endpoint }), failed(/hf:someone/));
  });

  test("a server that is not there is an error at once, not after all retries", async () => {
    const closed = createServer();
    await new Promise<void>((resolve) => closed.listen(0, "127.0.0.1", resolve));
    const { port } = closed.address() as AddressInfo;
    await new Promise((resolve) => closed.close(resolve));
    await assert.rejects(downloadModel("hf:someone/tiny/other.gguf", folder, { endpoint: `http://127.0.0.1:${port}/` }), {
      code: "model_download_failed", message: /ECONNREFUSED/,
    });
  });

  test("a cancelled download ends and leaves nothing", async () => {
    const controller = new AbortController();
    const download = downloadModel("hf:someone/tiny/endless.gguf", folder, {
      endpoint, signal: controller.signal, onProgress: () => controller.abort(),
    });
    await assert.rejects(download, { code: "request_cancelled" });
    const tooLate = downloadModel("hf:someone/tiny/none.gguf", folder, { endpoint, signal: AbortSignal.abort() });
    await assert.rejects(tooLate, { code: "request_cancelled" });
    assert.deepEqual(readdirSync(folder).filter((name) => name.includes("endless") && !name.endsWith(".ipull")), []);
  });

  test("a download that stalls is given up", async () => {
    const download = downloadModel("hf:someone/tiny/endless.gguf", folder, { endpoint, patienceMs: 300 });
    await assert.rejects(download, { code: "model_download_failed", message: /no data came for 0\.3 s/ });
  });
});
