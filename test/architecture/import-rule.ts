import { builtinModules } from "node:module";
import { posix } from "node:path";
import type { Import } from "./imports-of.ts";
import { rooms, type Room } from "./source-files.ts";

/** Which rooms a room may import from, besides itself. */
const mayImport: Readonly<Record<Room, readonly Room[]>> = {
  base: [],
  protocol: ["base"],
  runtime: ["base", "protocol"],
  server: ["base", "protocol"],
  extension: ["base", "protocol"],
  webviews: ["base", "protocol"],
  bench: ["base", "protocol"],
  scripts: ["base", "protocol"],
  test: ["base", "protocol", "runtime", "server", "extension", "webviews", "bench", "scripts"],
};

/** Packages that one place owns, so that replacing one is a change in one place. Tests may use any. */
const owners: Readonly<Record<string, readonly string[]>> = {
  vscode: ["extension/"],
  "vscode-languageclient": ["extension/"],
  "@vscode/debugadapter": ["extension/debug/adapter/"],
  "@vscode/debugprotocol": ["extension/debug/"],
  "vscode-languageserver": ["server/"],
  "yaml-language-server": ["server/"],
  // A benchmark drives what it compares with, in a process of its own.
  "node-llama-cpp": ["runtime/backends/llama/", "bench/peers/"],
  koffi: ["runtime/backends/llama/"],
  "onnxruntime-node": ["runtime/backends/onnx/", "bench/"],
  // The file format; reading one by another way would skip the checks.
  "onnx-buf": ["runtime/onnx-file/", "runtime/quantize/", "bench/"],
  "@bufbuild/protobuf": ["runtime/onnx-file/", "runtime/quantize/", "bench/"],
  "@huggingface/jinja": ["runtime/template/", "runtime/host/"],
  fastify: ["runtime/http/"],
  "@fastify/static": ["runtime/http/"],
  "fastify-type-provider-zod": ["runtime/http/"],
  "prom-client": ["runtime/"],
  pino: ["runtime/"],
  commander: ["runtime/cli/"],
  "@clack/prompts": ["runtime/cli/"],
  "better-sqlite3": ["runtime/store/"],
  preact: ["webviews/"],
  "@vscode-elements/elements": ["webviews/"],
};

/** Places that know nothing of Node, and the files in them that do, by name. */
const portable = ["base/", "protocol/", "server/features/", "webviews/"];
const portableExceptions = ["base/system-clock.ts", "base/package-root.ts", "protocol/emit/"];

/** Parts of the extension that any editor could use. */
const editorFree = ["extension/debug/adapter/"];

/** The stages of a request. One knows only the type of another, so that each can be tested alone and replaced. */
const stages = ["http", "access", "routing", "queue", "host", "template", "scheduler", "backends", "stream", "trace", "store"];
/** Files that put stages together: the gateway's half is pipeline.ts (in no stage), the model host's half is these. */
const composers = ["runtime/host/serve-model.ts", "runtime/host/load-model.ts", "runtime/host/load-task.ts", "runtime/host/text-calls.ts", "runtime/host/engines.ts", "runtime/host/prepare.ts", "runtime/host/answer.ts"];

/** Parts that others are built on, and what they may not know, types included. */
const below: readonly (readonly [part: string, above: readonly string[]])[] = [
  ["runtime/onnx-file/", ["runtime/backends/", "runtime/quantize/", "runtime/host/", "runtime/http/", "runtime/cli/"]],
  ["runtime/backends/onnx/", ["runtime/quantize/", "runtime/http/", "runtime/cli/"]],
  ["runtime/quantize/", ["runtime/http/", "runtime/cli/"]],
];

/** Pure data structures and arithmetic of a stage: nothing in them could be replaced, so whoever needs one builds it. */
const plainValues: ReadonlySet<string> = new Set(["runtime/scheduler/cell-ledger.ts", "runtime/scheduler/is-decoding.ts", "runtime/scheduler/prefix-tree.ts", "runtime/scheduler/prompt-budget.ts"]);

/** Debt, by name: `file -> specifier`. Empty is the aim; nothing is added without a reason beside it. */
const knownDebt: ReadonlySet<string> = new Set<string>([]);

const builtins = new Set(builtinModules);
const isBuiltin = (specifier: string): boolean => specifier.startsWith("node:") || builtins.has(specifier);
const startsWithAny = (path: string, prefixes: readonly string[]): boolean => prefixes.some((prefix) => path.startsWith(prefix));
const roomOf = (path: string): Room | undefined => rooms.find((room) => path.startsWith(`${room}/`));
const packageOf = (specifier: string): string => specifier.split("/").slice(0, specifier.startsWith("@") ? 2 : 1).join("/");

/** What is wrong with one import of one file; null when nothing is. */
export function violation(file: string, { specifier, typeOnly }: Import): string | null {
  if (knownDebt.has(`${file} -> ${specifier}`)) return null;
  const from = roomOf(file);
  if (from === undefined) return `${file} is in no room`;
  if (specifier.startsWith(".")) return relativeViolation(file, from, specifier) ?? partViolation(file, specifier) ?? (typeOnly ? null : stageViolation(file, specifier));
  if (isBuiltin(specifier)) {
    const portableFile = startsWithAny(file, portable) && !startsWithAny(file, portableExceptions);
    if (portableFile) return `${file} must run without Node, but imports ${specifier}`;
    return specifier.startsWith("node:") ? null : `${file}: write node:${specifier}`;
  }
  if (specifier === "vscode" && startsWithAny(file, editorFree)) return `${file} must not know which editor it serves, but imports vscode`;
  const owned = owners[packageOf(specifier)];
  if (owned === undefined || from === "test" || startsWithAny(file, owned)) return null;
  return `${file} imports ${specifier}, which only ${owned.join(", ")} may`;
}

const targetOf = (file: string, specifier: string): string => posix.normalize(posix.join(posix.dirname(file), specifier));
const stageOf = (path: string): string | undefined => stages.find((stage) => path.startsWith(`runtime/${stage}/`));

function partViolation(file: string, specifier: string): string | null {
  const target = targetOf(file, specifier);
  const [part, above] = below.find(([prefix]) => file.startsWith(prefix)) ?? ["", []];
  return startsWithAny(target, above) ? `${file}: ${part} lies below ${target} and must not know it` : null;
}

function stageViolation(file: string, specifier: string): string | null {
  const target = targetOf(file, specifier);
  const [from, to] = [stageOf(file), stageOf(target)];
  if (plainValues.has(target) || from === undefined || to === undefined || from === to || composers.includes(file)) return null;
  return `${file}: the stage ${from} may import only types of the stage ${to} (${specifier})`;
}

function relativeViolation(file: string, from: Room, specifier: string): string | null {
  const target = targetOf(file, specifier);
  // package.json is data that any room may read.
  if (target === "package.json") return null;
  const to = roomOf(target);
  if (to === undefined) return `${file} imports ${specifier}, which is in no room`;
  return to === from || mayImport[from].includes(to) ? null : `${file}: ${from}/ must not import ${to}/ (${specifier})`;
}
