/** Where a browser keeps the daemon's token: in the tab, not in the address, which ends up in histories and screenshots. */
export interface TokenPlace {
  readonly fragment: string;
  readonly stored: string | null;
}

/** The token of a page: the fragment `#token=…` wins over what the tab remembers. Null when neither has one. */
export function findToken({ fragment, stored }: TokenPlace): { readonly token: string; readonly fromFragment: boolean } | null {
  const given = new URLSearchParams(fragment.replace(/^#/, "")).get("token");
  if (given !== null && given !== "") return { token: given, fromFragment: true };
  return stored === null || stored === "" ? null : { token: stored, fromFragment: false };
}
