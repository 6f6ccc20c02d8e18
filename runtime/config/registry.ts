import { dirname, isAbsolute, join, resolve } from "node:path";
import { isDeepStrictEqual } from "node:util";
import { Emitter } from "../../base/emitter.ts";
import { embeddedModel, ModelConfig } from "../../protocol/config.ts";
import { InfernoError } from "../../protocol/errors.ts";
import type { ModelTask } from "../../protocol/model.ts";
import { isRemote, undownloadable } from "../../protocol/remote-source.ts";
import type { EngineName } from "../host/messages.ts";
import type { LoadedConfig } from "./load.ts";
import { didYouMean } from "../../base/near.ts";
import { isOnnxSource, onnxTask } from "./onnx-source.ts";

/** One model that can be asked for. */
export interface ModelDefinition {
  readonly name: string;
  readonly kind: "file" | "remote" | "fake";
  readonly engine: EngineName;
  /** As configured; else what the model's manifest says, or the engine's usual one. */
  readonly task: ModelTask;
  /** An absolute path, or the `hf:` or `fake:` source as configured. */
  readonly source: string;
  /** The configuration file that declares it, or `embedded`. */
  readonly origin: string;
  readonly config: ModelConfig;
  /** Why it cannot be asked. */
  readonly problem?: InfernoError | undefined;
}

export interface RegistryOptions {
  readonly packageRoot: string;
  readonly allowFake: boolean;
}

/** A model this small was measured greedy, and wanders off at the usual temperature: once 1,697 tokens of one syllable. */
const embeddedSampling = { temperature: 0, max_tokens: 512 };

/** The models by name: the embedded one and those of all attached configuration files. */
export class ModelRegistry {
  readonly #options: RegistryOptions;
  readonly #byFile = new Map<string, readonly ModelDefinition[]>();
  readonly #filesWithoutText = new Set<string>();
  readonly #filesWithoutTokens = new Set<string>();
  #models: Map<string, ModelDefinition>;
  /** The models have changed. */
  readonly changed = new Emitter<void>();

  constructor(options: RegistryOptions) {
    this.#options = options;
    this.#models = this.#merge(this.#byFile);
  }

  get all(): readonly ModelDefinition[] {
    return [...this.#models.values()];
  }

  /** Whether traces hold prompts and answers: one file in use that says `traces.text: false` is enough to keep all text out. */
  get recordsText(): boolean {
    return this.#filesWithoutText.size === 0;
  }

  /** Whether traces hold each token; likewise. */
  get recordsTokens(): boolean {
    return this.#filesWithoutTokens.size === 0;
  }

  /** Throws `model_not_found`, or what is wrong with the model's manifest. */
  get(name: string): ModelDefinition {
    const model = this.#models.get(name);
    if (model !== undefined) return model.problem === undefined ? model : this.#mended(model);
    const names = [...this.#models.keys()];
    const known = didYouMean(name, names) || ` There are: ${names.join(", ")}.`;
    throw new InfernoError("model_not_found", `No model is named "${name}".${known}`, { param: "model" });
  }

  /** Takes the models of a file in, or again. Throws `alias_conflict` or `config_invalid`, and then changes nothing. */
  attach(loaded: LoadedConfig): void {
    const definitions = Object.entries(loaded.config.models).map(([name, config]) => this.#define(name, config, loaded.path));
    const byFile = new Map(this.#byFile).set(loaded.path, definitions);
    this.#models = this.#merge(byFile);
    this.#byFile.set(loaded.path, definitions);
    const { text, tokens } = loaded.config.traces;
    for (const [records, without] of [[text, this.#filesWithoutText], [tokens, this.#filesWithoutTokens]] as const) {
      if (records) without.delete(loaded.path);
      else without.add(loaded.path);
    }
    this.changed.emit();
  }

  /** A manifest may have been corrected since the configuration was read. */
  #mended({ name, config, origin }: ModelDefinition): ModelDefinition {
    const model = this.#define(name, config, origin);
    if (model.problem !== undefined) throw model.problem;
    this.#models.set(name, model);
    this.changed.emit();
    return model;
  }

  #merge(byFile: ReadonlyMap<string, readonly ModelDefinition[]>): Map<string, ModelDefinition> {
    const models = new Map([[embeddedModel, this.#embedded()]]);
    for (const definition of [...byFile.values()].flat()) {
      const other = models.get(definition.name);
      // The embedded model gives way: a project may want its own `ember`.
      if (other !== undefined && other.origin !== "embedded" && !alike(other, definition)) {
        const message = `"${definition.name}" is ${other.source} in ${other.origin}, and ${definition.source} in ${definition.origin}.`;
        throw new InfernoError("alias_conflict", message, { param: `models.${definition.name}` });
      }
      models.set(definition.name, definition);
    }
    return models;
  }

  #define(name: string, config: ModelConfig, origin: string): ModelDefinition {
    const { source, task = "chat" } = config;
    if (isRemote(source)) return { name, kind: "remote", engine: "llama", task, source, origin, config: withAbsolutePaths(config, origin), ...notToBeHad(source) };
    if (source.startsWith("fake:") && this.#options.allowFake) return { name, kind: "fake", engine: "fake", task, source, origin, config };
    const file = { name, kind: "file", source: absolute(source, origin), origin, config: withAbsolutePaths(config, origin) } as const;
    return isOnnxSource(file.source) ? { ...file, engine: "onnx", ...onnxTask(file.source, config.task) } : { ...file, engine: "llama", task };
  }

  #embedded(): ModelDefinition {
    const source = join(this.#options.packageRoot, "runtime", "models", embeddedModel, `${embeddedModel}-q8_0.gguf`);
    return { name: embeddedModel, kind: "file", engine: "llama", task: "chat", source, origin: "embedded", config: ModelConfig.parse({ source, sampling: embeddedSampling }) };
  }
}

function notToBeHad(source: string): Pick<ModelDefinition, "problem"> {
  const reason = undownloadable(source);
  return reason === null ? {} : { problem: new InfernoError("model_download_failed", reason.message, { hint: reason.hint }) };
}

/** What a model needs beside its own file is named relative to the configuration too. */
function withAbsolutePaths(config: ModelConfig, origin: string): ModelConfig {
  const { draft } = config.speculation;
  return {
    ...config,
    speculation: { ...config.speculation, ...(draft !== undefined && { draft: absolute(draft, origin) }) },
    lora: config.lora.map((adapter) => ({ ...adapter, source: absolute(adapter.source, origin) })),
  };
}

const absolute = (source: string, origin: string): string => (isRemote(source) || isAbsolute(source) ? source : resolve(dirname(origin), source));

/** Whether only the LoRA adapters differ: a loaded model can exchange those. */
export const sameButAdapters = (a: ModelDefinition, b: ModelDefinition): boolean =>
  same({ ...a, config: { ...a.config, lora: [] } }, { ...b, config: { ...b.config, lora: [] } });

/** A manifest's task may change without the configuration. */
export const same = (a: ModelDefinition, b: ModelDefinition): boolean => a.task === b.task && a.engine === b.engine && alike(a, b);

/** Two files may name one model alike, as two windows on one project do. */
function alike(a: ModelDefinition, b: ModelDefinition): boolean {
  return a.source === b.source && isDeepStrictEqual({ ...a.config, source: "" }, { ...b.config, source: "" });
}
