import { Client } from "../../protocol/client/index.ts";
import { InfernoError } from "../../protocol/errors.ts";
import { systemTimer } from "../../base/system-timer.ts";
import type { DaemonPorts } from "./controller.ts";
import { launchDaemon } from "./launch.ts";
import { readRecord } from "./record.ts";

export interface NodePortsOptions {
  /** The built command line, dist/inferno.mjs. */
  readonly program: string;
  /** The state folder; a setting, so it may change between two starts. */
  readonly home: () => string;
  readonly log: (line: string) => void;
}

const answerWithinMs = 3000;

/** The controller's world on a real machine. */
export function nodePorts({ program, home, log }: NodePortsOptions): DaemonPorts {
  return {
    find: async () => {
      const record = await readRecord(home());
      if (record === null || !(await answers(record.url, record.pid))) return null;
      log(`A daemon runs already at ${record.url} (pid ${record.pid}).`);
      return record;
    },
    launch: async (signal) => {
      log(`Starting the daemon; its state is in ${home()}.`);
      const address = await launchDaemon({ program, home: home(), onLine: (line) => log(`daemon: ${line}`), signal });
      log(`The daemon listens at ${address.url} (pid ${address.pid}).`);
      return address;
    },
    attach: async (address) => {
      await new Client(address).call("attach", { body: { pid: process.pid } });
    },
    requestStop: async (address) => {
      try {
        await new Client(address).call("stop");
      } catch (error) {
        // It may have died a moment ago, or on the way of the answer: then it has stopped.
        if (InfernoError.from(error).code !== "daemon_unreachable") throw error;
      }
    },
    isAlive,
    hasRecord: async (pid) => (await readRecord(home()))?.pid === pid,
    timer: systemTimer,
    nowMs: () => performance.now(),
  };
}

/** The pid is compared because, after a crash, another daemon may have been given the same port. */
async function answers(url: string, pid: number): Promise<boolean> {
  try {
    const health = await new Client({ url, token: "" }).call("health", {}, { signal: AbortSignal.timeout(answerWithinMs) });
    return health.pid === pid && health.status === "ok";
  } catch {
    return false;
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    // EPERM: it lives, and belongs to somebody else.
    return error instanceof Error && "code" in error && error.code === "EPERM";
  }
}
