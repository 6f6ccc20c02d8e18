import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import fc from "fast-check";
import { packageRoot } from "../../../base/package-root.ts";
import { InfernoError } from "../../../protocol/errors.ts";
import { startTestDaemon, user } from "../../drivers/test-daemon.ts";

const path = join(packageRoot(import.meta.dirname), "runtime/models/ember/ember-q8_0.gguf");
const ember = readFileSync(path);
const metadataStart = 24;
const metadataEnd = ember.indexOf("blk.0.");
const tableEnd = ember.lastIndexOf("ffn_norm.weight") + 64;
let folder: string;
before(async () => void (folder = await mkdtemp(join(tmpdir(), "inferno-flipped-"))));
after(() => rm(folder, { recursive: true, force: true }));

/** A few bits, all in one part of the file; the same in every run. */
const parts: readonly (readonly [what: string, from: number, to: number])[] = [
  ["header", 0, metadataStart], ["metadata", metadataStart, metadataEnd], ["tensor table", metadataEnd, tableEnd],
];
const damages = parts.flatMap(([what, from, to], index) => fc.sample(
  fc.array(fc.tuple(fc.integer({ min: from, max: to - 1 }), fc.nat(7)), { minLength: 1, maxLength: 3 }), { numRuns: 5, seed: 40 + index },
).map((bits) => ({ what: `${what}: ${bits.map(([at, bit]) => `bit ${bit} of byte ${at}`).join(", ")}`, bits })));

/** What a damaged file may come to: it is refused, its process dies of it, or the damage does not matter. */
const allowed = new Set(["answered", "model_file_invalid", "model_load_failed", "model_does_not_fit", "model_host_crashed", "decode_failed", "template_missing", "template_invalid"]);

test("no model file with flipped bits takes the daemon down", async () => {
  const models: Record<string, object> = { sound: { source: path, context: 128, parallel: 1 } };
  for (const [index, { bits }] of damages.entries()) {
    const copy = Buffer.from(ember);
    for (const [at, bit] of bits) copy[at]! ^= 1 << bit;
    const damaged = join(folder, `${index}.gguf`);
    await writeFile(damaged, copy);
    models[`m${index}`] = { source: damaged, context: 128, parallel: 1 };
  }
  await using gateway = await startTestDaemon({ yaml: { models } });
  const ask = (model: string) => gateway.client.call("chatCompletions", { body: { model, messages: [user("What is 17 + 25?")], max_tokens: 16, temperature: 0 } });
  const ends = new Map<string, number>();
  for (const [index, { what }] of damages.entries()) {
    const end = await ask(`m${index}`).then(() => "answered", (error: unknown) => (error instanceof InfernoError ? error.code : String(error)));
    assert.ok(allowed.has(end), `${what}: ${end}`);
    ends.set(end, (ends.get(end) ?? 0) + 1);
    await gateway.client.call("models").catch((error: unknown) => assert.fail(`${what}: ${String(error)}`));
  }
  assert.ok((ends.get("model_file_invalid") ?? 0) > 0);
  const answer = await ask("sound");
  assert.equal(answer.choices[0]?.message.content, "17 + 25 = 42");
});
