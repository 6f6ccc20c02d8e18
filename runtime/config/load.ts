import { readFile } from "node:fs/promises";
import { resolve } from "node:path";
import { isMap, isScalar, LineCounter, parseDocument, type Document, type Node } from "yaml";
import type { z } from "zod";
import { Config, ModelConfig, SamplingDefaults, ServerConfig, TracesConfig } from "../../protocol/config.ts";
import { InfernoError } from "../../protocol/errors.ts";
import { didYouMean } from "../../base/near.ts";

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
export function parseConfig(text: string, path: string): Config {
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false });
  const at = (offset: number) => {
    const { line, col } = lines.linePos(offset);
    return `${path}:${line}:${col}`;
  };
  const syntax = document.errors.map((error) => `${at(error.pos[0])}: ${error.message}`);
  if (syntax.length > 0) throw new InfernoError("config_invalid", syntax.join("\n"));

  // An empty file is an empty configuration, not null.
  const parsed = Config.safeParse(plainValue(document, path) ?? {});
  if (parsed.success) return parsed.data;
  const findings = parsed.error.issues.flatMap((issue) => explain(issue, document, at));
  throw new InfernoError("config_invalid", findings.map(({ text }) => text).join("\n"), { param: findings[0]?.key });
}

function plainValue(document: Document, path: string): unknown {
  try {
    return document.toJS();
  } catch (cause) {
    // Such as aliases that expand beyond all bounds.
    throw new InfernoError("config_invalid", `${path}: ${cause instanceof Error ? cause.message : String(cause)}`, { cause });
  }
}

interface Finding {
  readonly key: string;
  readonly text: string;
}

function explain(issue: z.core.$ZodIssue, document: Document, at: (offset: number) => string): Finding[] {
  if (issue.code !== "unrecognized_keys") {
    const key = issue.path.join(".");
    const message = issue.code === "invalid_key" ? (issue.issues[0]?.message ?? issue.message) : issue.message;
    return [{ key, text: `${at(offsetOf(document, issue.path))}: ${key === "" ? "the file" : key}: ${message}` }];
  }
  return issue.keys.map((name) => {
    const path = [...issue.path, name];
    const key = path.join(".");
    return { key, text: `${at(offsetOf(document, path, true))}: ${key}: no such key.${didYouMean(name, knownKeys(issue.path))}` };
  });
}

/** Where the value at this path begins (or its key); the nearest parent's place when it is missing. */
function offsetOf(document: Document, path: readonly PropertyKey[], ofKey = false): number {
  let node: unknown = document.contents;
  let offset = startOf(node) ?? 0;
  for (const [depth, step] of path.entries()) {
    if (!isMap(node)) {
      node = document.getIn(path.slice(0, depth + 1), true);
    } else {
      const pair = node.items.find(({ key }) => isScalar(key) && String(key.value) === String(step));
      const last = depth === path.length - 1;
      node = last && (ofKey || startOf(pair?.value) === undefined) ? pair?.key : pair?.value;
    }
    offset = startOf(node) ?? offset;
  }
  return offset;
}

const startOf = (node: unknown): number | undefined => (node as Node | null | undefined)?.range?.[0];

/** The keys that exist in the map at this path. */
function knownKeys(path: readonly PropertyKey[]): string[] {
  const [section, , inner] = path;
  if (section === undefined) return Object.keys(Config.shape);
  if (section === "server") return Object.keys(ServerConfig.shape);
  if (section === "traces") return Object.keys(TracesConfig.shape);
  return Object.keys(inner === "sampling" ? SamplingDefaults.shape : ModelConfig.shape);
}
