import { readFile } from "node:fs/promises";
import { homedir } from "node:os";
import { join, resolve } from "node:path";
import { z } from "zod";
import type { DaemonAddress } from "./state.ts";

/** The fields of daemon.json that this side needs. */
const Record = z.object({ url: z.url({ protocol: /^http$/ }), token: z.string().min(1), pid: z.int().min(1) });

/** The daemon that daemon.json names, whether it lives or not; null when there is no such file or it cannot be used. */
export async function readRecord(home: string): Promise<DaemonAddress | null> {
  try {
    const parsed = Record.safeParse(JSON.parse(await readFile(join(home, "daemon.json"), "utf8")));
    return parsed.success ? parsed.data : null;
  } catch {
    return null;
  }
}

/** The state folder: the setting, else the environment's, else the one in the person's home. */
export function homeFolder(setting: string, env: NodeJS.ProcessEnv): string {
  const chosen = [setting, env["INFERNO_HOME"]].find((value) => value !== undefined && value.trim() !== "");
  if (chosen === undefined) return join(homedir(), ".inferno");
  return resolve(homedir(), chosen.replace(/^~(?=$|[\\/])/, homedir()));
}
