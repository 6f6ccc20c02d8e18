import { join } from "node:path";
import type { Browser } from "playwright-core";
import { packageRoot } from "../../base/package-root.ts";
import { launchChromium } from "./chromium.ts";
import { startVSCodeServer, type VSCodeServer, type VSCodeServerOptions } from "./vscode-server.ts";
import { openWorkbench, type Workbench } from "./workbench.ts";

export interface WindowSize {
  readonly width: number;
  readonly height: number;
}

export interface EditorSession {
  readonly server: VSCodeServer;
  readonly browser: Browser;
  /** Opens one more window; the session closes it. */
  readonly open: (folder: string, size?: WindowSize) => Promise<Workbench>;
}

/**
 * Runs a story in a fresh editor. When the story fails, the editor's logs are printed and a screenshot of each window is kept under
 * test-results/, because "timeout waiting for a selector" alone explains nothing.
 */
export async function withEditor(name: string, options: VSCodeServerOptions, story: (session: EditorSession) => Promise<void>): Promise<void> {
  const server = await startVSCodeServer(options);
  const windows: Workbench[] = [];
  let browser: Browser | undefined;
  try {
    const opened = (browser = await launchChromium());
    await story({
      server,
      browser: opened,
      open: async (folder, size) => {
        const window = await openWorkbench(opened, server, { folder, ...size });
        windows.push(window);
        return window;
      },
    });
  } catch (error) {
    await report(name, server, windows);
    throw error;
  } finally {
    await browser?.close();
    await server.dispose();
  }
}

async function report(name: string, server: VSCodeServer, windows: readonly Workbench[]): Promise<void> {
  process.stderr.write(`\n${name} failed. The editor's logs:\n${await server.logs()}\n`);
  for (const [index, window] of windows.entries()) {
    const path = join(packageRoot(import.meta.dirname), "test-results", `${name.replace(/\W+/g, "-")}-${index + 1}.png`);
    // A crashed page cannot be photographed; the failure itself must still come out.
    await window.screenshot(path).then(
      () => process.stderr.write(`Screenshot: ${path}\n`),
      (error: unknown) => process.stderr.write(`No screenshot: ${String(error)}\n`),
    );
  }
}
