import { accessSync, constants, mkdirSync } from "node:fs";
import { join } from "node:path";
import { InfernoError } from "../../protocol/errors.ts";

/** What is where in the state folder. */
export interface HomePaths {
  readonly folder: string;
  /** daemon.json: url, token and pid of the running daemon. */
  readonly record: string;
  readonly lock: string;
  readonly traces: string;
  /** Downloaded models. */
  readonly models: string;
  /** Saved conversation states. */
  readonly states: string;
  /** Prefixes of prompts that had to leave the KV cache. */
  readonly prefixes: string;
  /** GPU libraries that `inferno gpu install` fetched. */
  readonly gpu: string;
  readonly log: string;
}

export function homePaths(folder: string): HomePaths {
  return {
    folder,
    record: join(folder, "daemon.json"),
    lock: join(folder, "daemon.lock"),
    traces: join(folder, "traces.db"),
    models: join(folder, "models"),
    states: join(folder, "states"),
    prefixes: join(folder, "prefixes"),
    gpu: join(folder, "gpu"),
    log: join(folder, "logs", "daemon.log"),
  };
}

/** Makes the folder with its subfolders, for this user only, and checks that it can be written. Throws `home_unwritable`. */
export function openHome(folder: string): HomePaths {
  const paths = homePaths(folder);
  return writing(folder, () => {
    for (const each of [paths.folder, paths.models, paths.gpu, join(folder, "logs")]) mkdirSync(each, { recursive: true, mode: 0o700 });
    accessSync(folder, constants.W_OK);
    return paths;
  });
}

/** Runs something that writes into the state folder; a refusal of the file system becomes `home_unwritable`. */
export function writing<T>(folder: string, act: () => T): T {
  try {
    return act();
  } catch (cause) {
    throw unwritable(folder, cause);
  }
}

export function unwritable(folder: string, cause: unknown): InfernoError {
  const reason = cause instanceof Error ? cause.message : String(cause);
  return new InfernoError("home_unwritable", `The state folder ${folder} cannot be used: ${reason}.`, { cause });
}
