import { InfernoError } from "../../protocol/errors.ts";
import type { AdapterScale, Backend } from "../backends/backend.ts";
import type { GenerateRequest, HostOptions, NamedAdapter } from "./messages.ts";

/** The LoRA adapters of one model, by the engine's index. One that is no longer wanted keeps its index: cached prefixes are known by it. */
export class AdapterSet {
  readonly #backend: Pick<Backend, "loadAdapter">;
  /** Null: loaded, and not wanted any more. */
  readonly #loaded: (NamedAdapter | null)[];

  constructor(backend: Pick<Backend, "loadAdapter">, adapters: HostOptions["adapters"]) {
    this.#backend = backend;
    this.#loaded = [...adapters];
  }

  /** What a request runs with. Throws `adapter_not_found`. */
  of({ adapters }: Pick<GenerateRequest, "adapters">): AdapterScale[] {
    const names = this.#loaded.flatMap((own) => (own === null ? [] : [own.name]));
    for (const { name } of adapters) {
      if (names.includes(name)) continue;
      const known = names.length === 0 ? "it has none" : `it has ${names.join(", ")}`;
      throw new InfernoError("adapter_not_found", `The model has no LoRA adapter "${name}": ${known}.`, { param: "lora" });
    }
    return this.#loaded
      .map((own, adapter) => ({ adapter, scale: own === null ? 0 : (adapters.find(({ name }) => name === own.name)?.scale ?? own.scale) }))
      .filter(({ scale }) => scale !== 0);
  }

  /** Has these and no others from now on. Returns how many files were loaded for it. */
  set(wanted: readonly NamedAdapter[]): number {
    let loaded = 0;
    const missing = wanted.filter(({ name, path }) => !this.#loaded.some((own) => own?.name === name && own.path === path));
    for (const adapter of missing) {
      if (this.#backend.loadAdapter === undefined) throw new InfernoError("engine_unsupported", "This engine loads no LoRA adapters beside a running model.");
      this.#backend.loadAdapter(adapter.path);
      this.#loaded.push(adapter);
      loaded += 1;
    }
    for (const [index, own] of this.#loaded.entries()) {
      this.#loaded[index] = wanted.find(({ name, path }) => own?.name === name && own.path === path) ?? null;
    }
    return loaded;
  }
}
