import * as vscode from "vscode";
import { DisposableStore, type Disposable } from "../../base/disposable.ts";
import type { ViewId } from "../../protocol/commands.ts";
import type { Poller } from "../daemon/poller.ts";

export interface DaemonViewOptions<T> {
  readonly id: ViewId;
  readonly items: Poller<readonly T[]>;
  readonly toTreeItem: (item: T) => vscode.TreeItem;
  /** The view has come into sight. */
  readonly onShown: () => void;
}

/**
 * A flat list of something that the daemon knows. While it is empty VS Code shows the view's welcome text, which says what to do.
 * The daemon is asked only while the list is in sight.
 */
export class DaemonView<T> implements vscode.Disposable {
  readonly #store = new DisposableStore();

  constructor({ id, items, toTreeItem, onShown }: DaemonViewOptions<T>) {
    const changed = this.#store.add(new vscode.EventEmitter<void>());
    const treeDataProvider: vscode.TreeDataProvider<T> = {
      onDidChangeTreeData: changed.event,
      getTreeItem: toTreeItem,
      getChildren: (parent) => (parent === undefined ? [...(items.value ?? [])] : []),
    };
    const view = this.#store.add(vscode.window.createTreeView(id, { treeDataProvider }));
    this.#store.add(items.onChange.on(() => changed.fire()));
    let watch: Disposable | null = null;
    const follow = (visible: boolean) => {
      watch?.dispose();
      watch = visible ? items.watch() : null;
      if (visible) onShown();
    };
    this.#store.add(view.onDidChangeVisibility(({ visible }) => follow(visible)));
    this.#store.add({ dispose: () => watch?.dispose() });
    follow(view.visible);
  }

  dispose(): void {
    this.#store.dispose();
  }
}

/** A row of such a list. */
export function treeItem(label: string, id: string, { description, tooltip, icon, color }: {
  readonly description: string; readonly tooltip: string; readonly icon: string; readonly color: string | undefined;
}): vscode.TreeItem {
  const item = new vscode.TreeItem(label);
  item.id = id;
  item.description = description;
  item.tooltip = new vscode.MarkdownString(tooltip);
  item.iconPath = color === undefined ? new vscode.ThemeIcon(icon) : new vscode.ThemeIcon(icon, new vscode.ThemeColor(color));
  item.accessibilityInformation = { label: `${label}, ${description}` };
  return item;
}
