import * as vscode from "vscode";
import type { Client } from "../../protocol/client/index.ts";

/** Enough to see steady decode steps, and few enough for the panel to stay readable. */
const mostTokens = 16;

/** Asks for a prompt and runs it with every operation recorded; the request's trace. Undefined when the person changes their mind. */
export async function profileOperations(client: Client, named: string | undefined): Promise<string | undefined> {
  const model = named ?? (await pickChatModel(client));
  if (model === undefined) return undefined;
  const content = await vscode.window.showInputBox({ prompt: vscode.l10n.t("What to ask {0}", model), ignoreFocusOut: true });
  if (content === undefined || content === "") return undefined;
  const title = vscode.l10n.t("Profiling {0}", model);
  return await vscode.window.withProgress({ location: vscode.ProgressLocation.Notification, title, cancellable: true }, async (_progress, cancelled) => {
    const abort = new AbortController();
    cancelled.onCancellationRequested(() => abort.abort());
    const body = { model, messages: [{ role: "user" as const, content }], temperature: 0, max_tokens: mostTokens, profile: "ops" as const };
    try {
      const { timings } = await client.call("chatCompletions", { body }, { signal: abort.signal });
      return timings.trace_id;
    } catch (error) {
      if (abort.signal.aborted) return undefined;
      throw error;
    }
  });
}

/** The only chat model there is, or one that the person chooses. */
export async function pickChatModel(client: Client): Promise<string | undefined> {
  const { models } = await client.call("models");
  const chats = models.filter(({ task }) => task === "chat").map(({ name }) => name);
  if (chats.length <= 1) return chats[0];
  return await vscode.window.showQuickPick(chats, { placeHolder: vscode.l10n.t("Choose a model") });
}
