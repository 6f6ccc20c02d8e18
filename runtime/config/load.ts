import { readFile } from "node:fs/promises";
import { resolve } from "node:path";
import { Config } from "../../protocol/config.ts";
import { InfernoError } from "../../protocol/errors.ts";
import { YamlFile } from "./yaml-file.ts";

export interface LoadedConfig {
  /** Absolute. */
  readonly path: string;
  readonly config: Config;
}

/** Reads one inferno.yaml. Throws `config_missing`, or `config_invalid` with every finding as `file:line:column: key: what`. */
export async function loadConfig(file: string): Promise<LoadedConfig> {
  const path = resolve(file);
  let text: string;
  try {
    text = new TextDecoder("utf-8", { fatal: true }).decode(await readFile(path));
  } catch (cause) {
    if (cause instanceof TypeError) throw new InfernoError("config_invalid", `${path} is not encoded as UTF-8.`, { cause });
    throw new InfernoError("config_missing", `Cannot read ${path}: ${cause instanceof Error ? cause.message : String(cause)}.`, { cause });
  }
  return { path, config: parseConfig(text, path) };
}

/** The same from text; `path` only names the place in messages. */
export const parseConfig = (text: string, path: string): Config => new YamlFile(text, path, "config_invalid").parse(Config);
