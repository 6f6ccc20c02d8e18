import type { FileFacts } from "./workspace.ts";

/** What was found out about files, kept until their size or time changes. */
export class SeenFiles<T> {
  readonly #seen = new Map<string, { readonly facts: FileFacts; readonly found: T }>();

  async get(path: string, facts: FileFacts, find: () => Promise<T>): Promise<T> {
    const known = this.#seen.get(path);
    if (known?.facts.size === facts.size && known.facts.modifiedMs === facts.modifiedMs) return known.found;
    const found = await find();
    this.#seen.set(path, { facts, found });
    return found;
  }
}
