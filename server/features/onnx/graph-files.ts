import type { GraphNames } from "../../../protocol/manifest-check.ts";
import { SeenFiles } from "../seen-files.ts";
import type { Cancellation, FileFacts, World } from "../workspace.ts";
import { readGraphNames } from "./graph-names.ts";

/** The ONNX files that documents name. */
export class GraphFiles {
  readonly #world: World;
  readonly #seen = new SeenFiles<GraphNames | string | null>();

  constructor(world: World) {
    this.#world = world;
  }

  /** As `readGraphNames`. */
  async names(path: string, facts: FileFacts, cancellation: Cancellation): Promise<GraphNames | string | null> {
    const { size } = facts;
    return await this.#seen.get(path, facts, async () => await readGraphNames({ size, read: (offset, length) => this.#world.read(path, offset, length), cancellation }));
  }
}
