import * as vscode from "vscode";
import { DisposableStore, type Disposable } from "../base/disposable.ts";
import type { ModelStatus } from "../protocol/api/inferno.ts";
import { languageId } from "../protocol/commands.ts";
import type { TraceSummary } from "../protocol/trace.ts";
import { Attachments } from "./attachments.ts";
import { registerCommands, showError } from "./commands.ts";
import { DaemonConnection } from "./daemon/connection.ts";
import { DaemonController } from "./daemon/controller.ts";
import { Poller } from "./daemon/poller.ts";
import { nodePorts } from "./daemon/ports.ts";
import { homeFolder } from "./daemon/record.ts";
import type { DaemonState } from "./daemon/state.ts";
import { registerDebugger } from "./debug/register.ts";
import { Doctor } from "./doctor.ts";
import { registerTraceEditors } from "./editors/trace-editor.ts";
import { LanguageFeatures } from "./language/language-client.ts";
import { registerChatProvider } from "./models/chat-provider.ts";
import { Panels } from "./panels/panels.ts";
import { setting } from "./settings.ts";
import { StatusBar } from "./status/status-bar.ts";
import { systemTimer } from "../base/system-timer.ts";
import { createModelsView } from "./views/models-view.ts";
import { createTracesView } from "./views/traces-view.ts";

/** Constructs the extension; disposing the result ends everything but the daemon, which ends itself when nobody uses it. */
export function createExtension(extensionUri: vscode.Uri): Disposable {
  const store = new DisposableStore();
  const built = (name: string) => vscode.Uri.joinPath(extensionUri, "dist", name);
  const program = built("inferno.mjs").fsPath;
  const home = () => homeFolder(setting("daemon.home"), process.env);

  const log = store.add(vscode.window.createOutputChannel("Inferno", { log: true }));
  const controller = store.add(new DaemonController(nodePorts({ program, home, log: (line) => log.info(line) })));
  const connection = new DaemonConnection(controller);
  const client = () => connection.client();
  const running = () => connection.running;
  const onError = (error: unknown) => log.warn(String(error));

  const models = store.add(new Poller<readonly ModelStatus[]>({
    timer: systemTimer, client: running, onError,
    fetch: async (daemon) => (await daemon.call("models")).models,
    pauseMs: (value) => (value?.some(({ state, running: requests }) => requests > 0 || state === "loading" || state === "downloading") === true ? 500 : 3000),
  }));
  const traces = store.add(new Poller<readonly TraceSummary[]>({
    timer: systemTimer, client: running, onError,
    fetch: async (daemon) => (await daemon.call("traces", { query: { limit: setting("traces.limit") } })).traces,
    pauseMs: () => 2000,
  }));

  const attachments = store.add(new Attachments({ running, log }));
  const panels = store.add(new Panels({ folder: built("webviews"), icon: vscode.Uri.joinPath(extensionUri, "extension", "media", "icon.svg"), client, log }));
  store.add(registerTraceEditors({ folder: built("webviews"), log }));
  const doctor = store.add(new Doctor({ program, home }));
  store.add(new LanguageFeatures({ program: built("server.mjs").fsPath, log }));
  store.add(registerChatProvider({ models, client }));
  store.add(registerDebugger({ client, running }));
  store.add(registerCommands({ controller, client, models, traces, panels, doctor, log }));

  const statusBar = store.add(new StatusBar());
  const showStatus = () => statusBar.show({ state: controller.state, models: models.value ?? [], trusted: vscode.workspace.isTrusted });
  store.add(models.onChange.on(showStatus));
  store.add(vscode.workspace.onDidGrantWorkspaceTrust(showStatus));
  store.add(models.watch());

  const onState = (state: DaemonState) => {
    showStatus();
    if (state.kind === "running") void attachments.attach();
    if (state.kind === "failed") void showError(state.error, log);
    void Promise.all([models.refresh(), traces.refresh()]);
  };
  store.add(controller.onState.on(onState));
  store.add(attachments.onAttached.on(() => void models.refresh()));

  const startByItself = () => {
    if (!setting("daemon.autoStart") || !controller.mayStartItself) return;
    // A failure is in the state, which the listener above shows.
    controller.start().catch(() => undefined);
  };
  store.add(createModelsView(models, startByItself));
  store.add(createTracesView(traces, startByItself));
  const startFor = (document: vscode.TextDocument) => {
    if (document.languageId === languageId) startByItself();
  };
  store.add(vscode.workspace.onDidOpenTextDocument(startFor));
  vscode.workspace.textDocuments.forEach(startFor);
  showStatus();
  return store;
}
