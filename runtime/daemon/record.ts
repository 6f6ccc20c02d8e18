import { readFile, rename, rm, writeFile } from "node:fs/promises";
import { z } from "zod";
import { homePaths } from "../home/home.ts";

/** daemon.json: how other processes of this user find the daemon. Mode 0600, for it holds the token. */
export const DaemonRecord = z.object({ url: z.string(), token: z.string(), pid: z.int().min(1), version: z.string() });
export type DaemonRecord = z.infer<typeof DaemonRecord>;

/** The record, or null when there is none that can be used. */
export async function readRecord(home: string): Promise<DaemonRecord | null> {
  try {
    const parsed = DaemonRecord.safeParse(JSON.parse(await readFile(homePaths(home).record, "utf8")));
    return parsed.success ? parsed.data : null;
  } catch {
    return null;
  }
}

/** Written beside and renamed into place: a reader sees the old record or the new one, never half of one. */
export async function writeRecord(home: string, record: DaemonRecord): Promise<void> {
  const { record: path } = homePaths(home);
  const draft = `${path}.${record.pid}`;
  await writeFile(draft, `${JSON.stringify(record)}\n`, { mode: 0o600 });
  await rename(draft, path);
}

/** Removes the record if it is this process's own. */
export async function removeRecord(home: string, pid: number): Promise<void> {
  if ((await readRecord(home))?.pid === pid) await rm(homePaths(home).record, { force: true });
}
