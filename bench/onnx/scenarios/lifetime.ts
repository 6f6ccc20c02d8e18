import { readFileSync } from "node:fs";
import type { Client } from "../../../protocol/client/index.ts";
import { atMost, row } from "../../engine/row.ts";
import { startMiniLm } from "../minilm.ts";
import type { OnnxScenario } from "../scenario.ts";

const mib = 2 ** 20;

const rssMib = (pid: number): number => Number(/^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, "utf8"))?.[1] ?? 0) / 1024;

function isGone(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return false;
  } catch {
    return true;
  }
}

/** Loads, answers, unloads; what that took and what it left. */
async function live(client: Client): Promise<{ readonly startS: number; readonly heldMib: number; readonly leftMib: number }> {
  const { pid: daemon } = await client.call("health", {});
  const before = rssMib(daemon);
  const beganMs = performance.now();
  const { pid, rssBytes } = await client.call("loadModel", { body: { model: "bench" } });
  const startS = (performance.now() - beganMs) / 1000;
  await client.call("embeddings", { body: { model: "bench", input: ["One sentence.", "Another one, a little longer than the first."] } });
  const heldMib = pid === null ? (rssBytes ?? 0) / mib : rssMib(pid);
  await client.call("unloadModel", { body: { model: "bench" } });
  return { startS, heldMib, leftMib: (pid === null || isGone(pid) ? 0 : heldMib) + rssMib(daemon) - before };
}

export const lifetime: OnnxScenario = {
  name: "lifetime",
  about: "a model's process from asking for it until it is ready, and what is left of its memory when it is unloaded",
  run: async ({ rounds, threads }) => {
    const daemon = await startMiniLm(threads);
    try {
      // Programs are compiled and the rewritten graph is kept then, and the daemon has once done all that it does.
      await live(daemon.client);
      const lives = [];
      for (let round = 0; round < 2 * rounds; round += 1) lives.push(await live(daemon.client));
      const base = { scenario: "lifetime", peer: null, absolute: true };
      return [
        row({ ...base, figure: "from asking for it to ready", unit: "s", ours: lives.map(({ startS }) => startS), bar: atMost(1) }),
        row({ ...base, figure: "held while loaded", unit: "MiB", ours: lives.map(({ heldMib }) => heldMib) }),
        row({ ...base, figure: "left when unloaded, daemon included", unit: "MiB", ours: lives.map(({ leftMib }) => leftMib), bar: atMost(2) }),
      ];
    } finally {
      await daemon.stop();
    }
  },
};
