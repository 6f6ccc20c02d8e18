import { InfernoError } from "../../protocol/errors.ts";
import { same, sameButAdapters, type ModelDefinition, type ModelRegistry } from "../config/registry.ts";
import type { ModelRuntime } from "./model-runtime.ts";

export interface RouterOptions {
  readonly registry: ModelRegistry;
  readonly create: (definition: ModelDefinition) => ModelRuntime;
  /** A configuration that a loaded model could not take over; it goes on as before. */
  readonly onError: (error: unknown) => void;
}

/** From a model's name to what runs it. */
export class Router {
  readonly #options: RouterOptions;
  readonly #runtimes = new Map<string, ModelRuntime>();
  /** Runtimes whose definition has changed, until their requests are finished. */
  readonly #retired = new Set<ModelRuntime>();
  #stopping = false;

  constructor(options: RouterOptions) {
    this.#options = options;
    options.registry.changed.on(() => this.#retireChanged());
  }

  /** Throws `model_not_found` or `daemon_stopping`. */
  find(name: string): ModelRuntime {
    if (this.#stopping) throw new InfernoError("daemon_stopping", "The daemon is shutting down and takes no more requests.");
    return this.#runtime(this.#options.registry.get(name));
  }

  /** Every model's runtime, in the registry's order. */
  all(): ModelRuntime[] {
    return this.#options.registry.all.map((definition) => this.#runtime(definition));
  }

  get busy(): boolean {
    return [...this.#runtimes.values(), ...this.#retired].some((runtime) => runtime.busy);
  }

  get stopping(): boolean {
    return this.#stopping;
  }

  /** From now on no request is taken; those in work go on. */
  stopTaking(): void {
    this.#stopping = true;
  }

  /** Ends all model processes at once. */
  async dispose(): Promise<void> {
    this.#stopping = true;
    await Promise.all([...this.#runtimes.values(), ...this.#retired].map((runtime) => runtime.host.dispose()));
  }

  #runtime(definition: ModelDefinition): ModelRuntime {
    const existing = this.#runtimes.get(definition.name);
    if (existing !== undefined) return existing;
    const created = this.#options.create(definition);
    this.#runtimes.set(definition.name, created);
    return created;
  }

  #retireChanged(): void {
    const definitions = new Map(this.#options.registry.all.map((definition) => [definition.name, definition]));
    for (const [name, runtime] of [...this.#runtimes]) {
      const definition = definitions.get(name);
      if (definition !== undefined && same(definition, runtime.definition)) continue;
      if (definition !== undefined && sameButAdapters(definition, runtime.definition)) {
        runtime.changeAdapters(definition).catch(this.#options.onError);
      } else this.#retire(name, runtime);
    }
  }

  #retire(name: string, runtime: ModelRuntime): void {
    if (this.#runtimes.get(name) === runtime) this.#runtimes.delete(name);
    this.#retired.add(runtime);
    void runtime.retire().finally(() => this.#retired.delete(runtime));
  }
}
