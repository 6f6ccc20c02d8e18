import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";

/** A folder to open, with these files in it. */
export async function withWorkspace(files: Readonly<Record<string, string | Uint8Array>>, use: (folder: string) => Promise<void>): Promise<void> {
  const parent = await mkdtemp(join(tmpdir(), "inferno-workspace-"));
  // Its name is the window's title, also in the pictures of the documentation.
  const folder = join(parent, "my-models");
  try {
    for (const [name, content] of Object.entries(files)) {
      await mkdir(dirname(join(folder, name)), { recursive: true });
      await writeFile(join(folder, name), content);
    }
    await use(folder);
  } finally {
    await rm(parent, { recursive: true, force: true });
  }
}
