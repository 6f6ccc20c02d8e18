import type { Workbench } from "./workbench.ts";
import { withEditor, type WindowSize } from "./editor-session.ts";
import { temporaryHome, type InfernoHome } from "./inferno-home.ts";
import type { VSCodeServerOptions } from "./vscode-server.ts";
import { packagedExtension } from "./vsix.ts";
import { withWorkspace } from "./workspace.ts";

interface SessionOptions extends Pick<VSCodeServerOptions, "settings" | "workspaceTrust" | "env"> {
  /** Files of the folder that is opened. */
  readonly files: Readonly<Record<string, string | Uint8Array>>;
}

export interface InfernoSession {
  readonly home: InfernoHome;
  /** Opens a window on the folder. */
  readonly open: (size?: WindowSize) => Promise<Workbench>;
}

/** Runs a story in a fresh editor with the packaged extension, a state folder and a workspace of its own; all of it is gone afterwards. */
export async function withInferno(name: string, options: SessionOptions, story: (session: InfernoSession) => Promise<void>): Promise<void> {
  const { files, settings, workspaceTrust, env } = options;
  const vsix = [await packagedExtension()];
  const home = await temporaryHome();
  try {
    await withWorkspace(files, async (folder) => {
      await withEditor(name, { vsix, settings, workspaceTrust, env: { ...home.env, ...env } }, async (session) => {
        await story({ home, open: async (size) => await session.open(folder, size) });
      });
    });
  } finally {
    await home.dispose();
  }
}
