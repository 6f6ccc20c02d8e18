import * as vscode from "vscode";
import type { Disposable } from "../../base/disposable.ts";
import type { ModelStatus } from "../../protocol/api/inferno.ts";
import type { Poller } from "../daemon/poller.ts";
import { DaemonView, treeItem } from "./daemon-view.ts";
import { modelText } from "./model-text.ts";

/** The models of all configurations in use, with their state; the state also decides which buttons a row has. */
export function createModelsView(items: Poller<readonly ModelStatus[]>, onShown: () => void): Disposable {
  return new DaemonView({
    id: "inferno.models", items, onShown,
    toTreeItem: (model: ModelStatus) => {
      const item = treeItem(model.name, model.name, modelText(model, vscode.l10n.t));
      item.contextValue = model.state;
      return item;
    },
  });
}
