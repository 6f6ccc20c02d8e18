import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { isAlive } from "../../runtime/daemon/lock.ts";
import { readRecord, type DaemonRecord } from "../../runtime/daemon/record.ts";
import { eventually } from "./eventually.ts";

/** A state folder of its own for one test, so that it neither finds nor leaves a daemon. */
export interface InfernoHome {
  readonly folder: string;
  /** For the processes that are to use it. */
  readonly env: { readonly INFERNO_HOME: string };
  /** The running daemon, as daemon.json tells; waits for it. */
  daemon(): Promise<DaemonRecord>;
  /** Ends the daemon and removes the folder. */
  dispose(): Promise<void>;
}

export async function temporaryHome(): Promise<InfernoHome> {
  const folder = await mkdtemp(join(tmpdir(), "inferno-home-"));
  return {
    folder,
    env: { INFERNO_HOME: folder },
    daemon: async () => await eventually(`a daemon in ${folder}`, async () => await runningDaemon(folder)),
    dispose: async () => {
      const daemon = await runningDaemon(folder);
      if (daemon !== undefined) await end(daemon.pid);
      await rm(folder, { recursive: true, force: true });
    },
  };
}

/** The daemon that daemon.json names, if it lives. */
export async function runningDaemon(folder: string): Promise<DaemonRecord | undefined> {
  const record = await readRecord(folder);
  return record !== null && isAlive(record.pid) ? record : undefined;
}

async function end(pid: number): Promise<void> {
  process.kill(pid, "SIGTERM");
  await eventually(`the end of daemon ${pid}`, () => Promise.resolve(!isAlive(pid)), 10_000).catch(() => process.kill(pid, "SIGKILL"));
}
