import { mkdtemp, rm, statfs, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { formatBytes } from "../cli/format/units.ts";
import { openHome, unwritable } from "../home/home.ts";
import { found, type Outcome } from "./finding.ts";

/** Traces are small; what fills this folder are downloaded models. */
const lowDiskBytes = 1e9;

/** Writes a file for real: rights alone do not tell of a full or read-only disk. */
export async function checkHome(home: string): Promise<Outcome> {
  const { folder } = openHome(home);
  try {
    const trial = await mkdtemp(join(folder, ".doctor-"));
    await writeFile(join(trial, "written"), "x");
    await rm(trial, { recursive: true });
  } catch (cause) {
    throw unwritable(folder, cause);
  }
  const { bavail, bsize } = await statfs(folder);
  const freeBytes = bavail * bsize;
  const detail = `${folder} can be written, ${formatBytes(freeBytes)} free`;
  if (freeBytes >= lowDiskBytes) return found(detail);
  return { verdict: "warning", detail, fix: "Free space on this disk, or set INFERNO_HOME to a folder on another one." };
}
