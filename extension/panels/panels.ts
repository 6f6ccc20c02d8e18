import * as vscode from "vscode";
import type { Disposable } from "../../base/disposable.ts";
import type { Client } from "../../protocol/client/index.ts";
import { FlameSession } from "../../protocol/panels/flame-session.ts";
import { FromFlame, type ToFlame } from "../../protocol/panels/flame.ts";
import { PlaygroundSession } from "../../protocol/panels/playground-session.ts";
import { FromPlayground, type ToPlayground } from "../../protocol/panels/playground.ts";
import { TokensSession } from "../../protocol/panels/tokens-session.ts";
import { FromTokens, type ToTokens } from "../../protocol/panels/tokens.ts";
import { Panel } from "./panel.ts";

export interface PanelsOptions {
  readonly folder: vscode.Uri;
  readonly icon: vscode.Uri;
  readonly client: () => Promise<Client>;
  readonly log: vscode.LogOutputChannel;
}

/** Opens the panels and connects each to a session of the contract, which does the talking. */
export class Panels implements vscode.Disposable {
  readonly #options: PanelsOptions;
  readonly #open = new Set<Disposable>();
  #flame: { readonly panel: Panel<FromFlame, ToFlame>; show(traceId: string | null, atUs: number | null): void } | null = null;
  #tokens: { show(traceId: string): void } | null = null;

  constructor(options: PanelsOptions) {
    this.#options = options;
  }

  /** A new chat each time; `model` is chosen in it beforehand. */
  openPlayground(model: string | undefined): void {
    const { client, folder, icon, log } = this.#options;
    const session = new PlaygroundSession({ client, post: (message) => panel.post(message), openTrace: (traceId) => this.openFlame(traceId), openTokens: (traceId) => this.openTokens(traceId) });
    let selected = model;
    const receive = async (message: FromPlayground) => {
      await session.receive(message);
      if (message.type !== "ready" || selected === undefined) return;
      // Once: a page that comes back from being hidden remembers what the person chose since.
      panel.post({ type: "select", model: selected });
      selected = undefined;
    };
    const panel: Panel<FromPlayground, ToPlayground> = this.#track((onClosed) => new Panel({
      name: "playground", place: { title: vscode.l10n.t("Playground"), icon, column: vscode.ViewColumn.Active },
      folder, incoming: FromPlayground, log,
      onMessage: (message) => void receive(message).catch((error: unknown) => log.error(String(error))),
      onClosed: () => {
        session.dispose();
        onClosed();
      },
    }));
  }

  /** One flame panel for all traces; null shows the latest. `atUs` is a moment of the trace. */
  openFlame(traceId: string | null, atUs: number | null = null): void {
    if (this.#flame === null) this.#flame = this.#createFlame(traceId, atUs);
    else this.#flame.show(traceId, atUs);
  }

  /** One token panel for all traces. */
  openTokens(traceId: string): void {
    if (this.#tokens === null) this.#tokens = this.#createTokens(traceId);
    else this.#tokens.show(traceId);
  }

  dispose(): void {
    for (const panel of [...this.#open]) panel.dispose();
  }

  #createTokens(first: string) {
    const { client, folder, icon, log } = this.#options;
    let traceId = first;
    let ready = false;
    const session = new TokensSession({
      client,
      post: (message) => panel.post(message),
      openFlame: (id, atUs) => this.openFlame(id, atUs),
      get traceId() {
        return traceId;
      },
    });
    const receive = (message: FromTokens) => {
      if (message.type === "ready") ready = true;
      session.receive(message).catch((error: unknown) => log.error(String(error)));
    };
    const panel: Panel<FromTokens, ToTokens> = this.#track((onClosed) => new Panel({
      name: "tokens", place: { title: vscode.l10n.t("Tokens"), icon, column: vscode.ViewColumn.Beside },
      folder, incoming: FromTokens, log, onMessage: receive,
      onClosed: () => {
        this.#tokens = null;
        session.dispose().catch((error: unknown) => log.error(String(error)));
        onClosed();
      },
    }));
    const show = (id: string) => {
      traceId = id;
      panel.reveal();
      // Before it is ready, the page will ask of its own accord.
      if (ready) receive({ type: "open", traceId: id });
    };
    return { show };
  }

  #createFlame(first: string | null, firstAtUs: number | null) {
    const { client, folder, icon, log } = this.#options;
    let traceId = first;
    let atUs = firstAtUs;
    let ready = false;
    const session = new FlameSession({
      client,
      post: (message) => panel.post(message),
      copy: (text) => vscode.env.clipboard.writeText(text),
      openTokens: (id) => this.openTokens(id),
      // A page that was hidden starts anew, with the trace that it showed.
      get traceId() {
        return traceId;
      },
      get atUs() {
        return atUs;
      },
    });
    const receive = (message: FromFlame) => {
      if (message.type === "ready") ready = true;
      if (message.type === "open" && !message.compare) [traceId, atUs] = [message.traceId, null];
      session.receive(message).catch((error: unknown) => log.error(String(error)));
    };
    const panel: Panel<FromFlame, ToFlame> = this.#track((onClosed) => new Panel({
      name: "flame", place: { title: vscode.l10n.t("Flame"), icon, column: vscode.ViewColumn.Beside },
      folder, incoming: FromFlame, log, onMessage: receive,
      onClosed: () => {
        this.#flame = null;
        onClosed();
      },
    }));
    const show = (id: string | null, moment: number | null) => {
      [traceId, atUs] = [id, moment];
      panel.reveal();
      // It asks for its trace as it does when it begins; before it is ready, it will do so of its own accord.
      if (ready) receive({ type: "ready" });
    };
    return { panel, show };
  }

  #track<P extends Disposable>(create: (onClosed: () => void) => P): P {
    const panel = create(() => this.#open.delete(panel));
    this.#open.add(panel);
    return panel;
  }
}
