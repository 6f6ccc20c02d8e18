import { mkdir, mkdtemp, readFile, readdir, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { runToEnd, startChild } from "./child.ts";
import { installVSCode } from "./vscode-install.ts";

export interface VSCodeServerOptions {
  /** VSIX files to install first. */
  readonly vsix?: readonly string[] | undefined;
  /** User settings beside the quiet defaults. */
  readonly settings?: Readonly<Record<string, unknown>> | undefined;
  /** Workspace Trust, off unless a test is about it: every folder would ask first. */
  readonly workspaceTrust?: boolean | undefined;
  /** Obey `extensionDevelopmentPath` and `extensionTestsPath` in the workbench's address, as the in-host suite needs. */
  readonly testDriver?: boolean | undefined;
  readonly userDataDir?: string | undefined;
  readonly extensionsDir?: string | undefined;
  /** For the server and every extension host below it. */
  readonly env?: Readonly<Record<string, string>> | undefined;
}

export interface VSCodeServer {
  readonly url: string;
  /** Address of the workbench with a folder (or none) open. */
  workbenchUrl(folder?: string): string;
  /** What it printed, and the tail of each log an extension host or output channel wrote. */
  logs(): Promise<string>;
  /** Ends the server with everything it started, and removes its state. */
  dispose(): Promise<void>;
}

const quietSettings = {
  "workbench.startupEditor": "none",
  "workbench.secondarySideBar.defaultVisibility": "hidden",
  "workbench.tips.enabled": false,
  "workbench.welcomePage.walkthroughs.openOnInstall": false,
  "chat.disableAIFeatures": true,
  "extensions.ignoreRecommendations": true,
  "telemetry.telemetryLevel": "off",
  "git.enabled": false,
  // The default for a browser saves while a test types.
  "files.autoSave": "off",
  "window.menuBarVisibility": "classic",
};

/** Starts a real VS Code, as its own server with the workbench for a browser, on a free port and with fresh state. */
export async function startVSCodeServer(options: VSCodeServerOptions = {}): Promise<VSCodeServer> {
  const main = join(await installVSCode(), "out", "server-main.js");
  const home = await mkdtemp(join(tmpdir(), "inferno-vscode-"));
  const userDataDir = options.userDataDir ?? join(home, "user-data");
  await mkdir(join(userDataDir, "User"), { recursive: true });
  await writeFile(join(userDataDir, "User", "settings.json"), JSON.stringify({ ...quietSettings, ...options.settings }, null, 2));

  // An empty gallery address, or the workbench asks a marketplace on the network.
  const env: NodeJS.ProcessEnv = {
    ...process.env,
    EXTENSIONS_GALLERY: '{"serviceUrl":""}',
    // Its sockets would stay behind in the system's temporary folder.
    XDG_RUNTIME_DIR: home,
    ...options.env,
  };
  delete env.ELECTRON_RUN_AS_NODE;
  // Set by node:test for its own children; a test process further below would report to our runner.
  delete env.NODE_TEST_CONTEXT;
  const state = [
    "--accept-server-license-terms",
    `--server-data-dir=${join(home, "server")}`,
    `--user-data-dir=${userDataDir}`,
    `--extensions-dir=${options.extensionsDir ?? join(home, "extensions")}`,
  ];
  for (const file of options.vsix ?? []) await runToEnd(process.execPath, [main, ...state, `--install-extension=${file}`], { env });

  const server = startChild(
    process.execPath,
    [
      main,
      ...["--host=127.0.0.1", "--port=0", "--without-connection-token", "--telemetry-level=off", "--disable-experiments"],
      ...(options.workspaceTrust === true ? [] : ["--disable-workspace-trust"]),
      ...(options.testDriver === true ? ["--enable-smoke-test-driver"] : []),
      ...state,
    ],
    { env },
  );
  const dispose = async (): Promise<void> => {
    await server.stop();
    await rm(home, { recursive: true, force: true });
  };
  const [, port = ""] = await server.printed(/Web UI available at http:\/\/[^:]+:(\d+)/).catch(async (error: unknown) => {
    await dispose();
    throw error;
  });
  const url = `http://127.0.0.1:${port}`;
  return {
    url,
    workbenchUrl: (folder) => `${url}/?${folder === undefined ? "ew=true" : `folder=${encodeURIComponent(folder)}`}`,
    logs: async () => [`--- server\n${server.output().slice(-4000)}`, ...(await logTails(home))].join("\n"),
    dispose,
  };
}

/** The extension host's own log and the output channels of installed extensions; the editor's many other logs would bury them. */
async function logTails(home: string): Promise<string[]> {
  const files = await readdir(home, { recursive: true });
  const tails: string[] = [];
  for (const file of files.filter(isTelling).sort()) {
    const text = await readFile(join(home, file), "utf8");
    if (text.trim() !== "") tails.push(`--- ${file}\n${text.slice(-4000)}`);
  }
  return tails;
}

const isTelling = (file: string): boolean => /[/\\]exthost\d+[/\\].*\.log$/.test(file) && !/[/\\]vscode\.[^/\\]+[/\\]/.test(file);
