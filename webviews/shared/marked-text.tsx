/** A text whose `pieces in backticks` are code. A single backtick stays what it is. */
export function MarkedText({ text }: { readonly text: string }) {
  return <>{splitMarked(text).map((piece, at) => (at % 2 === 1 ? <code key={at}>{piece}</code> : piece))}</>;
}

/** Every second piece is code. */
export const splitMarked = (text: string): string[] => text.split(/`([^`\n]+)`/);
