import { basename } from "node:path";
import { InfernoError } from "../../../../protocol/errors.ts";
import type { LoadOptions } from "../../backend.ts";
import { chooseLayout, contextParams, type Layout } from "../context-params.ts";
import { chooseContext, modelParams } from "../model.ts";
import type { Library } from "../native/library.ts";
import type { ModelNeed } from "./device-need.ts";
import { DryModel } from "./dry-model.ts";

/** A generating model that has not been loaded, with the very parameters that a load would take: only so is a prediction about that load. */
export class PlannedModel {
  readonly #library: Library;
  readonly #path: string;
  readonly #onGpu: boolean;
  readonly #dry: DryModel;

  /** `layers` of it on a GPU. */
  constructor(library: Library, { path, adapters }: Pick<LoadOptions, "path" | "adapters">, layers: number) {
    this.#library = library;
    this.#path = path;
    this.#onGpu = layers > 0;
    this.#dry = new DryModel(library, path, modelParams(library.binding, layers), adapters.map((adapter) => adapter.path));
  }

  /** See DryModel. */
  get truncates(): boolean {
    return this.#dry.truncates;
  }

  /** Tokens of context, of which so many were asked for. */
  contextOf(asked: number | undefined): number {
    return chooseContext(this.#path, asked, this.#dry.trainedContext);
  }

  layoutOf(options: LoadOptions): Layout {
    return chooseLayout(options, this.contextOf(options.context), this.truncates);
  }

  predict(options: LoadOptions): ModelNeed {
    const needs = this.#dry.predict(contextParams(this.#library.binding, options, this.layoutOf(options), this.#onGpu));
    if (this.#dry.remembers) return { name: basename(this.#path), needs };
    throw new InfernoError("model_load_failed", `${this.#path} cannot generate text: it is an embedding model, without a KV cache.`, { hint: "Say what it is for: `task: embedding` or `task: rerank`." });
  }

  dispose(): void {
    this.#dry.dispose();
  }
}
