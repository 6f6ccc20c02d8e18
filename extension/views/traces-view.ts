import * as vscode from "vscode";
import type { Disposable } from "../../base/disposable.ts";
import type { CommandId } from "../../protocol/commands.ts";
import type { TraceSummary } from "../../protocol/trace.ts";
import type { Poller } from "../daemon/poller.ts";
import { DaemonView, treeItem } from "./daemon-view.ts";
import { traceText } from "./trace-text.ts";

/** The latest requests, newest first; a click opens the flame graph. */
export function createTracesView(items: Poller<readonly TraceSummary[]>, onShown: () => void): Disposable {
  return new DaemonView({
    id: "inferno.traces", items, onShown,
    toTreeItem: (trace: TraceSummary) => {
      const text = traceText(trace, vscode.l10n.t);
      const item = treeItem(text.label, trace.id, text);
      item.command = { command: "inferno.openTrace" satisfies CommandId, title: vscode.l10n.t("Open Trace"), arguments: [trace.id] };
      return item;
    },
  });
}
