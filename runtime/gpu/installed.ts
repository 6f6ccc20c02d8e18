import { existsSync, readdirSync } from "node:fs";
import { rm } from "node:fs/promises";
import { join } from "node:path";
import { packageVersion } from "../daemon/version.ts";
import { folderSize } from "./folder-size.ts";
import { packageScope } from "./packages.ts";

export interface InstalledPackage {
  readonly name: string;
  readonly version: string;
  readonly bytes: number;
  readonly folder: string;
}

/** The GPU packages under the state folder. */
export async function listInstalled(home: string): Promise<InstalledPackage[]> {
  const scope = join(home, "gpu", packageScope);
  if (!existsSync(scope)) return [];
  const found = readdirSync(scope).sort().filter((name) => existsSync(join(scope, name, "package.json")));
  return await Promise.all(found.map(async (name) => {
    const folder = join(scope, name);
    return { name, version: packageVersion(folder), bytes: await folderSize(folder), folder };
  }));
}

export async function removeInstalled(packages: readonly InstalledPackage[]): Promise<void> {
  for (const { folder } of packages) await rm(folder, { recursive: true, force: true });
}
