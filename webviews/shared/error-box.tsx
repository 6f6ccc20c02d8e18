import type { ComponentChildren } from "preact";
import type { ErrorBody } from "../../protocol/errors.ts";
import { MarkedText } from "./marked-text.tsx";

interface ErrorBoxProps {
  readonly error: ErrorBody["error"];
  /** Buttons such as "Try again". */
  readonly children?: ComponentChildren;
}

/** What went wrong, what to do about it, and the code to search the reference for. */
export function ErrorBox({ error, children }: ErrorBoxProps) {
  return (
    <div class="error-box" role="alert">
      <vscode-icon name="error" />
      <div class="error-text">
        <p class="error-message"><MarkedText text={error.message} /></p>
        <p class="error-hint"><MarkedText text={error.hint} /></p>
        <p class="error-foot">
          <code>{error.code}</code>
          {children}
        </p>
      </div>
    </div>
  );
}
