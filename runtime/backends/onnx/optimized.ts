import type { InferenceSession } from "onnxruntime-node";
import { createHash } from "node:crypto";
import { realpathSync } from "node:fs";
import { mkdir, mkdtemp, readdir, readFile, rename, rm, stat, utimes, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { isDeepStrictEqual } from "node:util";
import { liesWithin } from "../../onnx-file/external.ts";
import { GraphFacts, readFacts, stampOf } from "./facts.ts";

/** Opens a file with further options beside those of the model. */
export type OpenNative = (file: string, options: InferenceSession.SessionOptions) => Promise<InferenceSession>;

export interface OpenedGraph {
  readonly native: InferenceSession;
  readonly facts: GraphFacts;
  /** What it was opened from and with, to open it again. */
  readonly file: string;
  readonly options: InferenceSession.SessionOptions;
}

/** Models in use at one time, with some room for settings that are being compared. */
const mostEntries = 32;
const graphName = "graph.onnx";
const factsName = "facts.json";

/**
 * Graphs as onnxruntime rewrote them, each in a folder of its own, named after everything that it depends on: the file (its size and times: reading
 * it all would take longer than is won), release, providers, processor and options. External weights stay where they are.
 */
export class OptimizedGraphs {
  readonly #folder: string;
  readonly #environment: readonly string[];

  constructor(folder: string, environment: readonly string[]) {
    this.#folder = folder;
    this.#environment = environment;
  }

  /** The graph of `path`, rewritten before or now. Whatever is wrong with the cache, the model loads; what is wrong with the model is thrown. */
  async open(path: string, settings: readonly string[], open: OpenNative): Promise<OpenedGraph> {
    const key = createHash("sha256").update(JSON.stringify([stampOf(path), this.#environment, settings])).digest("hex").slice(0, 32);
    const entry = join(this.#folder, key);
    const facts = await this.#factsOf(entry);
    if (facts !== null) {
      const [file, options] = [join(entry, graphName), rewritten(dirname(path))];
      try {
        return { native: await open(file, options), facts, file, options };
      } catch {
        // Cut off or damaged; made anew below.
      }
    }
    await rm(entry, { recursive: true, force: true }).catch(ignore);
    return (await this.#make(path, entry, open)) ?? (await openPlain(path, open));
  }

  /** Null when there is no entry, or it is not of these external weights. */
  async #factsOf(entry: string): Promise<GraphFacts | null> {
    try {
      const facts = GraphFacts.parse(JSON.parse(await readFile(join(entry, factsName), "utf8")));
      if (!facts.external.every((stamp) => isDeepStrictEqual(stamp, stampOf(stamp.path)))) return null;
      const now = new Date();
      await utimes(entry, now, now);
      return facts;
    } catch {
      return null;
    }
  }

  /** Null where it cannot be kept: no room, no rights, or a graph that cannot be written, as with providers that compile it. */
  async #make(path: string, entry: string, open: OpenNative): Promise<OpenedGraph | null> {
    const facts = readFacts(path);
    // The engine takes external weights behind links only from beside the original, not from a graph that lies elsewhere.
    if (!facts.external.every((stamp) => liesWithin(realpathSync(dirname(path)), realpathSync(stamp.path)))) return null;
    let draft: string | undefined;
    try {
      await mkdir(this.#folder, { recursive: true, mode: 0o700 });
      await this.#forgetOldest();
      draft = await mkdtemp(`${entry}-`);
      await writeFile(join(draft, factsName), JSON.stringify(facts));
      const native = await open(path, { optimizedModelFilePath: join(draft, graphName) });
      // Whole or not there; where another process was faster, its entry stays. The graph is open by now: whatever happens to its copy, it is used.
      await rename(draft, entry).catch(async () => await rm(draft ?? "", { recursive: true, force: true }).catch(ignore));
      return { native, facts, file: path, options: {} };
    } catch {
      if (draft !== undefined) await rm(draft, { recursive: true, force: true }).catch(ignore);
      return null;
    }
  }

  async #forgetOldest(): Promise<void> {
    const names = await readdir(this.#folder);
    if (names.length < mostEntries) return;
    const entries = await Promise.all(names.map(async (name) => ({ path: join(this.#folder, name), used: (await stat(join(this.#folder, name))).mtimeMs })));
    const oldest = entries.toSorted((a, b) => a.used - b.used).slice(0, entries.length - mostEntries + 1);
    await Promise.all(oldest.map(async ({ path }) => await rm(path, { recursive: true, force: true })));
  }
}

/** Without a cache. */
export async function openPlain(path: string, open: OpenNative): Promise<OpenedGraph> {
  const facts = readFacts(path);
  return { native: await open(path, {}), facts, file: path, options: {} };
}

/** A rewritten graph is not rewritten again, and finds external weights in the folder of the original. */
const rewritten = (folder: string): InferenceSession.SessionOptions => ({
  graphOptimizationLevel: "disabled", extra: { session: { model_external_initializers_file_folder_path: folder } },
});

const ignore = (): void => undefined;
