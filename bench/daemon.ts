import { spawn } from "node:child_process";
import { existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { Client } from "../protocol/client/index.ts";
import { family } from "./processes.ts";

const program = join(import.meta.dirname, "..", "dist", "inferno.mjs");

export interface BenchDaemon {
  readonly client: Client;
  readonly token: string;
  /** Of the daemon and of its model processes. */
  readonly pids: () => readonly number[];
  readonly stop: () => Promise<void>;
}

/** What V8 has compiled, for all daemons of this program: a person's daemon has it from the second start on. */
const compiled = mkdtempSync(join(tmpdir(), "inferno-bench-compiled-"));
process.once("exit", () => rmSync(compiled, { recursive: true, force: true }));

/** Starts the built daemon with a state folder of its own, so that a benchmark neither finds nor disturbs the person's daemon. */
export async function startDaemon(config: string): Promise<BenchDaemon> {
  if (!existsSync(program)) throw new Error(`${program} is not built: npm run build`);
  const home = mkdtempSync(join(tmpdir(), "inferno-bench-"));
  const file = join(home, "inferno.yaml");
  writeFileSync(file, config);
  const child = spawn(process.execPath, [program, "serve", "--config", file, "--port", "0", "--json"], {
    env: { ...process.env, INFERNO_HOME: home, NODE_COMPILE_CACHE: compiled },
    stdio: ["ignore", "pipe", "inherit"],
  });
  const closed = new Promise<void>((done) => child.once("close", () => done()));
  const ready = await firstLine(child.stdout, closed);
  const { url, token } = JSON.parse(ready) as { url: string; token: string };
  return {
    client: new Client({ url, token }),
    token,
    pids: () => (child.pid === undefined ? [] : family(child.pid)),
    stop: async () => {
      child.kill("SIGTERM");
      await closed;
      rmSync(home, { recursive: true, force: true });
    },
  };
}

async function firstLine(stdout: NodeJS.ReadableStream, closed: Promise<void>): Promise<string> {
  const lines = createInterface({ input: stdout });
  const line = new Promise<string>((done) => lines.once("line", done));
  return await Promise.race([line, closed.then(() => Promise.reject(new Error("The daemon ended before it was ready.")))]);
}
