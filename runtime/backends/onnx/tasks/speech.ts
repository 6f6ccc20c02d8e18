import { readFile } from "node:fs/promises";
import { z } from "zod";
import { assert } from "../../../../base/assert.ts";
import { didYouMean } from "../../../../base/near.ts";
import { InfernoError } from "../../../../protocol/errors.ts";
import type { ManifestOf } from "../../../../protocol/manifest.ts";
import type { Prepared, TaskCall, TaskItem } from "../../task-model.ts";
import { askedOf } from "../asked.ts";
import { checkInputs, checkNames, floatsOf, freeAsOne, valueNamed } from "../audio/graph-values.ts";
import { joined } from "../audio/sound.ts";
import { sentences, TextUnits } from "../audio/text-units.ts";
import { finite } from "../float-values.ts";
import type { Pipeline, PipelineParts } from "../pipeline.ts";
import type { GraphValue, Session } from "../session.ts";
import { float32, int64, sizeOf, type Tensor, type Tensors } from "../tensors.ts";

type Manifest = ManifestOf<"speech">;
/** A voice's number, or the values of its style: one row, or a row for each number of units. */
type Voice = number | Float32Array;

class SentenceItem implements TaskItem {
  readonly length = 1;
  readonly ids: readonly number[];
  readonly voice: Voice | null;
  readonly speed: number;

  constructor(ids: readonly number[], voice: Voice | null, speed: number) {
    this.ids = ids;
    this.voice = voice;
    this.speed = speed;
  }
}

export async function loadSpeech(parts: PipelineParts, manifest: Manifest): Promise<Pipeline> {
  const { characters, blank } = manifest;
  const ids = typeof characters === "string" ? await readUnits(parts.file(characters), characters) : characters;
  const voices = new Map<string, Voice>();
  for (const [name, voice] of Object.entries(manifest.voices)) voices.set(name, typeof voice === "string" ? await readStyle(parts.file(voice), voice) : voice);
  return new Speech(await parts.open(manifest.model), manifest, new TextUnits(new Map(Object.entries(ids)), blank ?? null), voices);
}

class Speech implements Pipeline {
  readonly limits = { items: 1, padded: 1 };
  readonly #session: Session;
  readonly #manifest: Manifest;
  readonly #units: TextUnits;
  readonly #voices: ReadonlyMap<string, Voice>;

  constructor(session: Session, manifest: Manifest, units: TextUnits, voices: ReadonlyMap<string, Voice>) {
    this.#session = session;
    this.#manifest = manifest;
    this.#units = units;
    this.#voices = voices;
    const { ids, lengths, speed, length_scale, voice, output } = manifest.tensors;
    checkInputs(session.inputs, {
      ids: [ids, "int64"], lengths: [lengths, "int64"], speed: [speed, "float32"], length_scale: [length_scale, "float32"], voice: [voice, "int64", "float32"],
    });
    checkNames("output", session.outputs, { output });
    if (voice !== null && voices.size === 0) throw new InfernoError("manifest_invalid", "tensors.voice: the graph takes a voice, and `voices` names none.");
    if (voice !== null) for (const [name, value] of voices) this.#checkVoice(name, value, valueNamed(session.inputs, voice));
  }

  async prepare(call: TaskCall): Promise<Prepared> {
    const { text, voice, speed } = askedOf(call, "speech");
    if (speed !== 1 && this.#manifest.tensors.speed === null && this.#manifest.tensors.length_scale === null) throw new InfernoError("invalid_request", "The model speaks at one speed only: leave `speed` out.", { param: "speed" });
    const chosen = this.#voice(voice);
    const items = sentences(text).map((sentence) => new SentenceItem(this.#units.idsOf(sentence), chosen, speed));
    if (items.length === 0) throw new InfernoError("invalid_request", "The input is empty.", { param: "input" });
    return {
      items,
      finish: async (results) => ({ output: { task: "speech", samples: joined(results.map(asSamples)), sampleRate: this.#manifest.sample_rate } }),
    };
  }

  /** The one that was asked for, or the manifest's first. */
  #voice(name: string | null): Voice | null {
    const names = [...this.#voices.keys()];
    const chosen = name ?? names[0];
    if (chosen === undefined) return null;
    const voice = this.#voices.get(chosen);
    if (voice !== undefined) return voice;
    const there = names.length === 0 ? "The model has one voice without a name: leave `voice` out." : `The model has no voice "${chosen}"; it has ${names.join(", ")}.${didYouMean(chosen, names)}`;
    throw new InfernoError("invalid_request", there, { param: "voice" });
  }

  async run(items: readonly TaskItem[]): Promise<readonly Float32Array[]> {
    const spoken: Float32Array[] = [];
    for (const item of items) {
      assert(item instanceof SentenceItem, "an item of another pipeline");
      spoken.push(await this.#speak(item));
    }
    return spoken;
  }

  async #speak({ ids, voice, speed }: SentenceItem): Promise<Float32Array> {
    const { tensors } = this.#manifest;
    const feeds: Tensors = {
      [tensors.ids]: int64(BigInt64Array.from(ids, BigInt), [1, ids.length]),
      ...(tensors.lengths !== null && { [tensors.lengths]: int64(BigInt64Array.of(BigInt(ids.length)), [1]) }),
      ...(tensors.speed !== null && { [tensors.speed]: float32(Float32Array.of(speed), this.#shapeOf(tensors.speed)) }),
      ...(tensors.length_scale !== null && { [tensors.length_scale]: float32(Float32Array.of(1 / speed), this.#shapeOf(tensors.length_scale)) }),
      ...(tensors.voice !== null && voice !== null && { [tensors.voice]: this.#voiceTensor(tensors.voice, voice, ids.length) }),
    };
    const outputs = await this.#session.run(feeds, [tensors.output]);
    return finite(floatsOf(outputs, tensors.output), "samples");
  }

  #voiceTensor(name: string, voice: Voice, units: number): Tensor {
    const shape = this.#shapeOf(name);
    if (typeof voice === "number") return int64(BigInt64Array.of(BigInt(voice)), shape);
    // Styles that were trained by length have a row for each; the last one serves for all that is longer.
    const size = sizeOf(shape);
    const row = Math.min(units, voice.length / size - 1);
    return float32(voice.subarray(row * size, (row + 1) * size), shape);
  }

  #checkVoice(name: string, voice: Voice, { type, shape }: GraphValue): void {
    const fail = (what: string): never => {
      throw new InfernoError("manifest_invalid", `voices.${name}: ${what}.`);
    };
    if (typeof voice === "number") return type === "int64" ? undefined : fail(`the graph takes a style of ${type}, so a file is expected, not a number`);
    if (type !== "float32") fail(`the graph takes ${type}, so a number is expected, not a file`);
    const size = sizeOf(freeAsOne(shape));
    if (size === 0 || voice.length === 0 || voice.length % size !== 0) fail(`the file holds ${voice.length} values, which are no rows of ${size}`);
  }

  #shapeOf(name: string): readonly number[] {
    return freeAsOne(valueNamed(this.#session.inputs, name).shape);
  }
}

function asSamples(result: unknown): Float32Array {
  assert(result instanceof Float32Array, "a result of another pipeline");
  return result;
}

async function readUnits(path: string, name: string): Promise<Record<string, number>> {
  try {
    return z.record(z.string(), z.int()).parse(JSON.parse(await readFile(path, "utf8")));
  } catch (cause) {
    throw new InfernoError("manifest_invalid", `characters: ${name} is no JSON of text units and their ids.`, { cause });
  }
}

async function readStyle(path: string, name: string): Promise<Float32Array> {
  const bytes = await readFile(path);
  if (bytes.length % 4 !== 0) throw new InfernoError("manifest_invalid", `voices: ${name} has ${bytes.length} bytes, which are no float32 values.`);
  return Float32Array.from({ length: bytes.length / 4 }, (_, index) => bytes.readFloatLE(index * 4));
}
