import { existsSync } from "node:fs";
import { isAbsolute, join } from "node:path";

export interface ConfigChoice {
  /** The setting `inferno.daemon.config`. */
  readonly setting: string;
  readonly folders: readonly string[];
  readonly trusted: boolean;
  readonly exists?: (path: string) => boolean;
}

/** The configuration files whose models this window uses. A workspace that is not trusted chooses none. */
export function configFiles({ setting, folders, trusted, exists = existsSync }: ConfigChoice): readonly string[] {
  if (!trusted) return [];
  const chosen = setting.trim();
  if (isAbsolute(chosen)) return [chosen];
  if (chosen !== "") return folders.slice(0, 1).map((folder) => join(folder, chosen));
  return folders.map((folder) => join(folder, "inferno.yaml")).filter(exists);
}
