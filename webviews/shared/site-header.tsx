import type { PanelName } from "./host.ts";
import { sharedStrings as text } from "./strings.ts";

/** In a plain browser only: which panel this is, and the way to the others. VS Code has tabs for that. */
export function SiteHeader({ here }: { readonly here: PanelName }) {
  const link = (panel: PanelName, title: string) => (
    <a href={panel + themeOnly()} aria-current={panel === here ? "page" : undefined}>
      {title}
    </a>
  );
  return (
    <header class="site">
      <span class="brand">
        <vscode-icon name="flame" />
        {text.brand}
      </span>
      <nav aria-label={text.panels}>
        {link("playground", text.playground)}
        {link("flame", text.flame)}
        {link("tokens", text.tokens)}
      </nav>
    </header>
  );
}

/** Another panel looks like this one; what else the address says is this panel's own. */
function themeOnly(): string {
  const theme = new URLSearchParams(location.search).get("theme");
  return theme === null ? "" : `?theme=${encodeURIComponent(theme)}`;
}
