import { assert } from "../../../../base/assert.ts";
import { InfernoError } from "../../../../protocol/errors.ts";
import type { ManifestOf } from "../../../../protocol/manifest.ts";
import type { Prepared, TaskCall, TaskItem } from "../../task-model.ts";
import { askedOf } from "../asked.ts";
import { checkFeeds, checkWanted } from "../check-feeds.ts";
import type { LoadPipeline, Pipeline } from "../pipeline.ts";
import type { Session } from "../session.ts";
import { fromTensorData, toTensorData } from "../tensor-data.ts";
import type { Tensors } from "../tensors.ts";

/** Tensors for one run. Whether those of two requests could share one, only the graph's maker knows. */
class RawItem implements TaskItem {
  readonly length = 1;
  readonly feeds: Tensors;
  readonly wanted: readonly string[];

  constructor(feeds: Tensors, wanted: readonly string[]) {
    this.feeds = feeds;
    this.wanted = wanted;
  }
}

class RawResult {
  readonly outputs: Tensors;

  constructor(outputs: Tensors) {
    this.outputs = outputs;
  }
}

export const loadRaw: LoadPipeline<ManifestOf<"raw">> = async (parts, { model }) => new Raw(await parts.open(model));

/** What fails in a run of somebody's own tensors is as likely theirs as the engine's. */
function asTheirs(error: unknown): never {
  const { code, message, param } = InfernoError.from(error);
  if (code !== "inference_failed") throw error;
  throw new InfernoError(code, message, { param, cause: error, hint: "Names, types and shapes are what the graph takes, but these values it could not compute with: the message says where." });
}

/** The graph as it is. */
class Raw implements Pipeline {
  readonly limits = { items: 1, padded: 1 };
  readonly #session: Session;

  constructor(session: Session) {
    this.#session = session;
  }

  async prepare(call: TaskCall): Promise<Prepared> {
    const { inputs, outputs } = askedOf(call, "raw");
    const feeds = Object.fromEntries(Object.entries(inputs).map(([name, data]) => [name, fromTensorData(name, data)]));
    // Here, so that the error is this request's and needs no turn of the engine.
    checkFeeds(feeds, this.#session.inputs);
    const wanted = outputs ?? this.#session.outputs.map(({ name }) => name);
    checkWanted(wanted, this.#session.outputs);
    return {
      items: [new RawItem(feeds, wanted)],
      finish: async ([result]) => {
        assert(result instanceof RawResult, "a result of the graph");
        return { output: { task: "raw", outputs: Object.fromEntries(Object.entries(result.outputs).map(([name, tensor]) => [name, toTensorData(tensor)])) } };
      },
    };
  }

  async run(items: readonly TaskItem[]): Promise<readonly RawResult[]> {
    const results: RawResult[] = [];
    for (const item of items) {
      assert(item instanceof RawItem, "an item of tensors");
      results.push(new RawResult(await this.#session.run(item.feeds, item.wanted).catch(asTheirs)));
    }
    return results;
  }
}
