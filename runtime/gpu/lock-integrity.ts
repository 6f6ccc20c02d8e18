import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { z } from "zod";

const HiddenLock = z.object({ packages: z.record(z.string(), z.object({ integrity: z.string().optional() })) });

/** The checksum that npm verified for an installed package, from the record that it keeps inside node_modules. */
export async function readLockedIntegrity(modules: string, location: string): Promise<string | undefined> {
  const text = await readFile(join(modules, ".package-lock.json"), "utf8").catch(() => "{}");
  const lock = HiddenLock.safeParse(JSON.parse(text));
  return lock.data?.packages[location]?.integrity;
}
