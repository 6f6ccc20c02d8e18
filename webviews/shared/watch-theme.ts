import { themeKind, type ThemeKind } from "./theme.ts";

/**
 * Marks the document with its theme and calls back now and on every change.
 * In VS Code the editor's variables are there already; in a plain browser `data-palette` switches our own palette on (theme.css).
 */
export function watchTheme(onChange: (kind: ThemeKind) => void): void {
  const light = matchMedia("(prefers-color-scheme: light)");
  const contrast = matchMedia("(prefers-contrast: more), (forced-colors: active)");
  const root = document.documentElement;
  const apply = () => {
    const bodyClasses = [...document.body.classList];
    const asked = new URLSearchParams(location.search).get("theme");
    const kind = themeKind({ bodyClasses, asked, prefersLight: light.matches, prefersContrast: contrast.matches });
    root.dataset.theme = kind;
    if (bodyClasses.some((name) => name.startsWith("vscode-"))) delete root.dataset.palette;
    else root.dataset.palette = kind;
    onChange(kind);
  };
  light.addEventListener("change", apply);
  contrast.addEventListener("change", apply);
  // VS Code changes these when the user picks another theme.
  const observer = new MutationObserver(apply);
  observer.observe(document.body, { attributes: true, attributeFilter: ["class"] });
  observer.observe(root, { attributes: true, attributeFilter: ["style"] });
  apply();
}
