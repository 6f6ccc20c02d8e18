/** Texts that several panels show. */
export const sharedStrings = {
  brand: "Inferno",
  panels: "Panels",
  playground: "Playground",
  flame: "Flame",
  tokens: "Tokens",
  tokenMissing: "This page needs the daemon's token",
  tokenMissingWhy: "Inferno answers only to those who hold its token, even on this machine.",
  tokenRefused: "The daemon refused this page's token",
  tokenRefusedWhy: "The daemon was probably started anew since this page was opened; every start may have another token.",
  tokenHow: "Run `inferno serve`, which finds a daemon that runs already, and open the address that it prints: it ends in `#token=…`. In VS Code, the command “Inferno: New Chat” opens this page with no token to copy.",
} as const;
