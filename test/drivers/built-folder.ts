import { existsSync } from "node:fs";
import { mkdir, mkdtemp, readFile, rename, rm, writeFile } from "node:fs/promises";
import { basename, dirname, join } from "node:path";

const stampName = "complete.txt";

/**
 * A folder that is either complete or absent, kept between runs. `build` fills a staging folder, which then gets its place in one
 * rename: an interrupted build leaves no half of it, and of two builds at once the second to finish uses the first one's folder.
 * `recipe` names what is inside; a folder with another recipe is built anew.
 */
export async function builtFolder(folder: string, recipe: string, build: (staging: string) => Promise<void>): Promise<string> {
  if (await holds(folder, recipe)) return folder;
  await mkdir(dirname(folder), { recursive: true });
  const staging = await mkdtemp(join(dirname(folder), `.${basename(folder)}-`));
  try {
    await build(staging);
    await writeFile(join(staging, stampName), recipe);
    if (!(await holds(folder, recipe))) {
      await rm(folder, { recursive: true, force: true });
      await rename(staging, folder).catch(async (error: unknown) => {
        if (!(await holds(folder, recipe))) throw error;
      });
    }
  } finally {
    await rm(staging, { recursive: true, force: true });
  }
  return folder;
}

async function holds(folder: string, recipe: string): Promise<boolean> {
  const stamp = join(folder, stampName);
  return existsSync(stamp) && (await readFile(stamp, "utf8")) === recipe;
}
