import { InfernoError } from "../../protocol/errors.ts";
import type { AdapterScale, Backend } from "../backends/backend.ts";
import type { GenerateRequest, HostOptions, NamedAdapter } from "./messages.ts";
import { fileBinding } from "./state-binding.ts";

/** A file that the engine has loaded. */
interface Loaded {
  /** Its content. */
  readonly file: string;
  /** What it is called; null while it is not wanted. */
  adapter: NamedAdapter | null;
  freed: boolean;
}

/**
 * The LoRA adapters of one model, by the engine's index. One that is no longer wanted is freed when no request in work uses it; until then it is
 * found again when its file is wanted once more.
 */
export class AdapterSet {
  readonly #backend: Pick<Backend, "loadAdapter" | "freeAdapter">;
  readonly #loaded: Loaded[];

  constructor(backend: Pick<Backend, "loadAdapter" | "freeAdapter">, adapters: HostOptions["adapters"]) {
    this.#backend = backend;
    this.#loaded = adapters.map((adapter) => ({ file: fileBinding(adapter.path), adapter, freed: false }));
  }

  /** What a request runs with. Throws `adapter_not_found`. */
  of({ adapters }: Pick<GenerateRequest, "adapters">): AdapterScale[] {
    const names = this.#loaded.flatMap(({ adapter }) => (adapter === null ? [] : [adapter.name]));
    for (const { name } of adapters) {
      if (names.includes(name)) continue;
      const known = names.length === 0 ? "it has none" : `it has ${names.join(", ")}`;
      throw new InfernoError("adapter_not_found", `The model has no LoRA adapter "${name}": ${known}.`, { param: "lora" });
    }
    return this.#loaded
      .map(({ adapter: own }, adapter) => ({ adapter, scale: own === null ? 0 : (adapters.find(({ name }) => name === own.name)?.scale ?? own.scale) }))
      .filter(({ scale }) => scale !== 0);
  }

  /** The same as one word that outlives the process, where an index may mean another file the next time. */
  namespaceOf(scales: readonly AdapterScale[]): string {
    return scales.map(({ adapter, scale }) => `${this.#loaded[adapter]?.file ?? ""}:${scale}`).join(" ");
  }

  /** Has these and no others from now on; when one of them cannot be loaded, those it had. Returns how many files were loaded for it. */
  set(wanted: readonly NamedAdapter[]): number {
    const before = this.#loaded.length;
    const places = new Map<number, NamedAdapter>();
    for (const adapter of wanted) places.set(this.#place(adapter, places), adapter);
    for (const [index, own] of this.#loaded.entries()) own.adapter = places.get(index) ?? null;
    return this.#loaded.length - before;
  }

  /** Frees those that are not wanted, but for these. */
  freeUnwanted(inUse: ReadonlySet<number>): void {
    if (this.#backend.freeAdapter === undefined) return;
    for (const [index, own] of this.#loaded.entries()) {
      if (own.freed || own.adapter !== null || inUse.has(index)) continue;
      this.#backend.freeAdapter(index);
      own.freed = true;
    }
  }

  /** The index of its file, which is loaded if it is not there yet. */
  #place({ path }: NamedAdapter, taken: ReadonlyMap<number, NamedAdapter>): number {
    const file = fileBinding(path);
    const known = this.#loaded.findIndex((own, index) => own.file === file && !own.freed && !taken.has(index));
    if (known !== -1) return known;
    if (this.#backend.loadAdapter === undefined) throw new InfernoError("engine_unsupported", "This engine loads no LoRA adapters beside a running model.");
    this.#backend.loadAdapter(path);
    return this.#loaded.push({ file, adapter: null, freed: false }) - 1;
  }
}
