import { spawn } from "node:child_process";
import { createServer, type AddressInfo } from "node:net";
import { firstToken } from "./ready.ts";
import type { Needs, Side, StartSide } from "./side.ts";

/** The placeholders of a peer's command. */
export interface Blanks {
  readonly model: string;
  readonly port: number;
  readonly parallel: number;
  /** Tokens over all streams. */
  readonly context: number;
  readonly threads: number | undefined;
}

/** `llama-server -m {model} --port {port}` as words. Quoted words may hold spaces; there is no shell. */
export function fillCommand(command: string, blanks: Blanks): string[] {
  const words = [...command.matchAll(/"([^"]*)"|'([^']*)'|(\S+)/g)].map(([, double, single, bare]) => double ?? single ?? bare ?? "");
  return words.map((word) => word.replaceAll(/\{(\w+)\}/g, (_, name: string) => {
    if (!Object.hasOwn(blanks, name)) throw new Error(`--peer-command: no {${name}}; there are ${Object.keys(blanks).map((key) => `{${key}}`).join(" ")}`);
    const value = blanks[name as keyof Blanks];
    if (value === undefined) throw new Error(`--peer-command has {${name}}: give --${name} too`);
    return String(value);
  }));
}

/** A peer that is started for each scenario, with room for as many streams as the scenario has. */
export function peerByCommand(command: string, threads: number | undefined): StartSide {
  return async ({ model, parallel, context }: Needs): Promise<Side> => {
    const port = await freePort();
    const [program = "", ...args] = fillCommand(command, { model, port, parallel, context: parallel * context, threads });
    const startedAt = performance.now();
    const child = spawn(program, args, { stdio: ["ignore", "ignore", "pipe"] });
    let said = "";
    child.stderr.on("data", (bytes: Buffer) => (said = (said + bytes.toString()).slice(-2000)));
    const closed = new Promise<void>((done) => child.once("close", () => done()));
    const ended = new Promise<never>((_, fail) => {
      child.once("error", fail);
      child.once("close", (code) => fail(new Error(`${program} ended with ${code ?? "a signal"}:\n${said}`)));
    });
    // Nobody waits for it any more once the server is ready; it ends when we stop it.
    ended.catch(() => undefined);
    const target = { url: `http://127.0.0.1:${port}`, token: null, model: "bench" };
    const stop = async (): Promise<void> => {
      child.kill("SIGTERM");
      await closed;
    };
    try {
      await firstToken(target, ended);
    } catch (error) {
      await stop();
      throw error;
    }
    return { target, startMs: performance.now() - startedAt, pids: () => (child.pid === undefined ? [] : [child.pid]), stop };
  };
}

/** A peer that runs already; it keeps its cache and its slots from scenario to scenario. */
export function peerByAddress(url: string, model: string | undefined, token: string | null): StartSide {
  return async () => {
    const target = { url: url.replace(/\/(v1\/?)?$/, ""), token, model: model ?? await firstModel(url, token) };
    await firstToken(target, new Promise<never>(() => undefined));
    return { target, startMs: null, pids: () => [], stop: () => Promise.resolve() };
  };
}

async function firstModel(url: string, token: string | null): Promise<string> {
  const response = await fetch(`${url.replace(/\/(v1\/?)?$/, "")}/v1/models`, { headers: token === null ? {} : { authorization: `Bearer ${token}` } });
  const { data = [] } = (await response.json()) as { data?: { id: string }[] };
  if (data[0] === undefined) throw new Error(`${url} lists no model: name one with --peer-model`);
  return data[0].id;
}

function freePort(): Promise<number> {
  const server = createServer();
  return new Promise((done, fail) => {
    server.once("error", fail);
    server.listen(0, "127.0.0.1", () => {
      const { port } = server.address() as AddressInfo;
      server.close(() => done(port));
    });
  });
}
