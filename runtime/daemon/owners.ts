import { isAlive } from "./lock.ts";

/** The processes on whose behalf a daemon runs. */
export class Owners {
  readonly #pids = new Set<number>();
  readonly #isAlive: (pid: number) => boolean;

  constructor(alive: (pid: number) => boolean = isAlive) {
    this.#isAlive = alive;
  }

  add(pid: number): void {
    this.#pids.add(pid);
  }

  /** Forgets the dead and says whether any is left. */
  anyAlive(): boolean {
    for (const pid of [...this.#pids]) if (!this.#isAlive(pid)) this.#pids.delete(pid);
    return this.#pids.size > 0;
  }
}
