import * as vscode from "vscode";
import { DisposableStore, type Disposable } from "../base/disposable.ts";
import type { ModelStatus } from "../protocol/api/inferno.ts";
import type { Client } from "../protocol/client/index.ts";
import { commandIds, commandTable, type CommandId } from "../protocol/commands.ts";
import { InfernoError } from "../protocol/errors.ts";
import { TraceSummary } from "../protocol/trace.ts";
import type { DaemonController } from "./daemon/controller.ts";
import type { Poller } from "./daemon/poller.ts";
import type { DaemonState } from "./daemon/state.ts";
import { debugTrace } from "./debug/configurations.ts";
import type { Doctor } from "./doctor.ts";
import { profileOperations } from "./models/profile.ts";
import type { Panels } from "./panels/panels.ts";
import { traceText } from "./views/trace-text.ts";

export interface CommandParts {
  readonly controller: DaemonController;
  /** May start the daemon. */
  readonly client: () => Promise<Client>;
  readonly models: Poller<readonly ModelStatus[]>;
  readonly traces: Poller<readonly TraceSummary[]>;
  readonly panels: Panels;
  readonly doctor: Doctor;
  readonly log: vscode.LogOutputChannel;
}

type Handler = (argument: unknown) => Promise<void> | void;

/** One handler for every command of the contract; a missing one does not compile. */
function handlers({ controller, client, models, traces, panels, doctor, log }: CommandParts): Record<CommandId, Handler> {
  /** What a person asks for starts the daemon, whatever happened before. */
  const started = async () => {
    await controller.start();
    return await client();
  };
  const changeModel = async (route: "loadModel" | "unloadModel", argument: unknown) => {
    const model = nameIn(argument);
    if (model === undefined) return;
    const call = (await started()).call(route, { body: { model } });
    // The row shows that it is loading, from now on.
    void models.refresh();
    await call.finally(() => models.refresh());
  };
  return {
    "inferno.start": async () => {
      await controller.start();
    },
    "inferno.stop": () => controller.stop(),
    "inferno.restart": async () => {
      await controller.restart();
    },
    "inferno.newChat": async (argument) => {
      await started();
      panels.openPlayground(nameIn(argument));
    },
    "inferno.openTrace": async (argument) => {
      await started();
      const id = typeof argument === "string" ? argument : await pickTrace(traces);
      if (id !== undefined) panels.openFlame(id);
    },
    "inferno.showTokens": async (argument) => {
      await started();
      const id = idIn(argument) ?? await pickTrace(traces);
      if (id !== undefined) panels.openTokens(id);
    },
    "inferno.showProfile": async () => {
      await started();
      panels.openFlame(null);
    },
    "inferno.profileOperations": async (argument) => {
      const id = await profileOperations(await started(), nameIn(argument));
      if (id !== undefined) panels.openFlame(id);
    },
    "inferno.debugTrace": async (argument) => {
      const trace = traceOfRow(argument);
      if (trace !== null) await debugTrace(trace);
    },
    "inferno.doctor": () => doctor.run(),
    "inferno.showLog": () => log.show(),
    "inferno.showActions": () => pickAction(controller.state.kind),
    "inferno.refreshModels": () => models.refresh(),
    "inferno.refreshTraces": () => traces.refresh(),
    "inferno.loadModel": (argument) => changeModel("loadModel", argument),
    "inferno.unloadModel": (argument) => changeModel("unloadModel", argument),
  };
}

export function registerCommands(parts: CommandParts): Disposable {
  const store = new DisposableStore();
  const table = handlers(parts);
  for (const id of commandIds) {
    store.add(vscode.commands.registerCommand(id, async (argument: unknown) => {
      try {
        await table[id](argument);
      } catch (cause) {
        const error = InfernoError.from(cause);
        const { state } = parts.controller;
        // A daemon that was given up has been reported already. Nobody waits for a message to be dismissed.
        if (state.kind !== "failed" || state.error !== error) void showError(error, parts.log);
      }
    }));
  }
  return store;
}

/** What was wrong and what to do; the log has the rest. */
export async function showError(error: InfernoError, log: vscode.LogOutputChannel): Promise<void> {
  log.error(`${error.message} (${error.code})`, error.cause ?? "");
  const showLog = vscode.l10n.t("Show Log");
  if ((await vscode.window.showErrorMessage(`${error.message} ${error.hint}`, showLog)) === showLog) log.show();
}

/** The model of a row of the Models view, or a name that another command gives. */
function nameIn(argument: unknown): string | undefined {
  if (typeof argument === "string") return argument;
  const name: unknown = typeof argument === "object" && argument !== null ? Reflect.get(argument, "name") : undefined;
  return typeof name === "string" ? name : undefined;
}

/** The trace of a row of the Traces view. */
function traceOfRow(argument: unknown): Pick<TraceSummary, "id" | "status" | "model"> | null {
  const row = TraceSummary.pick({ id: true, status: true, model: true }).safeParse(argument);
  return row.success ? row.data : null;
}

/** The trace of a row of the Traces view, or an id that another command gives. */
function idIn(argument: unknown): string | undefined {
  if (typeof argument === "string") return argument;
  const id: unknown = typeof argument === "object" && argument !== null ? Reflect.get(argument, "id") : undefined;
  return typeof id === "string" ? id : undefined;
}

async function pickTrace(traces: Poller<readonly TraceSummary[]>): Promise<string | undefined> {
  await traces.refresh();
  const items = (traces.value ?? []).map((trace) => {
    const { label, description, icon } = traceText(trace, vscode.l10n.t);
    return { label: `$(${icon}) ${label}`, description, detail: trace.id, id: trace.id };
  });
  if (items.length === 0) {
    await vscode.window.showInformationMessage(vscode.l10n.t("There are no traces yet. Each request becomes one."));
    return undefined;
  }
  const placeHolder = vscode.l10n.t("Choose a request");
  return (await vscode.window.showQuickPick(items, { placeHolder, matchOnDescription: true, matchOnDetail: true }))?.id;
}

/** What makes no sense in a state: a daemon that runs is not started, one that does not is not stopped. */
const useless: Record<DaemonState["kind"], readonly CommandId[]> = {
  stopped: ["inferno.stop", "inferno.restart"],
  failed: ["inferno.stop", "inferno.restart"],
  waiting: ["inferno.restart"],
  starting: ["inferno.start", "inferno.restart"],
  running: ["inferno.start"],
  stopping: ["inferno.start", "inferno.stop", "inferno.restart"],
};

async function pickAction(state: DaemonState["kind"]): Promise<void> {
  const offered = commandIds.filter((id) => commandTable[id].palette && id !== "inferno.showActions" && !useless[state].includes(id));
  const items = offered.map((id) => ({ label: `${commandTable[id].icon} ${vscode.l10n.t(commandTable[id].title)}`, id }));
  const chosen = await vscode.window.showQuickPick(items, { placeHolder: "Inferno" });
  if (chosen !== undefined) await vscode.commands.executeCommand(chosen.id);
}
