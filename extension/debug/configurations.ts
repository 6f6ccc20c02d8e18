import * as vscode from "vscode";
import type { Client } from "../../protocol/client/index.ts";
import { debuggerSnippets, debuggerType } from "../../protocol/debugger.ts";
import type { TraceSummary } from "../../protocol/trace.ts";
import { pickChatModel } from "../models/profile.ts";
import { traceText } from "../views/trace-text.ts";

export interface ConfigurationParts {
  /** May start the daemon. */
  readonly client: () => Promise<Client>;
  /** The running daemon's, or null. */
  readonly running: () => Client | null;
}

/** Asks for what a configuration leaves open: the model, what to say to it, or the request to attach to. */
export class ConfigurationProvider implements vscode.DebugConfigurationProvider {
  readonly #parts: ConfigurationParts;

  constructor(parts: ConfigurationParts) {
    this.#parts = parts;
  }

  provideDebugConfigurations(): vscode.DebugConfiguration[] {
    return Object.values(debuggerSnippets).map(({ body }) => structuredClone(body));
  }

  /** Undefined: the person changed their mind, and nothing starts. */
  async resolveDebugConfiguration(_folder: vscode.WorkspaceFolder | undefined, given: vscode.DebugConfiguration): Promise<vscode.DebugConfiguration | undefined> {
    // Without a launch.json the editor gives an empty one.
    const config: vscode.DebugConfiguration = { ...given, type: debuggerType, request: given.request || "launch", name: given.name || "Inferno" };
    if (config.request === "attach") return await this.#withTrace(config, "running");
    if (config["trace"] !== undefined) return config["trace"] === "" ? await this.#withTrace(config, "finished") : config;
    const model = typeof config["model"] === "string" ? config["model"] : await pickChatModel(await this.#parts.client());
    if (model === undefined) return undefined;
    if (config["messages"] !== undefined || config["prompt"] !== undefined) return { ...config, model };
    const content = await vscode.window.showInputBox({ prompt: vscode.l10n.t("What to ask {0}", model), ignoreFocusOut: true });
    return content === undefined || content === "" ? undefined : { ...config, model, messages: [{ role: "user", content }] };
  }

  async #withTrace(config: vscode.DebugConfiguration, which: "running" | "finished"): Promise<vscode.DebugConfiguration | undefined> {
    if (typeof config["trace"] === "string" && config["trace"] !== "") return config;
    const { traces } = await (await this.#parts.client()).call("traces", { query: { limit: 100 } });
    const items = traces.filter(({ status }) => (status === "running") === (which === "running")).map((trace) => {
      const { label, description } = traceText(trace, vscode.l10n.t);
      return { label, description, detail: trace.id };
    });
    if (items.length === 0) {
      void vscode.window.showInformationMessage(which === "running" ? vscode.l10n.t("No request is in work that the debugger could attach to.") : vscode.l10n.t("There are no traces yet. Each request becomes one."));
      return undefined;
    }
    const placeHolder = which === "running" ? vscode.l10n.t("Choose a request to attach to") : vscode.l10n.t("Choose a request to compute once more");
    const trace = (await vscode.window.showQuickPick(items, { placeHolder }))?.detail;
    return trace === undefined ? undefined : { ...config, trace };
  }
}

/** What "Select and Start Debugging" offers at this moment. Starts no daemon. */
export function dynamicConfigurations({ running }: ConfigurationParts): vscode.DebugConfigurationProvider {
  return {
    provideDebugConfigurations: async () => {
      const client = running();
      if (client === null) return [{ type: debuggerType, request: "launch", name: vscode.l10n.t("Ask a model") }];
      const [{ models }, { traces }] = await Promise.all([client.call("models"), client.call("traces", { query: { limit: 10 } })]);
      return [
        ...models.filter(({ task }) => task === "chat").map(({ name }) => ({ type: debuggerType, request: "launch", name: vscode.l10n.t("Ask {0}", name), model: name })),
        ...traces.map(configurationOf),
      ];
    },
  };
}

type Named = Pick<TraceSummary, "id" | "status" | "model">;

/** A request in work is attached to; one that is over is computed once more. */
function configurationOf({ id, status, model }: Named): vscode.DebugConfiguration {
  return status === "running"
    ? { type: debuggerType, request: "attach", name: vscode.l10n.t("Attach to {0} ({1})", model, id), trace: id }
    : { type: debuggerType, request: "launch", name: vscode.l10n.t("Replay {0} ({1})", model, id), trace: id };
}

export async function debugTrace(trace: Named): Promise<void> {
  await vscode.debug.startDebugging(undefined, configurationOf(trace));
}
