import { readFileSync } from "node:fs";

/** Text of a file, or empty when it cannot be read: another system, or not ours to read. Then this source says nothing. */
export type ReadText = (path: string) => string;

export const readText: ReadText = (path) => {
  try {
    return readFileSync(path, "latin1");
  } catch {
    return "";
  }
};
