import { readdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import type { SavedState } from "../../protocol/api/tasks.ts";
import { readStateHeader } from "./state-files.ts";

const ending = ".state";

/** The saved states, as files: one folder a model, one file a state. Model names may hold `/` and `:`, which are escaped; states' names are checked. */
export class StateFolder {
  readonly #folder: string;

  constructor(folder: string) {
    this.#folder = folder;
  }

  pathOf(model: string, name: string): string {
    return join(this.#folder, encodeURIComponent(model), `${name}${ending}`);
  }

  find(model: string, name: string): SavedState | null {
    const header = readStateHeader(this.pathOf(model, name));
    return header === null ? null : { model, name, tokens: header.tokens, size_bytes: header.size, created_at: header.createdAt };
  }

  /** Newest first. */
  list(): SavedState[] {
    const states = namesIn(this.#folder).flatMap((folder) => {
      const model = modelOf(folder);
      return model === null ? [] : namesIn(join(this.#folder, folder)).flatMap((file) => {
        const state = file.endsWith(ending) ? this.find(model, file.slice(0, -ending.length)) : null;
        return state === null ? [] : [state];
      });
    });
    return states.sort((a, b) => b.created_at.localeCompare(a.created_at));
  }

  remove(model: string, name: string): void {
    rmSync(this.pathOf(model, name), { force: true });
  }
}

function modelOf(folder: string): string | null {
  try {
    return decodeURIComponent(folder);
  } catch {
    // Not one of ours.
    return null;
  }
}

function namesIn(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch {
    // Not there: nothing has been saved yet.
    return [];
  }
}
