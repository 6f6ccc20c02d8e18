export type Suite = NodeSuite | CommandSuite;

interface SuiteBase {
  readonly name: string;
  readonly about: string;
  /** For one test file (node) or the whole command: a hang must not outlive the CI's patience. */
  readonly timeoutMs: number;
}

/** Files for `node --test`. */
export interface NodeSuite extends SuiteBase {
  readonly kind: "node";
  readonly folder: string;
  /** Files at once; suites that start daemons or editors take the machine one file at a time. */
  readonly parallel: boolean;
}

/** A program with its own runner, whose last line is `N passed, N failed`. */
export interface CommandSuite extends SuiteBase {
  readonly kind: "command";
  readonly command: readonly string[];
}

const minutes = (n: number): number => n * 60_000;

/** Cheapest first, so that a broken build says so in seconds. */
export const suites: readonly Suite[] = [
  { name: "architecture", about: "import rule, ratchet, drift, tour", kind: "node", folder: "test/architecture", parallel: true, timeoutMs: minutes(3) },
  { name: "unit", about: "every room with the fake backend", kind: "node", folder: "test/unit", parallel: true, timeoutMs: minutes(2) },
  { name: "integration", about: "a real daemon with Ember, and its clients", kind: "node", folder: "test/integration", parallel: false, timeoutMs: minutes(5) },
  { name: "server", about: "the language server over stdio", kind: "node", folder: "test/server", parallel: false, timeoutMs: minutes(3) },
  { name: "inhost", about: "the extension inside VS Code's extension host", kind: "command", command: ["test/inhost/run.ts"], timeoutMs: minutes(8) },
  { name: "e2e", about: "a person's path through real VS Code and the panels", kind: "node", folder: "test/e2e", parallel: false, timeoutMs: minutes(8) },
];
