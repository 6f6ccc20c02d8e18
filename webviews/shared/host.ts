import type { z } from "zod";
import { Client } from "../../protocol/client/index.ts";
import { findToken } from "./token.ts";

export type PanelName = "playground" | "flame" | "tokens";

/** A panel's other end: the extension in VS Code; in a plain browser a protocol session inside the page. */
export interface Host<Out> {
  /** True in VS Code, which has its own title bar and commands. */
  readonly inEditor: boolean;
  post(message: Out): void;
  /** What `save` kept before the page was reloaded, or undefined. */
  load(): unknown;
  save(state: unknown): void;
}

export interface HostOptions<Out, In> {
  /** Of the page's own state in the browser's session storage. */
  readonly name: string;
  readonly incoming: z.ZodType<In>;
  readonly onMessage: (message: In) => void;
  /** Makes the browser's session. */
  readonly connect: (browser: BrowserLink<In>) => { receive(message: Out): Promise<void> };
}

export interface BrowserLink<In> {
  readonly client: () => Promise<Client>;
  readonly post: (message: In) => void;
  /** Shows a trace in the flame panel, in another tab; at a moment of it, where one is given. */
  readonly openTrace: (traceId: string, atUs?: number | null) => void;
  /** Shows a trace's tokens, in another tab. */
  readonly openTokens: (traceId: string) => void;
}

interface VsCodeApi {
  postMessage(message: unknown): void;
  getState(): unknown;
  setState(state: unknown): void;
}

declare global {
  interface Window {
    acquireVsCodeApi?: () => VsCodeApi;
  }
}

const tokenKey = "inferno.token";

/** The host of this page, or null when it is a plain browser's and has no token. */
export function openHost<Out, In>(options: HostOptions<Out, In>): Host<Out> | null {
  const api = window.acquireVsCodeApi?.();
  return api === undefined ? openBrowserHost(options) : openEditorHost(api, options);
}

function openEditorHost<Out, In>(api: VsCodeApi, { incoming, onMessage }: HostOptions<Out, In>): Host<Out> {
  window.addEventListener("message", ({ data }: MessageEvent<unknown>) => {
    const message = incoming.safeParse(data);
    // Extensions and panels are built together: something else can only be another frame's message.
    if (message.success) onMessage(message.data);
  });
  return {
    inEditor: true,
    post: (message) => api.postMessage(message),
    load: () => api.getState(),
    save: (state) => api.setState(state),
  };
}

function openBrowserHost<Out, In>({ name, onMessage, connect }: HostOptions<Out, In>): Host<Out> | null {
  const found = findToken({ fragment: location.hash, stored: sessionStorage.getItem(tokenKey) });
  if (found === null) return null;
  const { token } = found;
  sessionStorage.setItem(tokenKey, token);
  if (found.fromFragment) history.replaceState(null, "", location.pathname + location.search);

  const client = new Client({ url: location.origin, token });
  const session = connect({
    client: () => Promise.resolve(client),
    post: onMessage,
    openTrace: (traceId, atUs = null) => openTab(panelAddress("flame", token, { trace: traceId, ...(atUs === null ? {} : { at: String(atUs) }) })),
    openTokens: (traceId) => openTab(panelAddress("tokens", token, { trace: traceId })),
  });
  const stateKey = `inferno.${name}`;
  return {
    inEditor: false,
    post: (message) => void session.receive(message),
    load: () => parseStored(sessionStorage.getItem(stateKey)),
    save: (state) => sessionStorage.setItem(stateKey, JSON.stringify(state)),
  };
}

const openTab = (address: string): void => void window.open(address, "_blank", "noopener");

/** The address of a panel from another one of the same daemon. The token travels in the fragment, which is never sent to a server. */
function panelAddress(panel: PanelName, token: string, query: Record<string, string>): string {
  const theme = new URLSearchParams(location.search).get("theme");
  const parameters = new URLSearchParams({ ...query, ...(theme === null ? {} : { theme }) });
  return `${panel}?${parameters.toString()}#token=${encodeURIComponent(token)}`;
}

function parseStored(text: string | null): unknown {
  try {
    return text === null ? undefined : JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** Forgets a token that the daemon refused, so that a reload asks again. */
export function forgetToken(): void {
  sessionStorage.removeItem(tokenKey);
}
