import { existsSync } from "node:fs";
import { join, resolve } from "node:path";
import { homeFolder } from "../home/folder.ts";
import type { Terminal } from "./terminal.ts";

/** What every command gets: the world, the state folder, and how to answer. */
export interface Context {
  readonly terminal: Terminal;
  readonly home: string;
  readonly json: boolean;
}

/** Exit code of a command that ended well; commands return it themselves, errors carry their own. */
export const success = 0;

export interface CommonOptions {
  readonly home?: string | undefined;
  readonly json?: boolean | undefined;
}

export function makeContext(terminal: Terminal, options: CommonOptions): Context {
  const home = options.home === undefined ? homeFolder(terminal.env) : resolve(terminal.cwd, options.home);
  return { terminal, home, json: options.json ?? false };
}

/** The configuration to serve: the one asked for, else inferno.yaml of this folder, else of the state folder, else none. */
export function chooseConfig({ terminal, home }: Context, asked: string | undefined): string | undefined {
  if (asked !== undefined) return resolve(terminal.cwd, asked);
  return [join(terminal.cwd, "inferno.yaml"), join(home, "inferno.yaml")].find((file) => existsSync(file));
}

export function printLines({ terminal }: Context, lines: readonly string[]): void {
  for (const line of lines) terminal.stdout.write(`${line}\n`);
}

export function printJson({ terminal }: Context, value: unknown): void {
  terminal.stdout.write(`${JSON.stringify(value)}\n`);
}
