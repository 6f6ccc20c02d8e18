import { linkSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { setTimeout as pause } from "node:timers/promises";
import { homePaths, unwritable, writing } from "../home/home.ts";
import { answers } from "./find.ts";
import { readRecord, type DaemonRecord } from "./record.ts";

export type LockOutcome =
  | { readonly kind: "taken"; readonly release: () => void }
  /** A daemon of this state folder runs. */
  | { readonly kind: "found"; readonly record: DaemonRecord };

export interface LockOptions {
  readonly home: string;
  readonly pid: number;
  /** How long a living holder may take to start or to stop before its pid counts as given to another program. */
  readonly graceMs?: number | undefined;
}

/** Locks that this process holds now. */
const held = new Set<string>();

/** Makes sure that one daemon at most runs per state folder. Throws `home_unwritable`. */
export async function takeLock({ home, pid, graceMs = 30_000 }: LockOptions): Promise<LockOutcome> {
  const { lock } = homePaths(home);
  const deadline = Date.now() + graceMs;
  for (;;) {
    if (create(home, lock, pid)) return { kind: "taken", release: () => release(lock, pid) };
    const holder = writing(home, () => holderOf(lock));
    if (holder === null) continue;
    const record = await readRecord(home);
    if (record !== null && (await answers(record))) return { kind: "found", record };
    // In a container every process may get the same pid: in a lock that this process does not hold, it is a former one's.
    const former = holder === pid && !held.has(lock);
    if (former || !isAlive(holder) || Date.now() > deadline) breakLock(lock, holder, pid);
    else await pause(50);
  }
}

export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    // EPERM: it lives and belongs to somebody else.
    return codeOf(error) === "EPERM";
  }
}

/**
 * Appears with its pid in it: written beside and linked into place, which fails when a lock is there. Made in place, it would be empty
 * for a moment, and another process would take it for a dead one's.
 */
function create(home: string, lock: string, pid: number): boolean {
  const draft = `${lock}.${pid}.new`;
  try {
    writeFileSync(draft, `${pid}\n`, { mode: 0o600 });
    linkSync(draft, lock);
    held.add(lock);
    return true;
  } catch (cause) {
    if (codeOf(cause) === "EEXIST") return false;
    throw unwritable(home, cause);
  } finally {
    rmSync(draft, { force: true });
  }
}

const codeOf = (error: unknown): unknown => (error instanceof Error && "code" in error ? error.code : undefined);

/** The pid in the lock; null when the lock has just gone. A lock without a pid is nobody's. */
function holderOf(lock: string): number | null {
  try {
    const pid = Number.parseInt(readFileSync(lock, "utf8"), 10);
    return pid > 0 ? pid : deadPid;
  } catch (error) {
    if (codeOf(error) === "ENOENT") return null;
    throw error;
  }
}

/** Above every system's largest pid. */
const deadPid = 0x7fff_ffff;

/**
 * Takes a dead daemon's lock away. Two processes may do so at once, and the slower must not take the faster one's new lock:
 * so it is moved aside first, and put back when it turns out to be another's.
 */
function breakLock(lock: string, holder: number, pid: number): void {
  const aside = `${lock}.${pid}`;
  try {
    renameSync(lock, aside);
    if (holderOf(aside) !== holder) linkSync(aside, lock);
  } catch {
    // Another process was faster, at moving it or at making a new one; the next round of `takeLock` sees what is there.
  }
  rmSync(aside, { force: true });
}

function release(lock: string, pid: number): void {
  held.delete(lock);
  try {
    if (holderOf(lock) === pid) rmSync(lock, { force: true });
  } catch {
    // The state folder is gone or no longer ours; a lock that stays is taken over like a dead daemon's.
  }
}
