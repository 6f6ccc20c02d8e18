import type { ComponentChildren } from "preact";

interface NoticeProps {
  readonly icon: string;
  readonly title: string;
  readonly children?: ComponentChildren;
}

/** A page that has nothing to show yet says why, and what to do next. */
export function Notice({ icon, title, children }: NoticeProps) {
  return (
    <div class="notice">
      <vscode-icon name={icon} size={32} />
      <h2>{title}</h2>
      {children}
    </div>
  );
}

/** A plain browser without a token, or with one that the daemon refused. */
export function LockedPage({ refused }: { readonly refused: boolean }) {
  return (
    <main class="locked">
      <Notice icon="lock" title={refused ? "The daemon refused this page's token" : "This page needs the daemon's token"}>
        <p>
          {refused
            ? "The daemon was probably started anew since this page was opened; every start may have another token."
            : "Inferno answers only to those who hold its token, even on this machine."}
        </p>
        <p>
          Run <code>inferno ps</code> and open the address that it prints: it ends in <code>#token=…</code>. In VS Code, use the command <em>Inferno: New Chat</em>.
        </p>
      </Notice>
    </main>
  );
}
