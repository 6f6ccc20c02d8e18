import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { readFile } from "node:fs/promises";
import type { AddressInfo } from "node:net";
import { extname, join } from "node:path";
import { packageRoot } from "../../../base/package-root.ts";
import type { ModelStatus } from "../../../protocol/api/inferno.ts";
import { InfernoError } from "../../../protocol/errors.ts";
import type { Trace, TraceSummary } from "../../../protocol/trace.ts";
import type { TraceTokens } from "../../../protocol/trace-tokens.ts";
import type { PanelPart } from "./panel-script.ts";

/** What the daemon of a panel test answers. Tests change it while the page is open. */
export interface Script {
  models: readonly ModelStatus[];
  traces: readonly Trace[];
  /** The tokens of these, for the Token panel. */
  tokens?: readonly TraceTokens[];
  /** The answer to a chat; undefined fails. Called for every request. */
  chat: (body: unknown) => AsyncIterable<PanelPart>;
}

export interface ScriptedDaemon {
  readonly url: string;
  readonly token: string;
  readonly script: Script;
  close(): Promise<void>;
}

/** As strict as the panels claim to need: nothing inline, nothing from elsewhere, no eval. */
const policy = "default-src 'none'; script-src 'self'; style-src 'self'; font-src 'self'; img-src 'self' data:; connect-src 'self'; base-uri 'none'; form-action 'none'";
const types: Record<string, string> = { ".html": "text/html; charset=utf-8", ".js": "text/javascript", ".css": "text/css", ".ttf": "font/ttf", ".map": "application/json" };

/** Serves the built panels with a daemon behind them that says what the test wants, on a free port. */
export async function startScriptedDaemon(script: Script): Promise<ScriptedDaemon> {
  const token = "test-token";
  const server = createServer((request, response) => {
    answer(request, response).catch((error: unknown) => {
      if (response.headersSent) return void response.destroy();
      const failure = InfernoError.from(error);
      sendJson(response, failure.status, failure.toBody());
    });
  });

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const path = new URL(request.url ?? "/", "http://localhost").pathname;
    const file = ["/playground", "/flame", "/tokens"].includes(path) ? `${path.slice(1)}.html` : path.slice(1);
    if (/^[\w-]+\.(html|js|css|ttf|map)$/.test(file)) await sendFile(response, file);
    else if (request.headers.authorization !== `Bearer ${token}`) throw new InfernoError("unauthorized", "The bearer token is wrong.");
    else if (path === "/v1/chat/completions") await stream(request, response);
    else sendJson(response, 200, read(path));
  }

  function read(path: string): unknown {
    if (path === "/api/v1/models") return { models: script.models };
    if (path === "/api/v1/traces") return { traces: script.traces.map(toSummary) };
    const tokens = script.tokens?.find((one) => path === `/api/v1/traces/${one.id}/tokens`);
    if (tokens !== undefined) return tokens;
    const id = /^\/api\/v1\/traces\/(.+)$/.exec(path)?.[1];
    if (id === undefined) throw new InfernoError("route_not_found", `No such path: ${path}.`);
    const trace = script.traces.find((candidate) => candidate.id === id);
    if (trace === undefined) throw new InfernoError("trace_not_found", `No trace has the id ${id}.`);
    return trace;
  }

  async function stream(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const body: unknown = JSON.parse(Buffer.concat(await request.toArray()).toString("utf8"));
    const parts = script.chat(body);
    response.writeHead(200, { "content-type": "text/event-stream" });
    const gone = new Promise<"gone">((resolve) => response.once("close", () => resolve("gone")));
    const iterator = parts[Symbol.asyncIterator]();
    for (;;) {
      const next = await Promise.race([iterator.next(), gone]);
      if (next === "gone") return void iterator.return?.();
      if (next.done === true) break;
      response.write(`data: ${JSON.stringify(toChunk(next.value))}\n\n`);
    }
    response.end("data: [DONE]\n\n");
  }

  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`, token, script,
    close: () => new Promise((resolve) => {
      server.close(() => resolve());
      server.closeAllConnections();
    }),
  };
}

function toChunk(part: PanelPart): unknown {
  if ("error" in part) return part.error.toBody();
  const chunk = { id: "chatcmpl-1", object: "chat.completion.chunk", created: 0, model: "ember" };
  if ("text" in part) return { ...chunk, choices: [{ index: 0, delta: { content: part.text }, logprobs: null, finish_reason: null }] };
  const { usage, timings, reason } = part;
  return { ...chunk, choices: [{ index: 0, delta: {}, logprobs: null, finish_reason: reason }], usage, timings };
}

function toSummary(trace: Trace): TraceSummary {
  const { prompt: _prompt, completion: _completion, parameters: _parameters, engine: _engine, spans: _spans, ...summary } = trace;
  return summary;
}

async function sendFile(response: ServerResponse, name: string): Promise<void> {
  const content = await readFile(join(packageRoot(import.meta.dirname), "dist", "webviews", name));
  response.writeHead(200, { "content-type": types[extname(name)] ?? "application/octet-stream", "content-security-policy": policy });
  response.end(content);
}

function sendJson(response: ServerResponse, status: number, body: unknown): void {
  response.writeHead(status, { "content-type": "application/json" });
  response.end(JSON.stringify(body));
}
