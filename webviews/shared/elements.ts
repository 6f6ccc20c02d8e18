import "@vscode-elements/elements/dist/vscode-icon/index.js";
import "@vscode-elements/elements/dist/vscode-progress-ring/index.js";
import "@vscode-elements/elements/dist/vscode-textfield/index.js";
import "@vscode-elements/elements/dist/vscode-toolbar-button/index.js";
import type { VscodeIcon } from "@vscode-elements/elements/dist/vscode-icon/index.js";
import type { VscodeProgressRing } from "@vscode-elements/elements/dist/vscode-progress-ring/index.js";
import type { VscodeTextfield } from "@vscode-elements/elements/dist/vscode-textfield/index.js";
import type { VscodeToolbarButton } from "@vscode-elements/elements/dist/vscode-toolbar-button/index.js";
import type { HTMLAttributes } from "preact";

/** A web component's own properties as JSX attributes, beside those of every HTML element. */
type PropsOf<T extends HTMLElement, K extends keyof T> = Omit<HTMLAttributes<T>, K> & Partial<Pick<T, K>>;

declare module "preact" {
  // The one place where TypeScript wants a namespace: JSX looks element names up in it.
  namespace JSX {
    interface IntrinsicElements {
      "vscode-icon": PropsOf<VscodeIcon, "name" | "size" | "spin">;
      "vscode-progress-ring": PropsOf<VscodeProgressRing, "ariaLabel">;
      "vscode-textfield": PropsOf<VscodeTextfield, "value" | "label" | "placeholder" | "type" | "min" | "max" | "step" | "invalid">;
      "vscode-toolbar-button": PropsOf<VscodeToolbarButton, "icon" | "label">;
    }
  }
}
