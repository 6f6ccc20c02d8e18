import { mkdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import { z } from "zod";

/** Machine and model → width of steps → the thread count that was fastest. */
const Learned = z.record(z.string(), z.record(z.string().regex(/^\d$/), z.int().min(1).max(512)));

/** The file in which thread counts are kept from one load to the next. A hint: what is missing or broken is measured again. */
export class LearnedThreads {
  readonly #path: string;
  readonly #key: string;

  constructor(path: string, key: string) {
    this.#path = path;
    this.#key = key;
  }

  read(): Map<number, number> {
    const found = Object.entries(this.#all()[this.#key] ?? {});
    return new Map(found.map(([lane, threads]) => [Number(lane), threads]));
  }

  write(counts: ReadonlyMap<number, number>): void {
    writeHint(this.#path, { ...this.#all(), [this.#key]: Object.fromEntries(counts) });
  }

  #all(): z.infer<typeof Learned> {
    try {
      return Learned.parse(JSON.parse(readFileSync(this.#path, "utf8")));
    } catch {
      return {};
    }
  }
}

/** Keeps what was measured for the next time. */
export function writeHint(path: string, value: unknown): void {
  // A name of its own: two models may finish measuring at the same moment.
  const draft = `${path}.${process.pid}`;
  try {
    mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
    writeFileSync(draft, `${JSON.stringify(value, null, 2)}\n`, { mode: 0o600 });
    renameSync(draft, path);
  } catch {
    // A full disk or a read-only folder costs measuring it again, not an answer.
  }
}
