/** Colours for a stream, or none. */
export interface Paint {
  bold(text: string): string;
  dim(text: string): string;
  red(text: string): string;
  green(text: string): string;
  yellow(text: string): string;
  cyan(text: string): string;
}

const wrap = (on: number, off: number) => (text: string) => `\x1B[${on}m${text}\x1B[${off}m`;

const colours: Paint = { bold: wrap(1, 22), dim: wrap(2, 22), red: wrap(31, 39), green: wrap(32, 39), yellow: wrap(33, 39), cyan: wrap(36, 39) };

const same = (text: string): string => text;
export const plain: Paint = { bold: same, dim: same, red: same, green: same, yellow: same, cyan: same };

/** Colours only where a person looks, and not where NO_COLOR (any value but empty) or a dumb terminal says otherwise. */
export function paintFor(isTty: boolean, env: NodeJS.ProcessEnv): Paint {
  const refused = (env["NO_COLOR"] ?? "") !== "" || env["TERM"] === "dumb";
  return isTty && !refused ? colours : plain;
}
