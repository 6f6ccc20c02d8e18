import type { ComponentChildren } from "preact";
import { MarkedText } from "./marked-text.tsx";
import { sharedStrings as text } from "./strings.ts";

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
      <Notice icon="lock" title={refused ? text.tokenRefused : text.tokenMissing}>
        <p>{refused ? text.tokenRefusedWhy : text.tokenMissingWhy}</p>
        <p>
          <MarkedText text={text.tokenHow} />
        </p>
      </Notice>
    </main>
  );
}
