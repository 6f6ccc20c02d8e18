import type { DebugProtocol } from "@vscode/debugprotocol";
import * as vscode from "vscode";
import { DisposableStore, type Disposable } from "../../base/disposable.ts";
import { debuggerType } from "../../protocol/debugger.ts";
import { InfernoDebugAdapter } from "./adapter/adapter.ts";
import { ConfigurationProvider, dynamicConfigurations, type ConfigurationParts } from "./configurations.ts";
import { TokenDocuments } from "./token-documents.ts";

/** The debugger of type `inferno`, which runs within the extension: what it debugs is in the daemon. */
export function registerDebugger(parts: ConfigurationParts): Disposable {
  const store = new DisposableStore();
  const documents = store.add(new TokenDocuments());
  const showDocument = async (uri: string, text: string): Promise<void> => await documents.show(uri, text);
  store.add(vscode.debug.registerDebugAdapterDescriptorFactory(debuggerType, {
    createDebugAdapterDescriptor: ({ configuration }) => {
      const { folder, release } = documents.claim(configuration.name);
      const adapter = new InfernoDebugAdapter({ client: parts.client, folder, showDocument, t: vscode.l10n.t });
      return new vscode.DebugAdapterInlineImplementation(inline(adapter, release));
    },
  }));
  store.add(vscode.debug.registerDebugConfigurationProvider(debuggerType, new ConfigurationProvider(parts)));
  store.add(vscode.debug.registerDebugConfigurationProvider(debuggerType, dynamicConfigurations(parts), vscode.DebugConfigurationProviderTriggerKind.Dynamic));
  return store;
}

/** As VS Code takes it. */
const inline = (adapter: InfernoDebugAdapter, release: () => void): vscode.DebugAdapter => Object.assign(vscode.Disposable.from(adapter, { dispose: release }), {
  onDidSendMessage: adapter.onDidSendMessage,
  handleMessage: (message: vscode.DebugProtocolMessage) => adapter.handleMessage(message as DebugProtocol.ProtocolMessage),
});
