export type ThemeKind = "dark" | "light" | "hc-dark" | "hc-light";

export const isHighContrast = (kind: ThemeKind): boolean => kind.startsWith("hc-");

/** What decides the theme: VS Code's class on the body, else `?theme=`, else what the browser prefers. */
export interface ThemeSources {
  /** Classes of the body: VS Code sets `vscode-dark`, `vscode-light`, `vscode-high-contrast` or `vscode-high-contrast-light`. */
  readonly bodyClasses: readonly string[];
  /** The `theme` parameter of the address. */
  readonly asked: string | null;
  readonly prefersLight: boolean;
  readonly prefersContrast: boolean;
}

export function themeKind({ bodyClasses, asked, prefersLight, prefersContrast }: ThemeSources): ThemeKind {
  // The light one first: VS Code sets `vscode-high-contrast` beside it, for extensions of before it existed.
  if (bodyClasses.includes("vscode-high-contrast-light")) return "hc-light";
  if (bodyClasses.includes("vscode-high-contrast")) return "hc-dark";
  if (bodyClasses.includes("vscode-light")) return "light";
  if (bodyClasses.includes("vscode-dark")) return "dark";
  if (asked === "dark" || asked === "light" || asked === "hc-dark" || asked === "hc-light") return asked;
  if (prefersContrast) return prefersLight ? "hc-light" : "hc-dark";
  return prefersLight ? "light" : "dark";
}
