import * as vscode from "vscode";
import { DisposableStore, type Disposable } from "../../base/disposable.ts";
import type { ModelStatus } from "../../protocol/api/inferno.ts";
import type { Client } from "../../protocol/client/index.ts";
import { languageModelVendor } from "../../protocol/commands.ts";
import { InfernoError } from "../../protocol/errors.ts";
import type { Poller } from "../daemon/poller.ts";
import { contextShares, estimateTokens, toChatMessages, type EditorMessage, type EditorPart } from "./messages.ts";

export interface ChatProviderOptions {
  readonly models: Poller<readonly ModelStatus[]>;
  /** May start the daemon. */
  readonly client: () => Promise<Client>;
}

/** What is assumed of a model that was never loaded; its own number replaces it when it is. */
const unknownContext = 4096;

/** Our chat models in the editor's model picker. */
export function registerChatProvider({ models, client }: ChatProviderOptions): Disposable {
  const store = new DisposableStore();
  const changed = store.add(new vscode.EventEmitter<void>());
  store.add(models.onChange.on(() => changed.fire()));
  const provider: vscode.LanguageModelChatProvider = {
    onDidChangeLanguageModelChatInformation: changed.event,
    provideLanguageModelChatInformation: async ({ silent }) => {
      // The editor asks silently at moments of its own: no reason to start a daemon.
      if (!silent) await client();
      if (models.value === null) await models.refresh();
      return (models.value ?? []).filter(({ task }) => task === "chat").map(information);
    },
    provideLanguageModelChatResponse: async ({ id }, messages, options, progress, token) => {
      const abort = new AbortController();
      const listening = token.onCancellationRequested(() => abort.abort());
      try {
        const body = { ...options.modelOptions, model: id, messages: toChatMessages(messages.map(editorMessage)), stream: true };
        for await (const chunk of (await client()).stream("chatCompletions", { body }, { signal: abort.signal })) {
          const text = chunk.choices[0]?.delta.content ?? "";
          if (text !== "") progress.report(new vscode.LanguageModelTextPart(text));
        }
      } catch (error) {
        if (token.isCancellationRequested) throw new vscode.CancellationError();
        throw editorError(InfernoError.from(error));
      } finally {
        listening.dispose();
      }
    },
    provideTokenCount: (_model, text) => Promise.resolve(estimateTokens(typeof text === "string" ? text : plainText(editorMessage(text)))),
  };
  store.add(vscode.lm.registerLanguageModelChatProvider(languageModelVendor, provider));
  return store;
}

function information({ name, source, context, info }: ModelStatus): vscode.LanguageModelChatInformation {
  const { input, output } = contextShares(context ?? info?.trainedContext ?? unknownContext);
  return {
    id: name,
    name,
    family: info?.architecture ?? name,
    version: info?.quantization ?? "1",
    detail: vscode.l10n.t("local"),
    tooltip: vscode.l10n.t("Runs on this machine: {0}", source),
    maxInputTokens: input,
    maxOutputTokens: output,
    capabilities: {},
  };
}

function editorMessage({ role, content }: vscode.LanguageModelChatRequestMessage): EditorMessage {
  return { role: role === vscode.LanguageModelChatMessageRole.Assistant ? "assistant" : "user", parts: content.map(editorPart) };
}

function editorPart(part: unknown): EditorPart {
  if (part instanceof vscode.LanguageModelTextPart) return { kind: "text", text: part.value };
  if (part instanceof vscode.LanguageModelToolCallPart) return { kind: "toolCall", id: part.callId, name: part.name, input: part.input };
  if (part instanceof vscode.LanguageModelToolResultPart) {
    const text = part.content.map((piece) => (piece instanceof vscode.LanguageModelTextPart ? piece.value : "")).join("");
    return { kind: "toolResult", id: part.callId, text };
  }
  return { kind: "other" };
}

const plainText = ({ parts }: EditorMessage) => parts.map((part) => ("text" in part ? part.text : "")).join("");

/** The editor shows its own words for the errors that it knows. */
function editorError(error: InfernoError): Error {
  const message = `${error.message} ${error.hint}`;
  if (error.code === "model_not_found") return vscode.LanguageModelError.NotFound(message);
  if (error.code === "queue_full") return vscode.LanguageModelError.Blocked(message);
  return new Error(message, { cause: error });
}
