import { linkSync, mkdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { utimes } from "node:fs/promises";
import { dirname } from "node:path";
import { setTimeout as pause } from "node:timers/promises";

const touchMs = 10_000;
/** A lock that nobody has touched for so long is a dead process's, also where another has its pid now, as after a restart of the machine. */
const staleMs = 6 * touchMs;

/** Does `act` in one process at a time: two that download one file write into the same unfinished one, and what comes out is a mixture. */
export async function alone<T>(lock: string, waiting: () => void, act: () => Promise<T>): Promise<T> {
  mkdirSync(dirname(lock), { recursive: true });
  while (!take(lock)) {
    waiting();
    await pause(100);
  }
  // Gone, when the machine slept and another took it for a dead process's: no reason to give up.
  const touching = setInterval(() => void utimes(lock, new Date(), new Date()).catch(() => undefined), touchMs).unref();
  try {
    return await act();
  } finally {
    clearInterval(touching);
    rmSync(lock, { force: true });
  }
}

/** Written beside and linked into place: a lock has its pid from the start, or is not there. */
function take(lock: string): boolean {
  const draft = `${lock}.${process.pid}`;
  try {
    writeFileSync(draft, String(process.pid));
    linkSync(draft, lock);
    return true;
  } catch (error) {
    if (!(error instanceof Error && "code" in error && error.code === "EEXIST")) throw error;
  } finally {
    rmSync(draft, { force: true });
  }
  // A dead process's lock goes; whoever comes next takes it.
  if (!isHeld(lock)) rmSync(lock, { force: true });
  return false;
}

function isHeld(lock: string): boolean {
  try {
    if (Date.now() - statSync(lock).mtimeMs > staleMs) return false;
    process.kill(Number(readFileSync(lock, "utf8")), 0);
    return true;
  } catch (error) {
    // Any other failure is no proof: it belongs to somebody else (EPERM), or has just been given back (ENOENT) and taken again.
    return !(error instanceof Error && "code" in error && error.code === "ESRCH");
  }
}
