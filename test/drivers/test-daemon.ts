import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Client } from "../../protocol/client/index.ts";
import { startDaemon, type Daemon, type DaemonOptions } from "../../runtime/daemon/start.ts";

/** A daemon in this process on a free port, with real model processes and a state folder of its own. */
export interface TestDaemon {
  readonly daemon: Daemon;
  readonly client: Client;
  readonly home: string;
  /** A request as it is, outside the typed client; with the token unless `headers` say otherwise. */
  send(path: string, options?: RawRequest): Promise<RawAnswer>;
  [Symbol.asyncDispose](): Promise<void>;
}

interface RawRequest {
  readonly method?: string;
  /** Bytes and text go out as they are, everything else as JSON. */
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
}

interface RawAnswer {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
  /** The `error` of the answer. */
  readonly error: { readonly code: string; readonly message: string; readonly type: string; readonly param: string | null; readonly hint: string };
}

interface TestDaemonOptions extends Partial<DaemonOptions> {
  /** What inferno.yaml says; JSON is YAML. */
  readonly yaml?: { readonly models?: Readonly<Record<string, object>>; readonly server?: object; readonly traces?: object };
}

export async function startTestDaemon({ yaml = {}, ...options }: TestDaemonOptions = {}): Promise<TestDaemon> {
  const home = options.home ?? (await mkdtemp(join(tmpdir(), "inferno-gateway-")));
  const config = join(home, "inferno.yaml");
  await writeFile(config, JSON.stringify(yaml));
  const daemon = await startDaemon({ port: 0, allowFake: true, config, ...options, home });
  return {
    daemon, home,
    client: new Client(daemon),
    send: async (path, { method = "POST", body, headers = {} } = {}) => {
      const response = await fetch(daemon.url + path, {
        method,
        headers: { authorization: `Bearer ${daemon.token}`, ...(body === undefined ? {} : { "content-type": "application/json" }), ...headers },
        ...(body === undefined ? {} : { body: asSent(body) }),
      });
      const text = await response.text();
      return { status: response.status, headers: response.headers, text, get error() { return errorOf(text); } };
    },
    [Symbol.asyncDispose]: async () => {
      await daemon.close();
      await rm(home, { recursive: true, force: true });
    },
  };
}

function asSent(body: unknown): string | Uint8Array<ArrayBuffer> {
  if (typeof body === "string") return body;
  return body instanceof Uint8Array ? new Uint8Array(body) : JSON.stringify(body);
}

function errorOf(text: string): RawAnswer["error"] {
  return (JSON.parse(text) as { error: RawAnswer["error"] }).error;
}

export const user = (content: string) => ({ role: "user" as const, content });
