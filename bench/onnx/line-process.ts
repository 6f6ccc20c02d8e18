import { spawn } from "node:child_process";
import { createInterface } from "node:readline";

/** A program that answers each JSON line with one. */
export interface LineProcess {
  ask<Answer>(question: unknown): Promise<Answer>;
  stop(): Promise<void>;
}

export function startLineProcess(program: string, args: readonly string[] = []): LineProcess {
  const child = spawn(process.execPath, [program, ...args], { stdio: ["pipe", "pipe", "inherit"], env: { ...process.env, ORT_DISABLE_TELEMETRY: "1" } });
  const closed = new Promise<void>((done) => child.once("close", () => done()));
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  return {
    ask: async <Answer>(question: unknown) => {
      child.stdin.write(`${JSON.stringify(question)}\n`);
      const line = await lines.next();
      if (line.done === true) throw new Error(`${program} ended.`);
      const answer = JSON.parse(line.value) as { answer: Answer } | { error: string };
      if ("error" in answer) throw new Error(answer.error);
      return answer.answer;
    },
    stop: async () => {
      child.stdin.end();
      await closed;
    },
  };
}
