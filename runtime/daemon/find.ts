import { readRecord, type DaemonRecord } from "./record.ts";

/** The daemon of this state folder, if one runs and answers; null otherwise. Reads only. */
export async function findDaemon(home: string): Promise<DaemonRecord | null> {
  const record = await readRecord(home);
  return record !== null && (await answers(record)) ? record : null;
}

/**
 * Whether the recorded daemon itself answers. Its pid is compared because after a crash another process may have been given
 * the same pid, or another daemon the same port.
 */
export async function answers(record: DaemonRecord, timeoutMs = 3000): Promise<boolean> {
  try {
    const response = await fetch(`${record.url}/health`, { signal: AbortSignal.timeout(timeoutMs) });
    const health: unknown = await response.json();
    return typeof health === "object" && health !== null && "pid" in health && health.pid === record.pid;
  } catch {
    return false;
  }
}
