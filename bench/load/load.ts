import { spawn } from "node:child_process";
import { join } from "node:path";
import { createInterface } from "node:readline";
import type { Job, Stream } from "./job.ts";

export interface LoadClient {
  /** Sends all requests at once and waits for the last answer. One job at a time. */
  run(job: Job): Promise<readonly Stream[]>;
  stop(): void;
}

export function startLoadClient(): LoadClient {
  const child = spawn(process.execPath, [join(import.meta.dirname, "client.ts")], { stdio: ["pipe", "pipe", "inherit"] });
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  return {
    run: async (job) => {
      child.stdin.write(`${JSON.stringify(job)}\n`);
      const line = await lines.next();
      if (line.done === true) throw new Error("The load client ended.");
      const answer = JSON.parse(line.value) as { streams: Stream[] } | { error: string };
      if ("error" in answer) throw new Error(`${job.target.url}: ${answer.error}`);
      return answer.streams;
    },
    stop: () => child.stdin.end(),
  };
}
