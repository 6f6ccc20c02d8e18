import assert from "node:assert/strict";
import { mkdirSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { TensorProto_DataLocation, type ModelProto } from "onnx-buf";
import type { ErrorCode } from "../../../protocol/errors.ts";
import { manifestName } from "../../../protocol/manifest.ts";
import { graph, model, modelBytes, node, tensor, value } from "../../../runtime/onnx-file/build.ts";
import { externalEntries } from "../../../runtime/onnx-file/external.ts";
import { writeTinyText } from "../../drivers/models/tiny-text.ts";
import { startTestDaemon, type TestDaemon } from "../../drivers/test-daemon.ts";
import { linear, put, ramp, temporaryFolder } from "../../unit/runtime/onnx-file/files.ts";

const sound = modelBytes(model(linear()));
const noise = (length: number): Uint8Array => Uint8Array.from({ length }, (_, index) => (index * 2654435761) >>> 24);
const pair = ["x", "y"].map((name) => value(name, "float32", [2]));
const over = (nodes: Parameters<typeof graph>[0]["nodes"], initializers: Parameters<typeof graph>[0]["initializers"] = []): ModelProto =>
  model(graph({ nodes, inputs: pair.slice(0, 1), outputs: pair.slice(1), initializers }));

/** Weights of two numbers that lie where `location` says. */
const outside = (location: string, numbers: { readonly offset?: string; readonly length?: string } = {}): ModelProto => {
  const entries = externalEntries({ location, offset: 0, length: 8 }).map((entry) => Object.assign(entry, { value: { location, offset: "0", length: "8", ...numbers }[entry.key] ?? "" }));
  return over([node("Add", ["x", "w"], ["y"])], [Object.assign(tensor("w", "float32", [2], []), { dataLocation: TensorProto_DataLocation.EXTERNAL, externalData: entries })]);
};

const nested = (depth: number): ModelProto => {
  const inner = (left: number): ReturnType<typeof graph> => graph({
    name: `depth ${left}`, outputs: [value(`y${left}`, "float32", [2])],
    nodes: left === 0 ? [node("Identity", ["x"], ["y0"])] : [node("If", ["yes"], [`y${left}`], { then_branch: inner(left - 1), else_branch: inner(0) })],
  });
  return over([node("Less", ["zero", "one"], ["yes"]), node("If", ["yes"], ["y"], { then_branch: inner(depth), else_branch: inner(0) })],
    [tensor("zero", "float32", [], [0]), tensor("one", "float32", [], [1])]);
};

type Case = readonly [what: string, file: ModelProto | Uint8Array, status: number, code: ErrorCode, message: RegExp];

/** Each is a file of its own, and so a model of its own. */
const files: readonly Case[] = [
  ["garbage", noise(100_000), 422, "model_file_invalid", /\.onnx/],
  ["cut-off", sound.slice(0, -100), 422, "model_file_invalid", /\.onnx/],
  ["cut-off-early", sound.slice(0, 10), 422, "model_file_invalid", /\.onnx/],
  ["short-weights", over([node("Add", ["x", "w"], ["y"])], [Object.assign(tensor("w", "float32", [2], [1, 2]), { dims: [200n] })]), 422, "model_file_invalid", /"w" of shape \[200\]/],
  ["negative-size", over([node("Add", ["x", "w"], ["y"])], [Object.assign(tensor("w", "float32", [2], [1, 2]), { dims: [-2n] })]), 422, "model_file_invalid", /\[-2\]/],
  ["overflowing-size", over([node("Add", ["x", "w"], ["y"])], [Object.assign(tensor("w", "float32", [2], [1, 2]), { dims: [2n ** 62n, 4n, 2n] })]), 422, "model_file_invalid", /4611686018427387904/],
  ["shapes-that-clash", over([node("MatMul", ["x", "w"], ["y"])], [tensor("w", "float32", [3, 2], ramp(6))]), 500, "model_load_failed", /MatMul/],
  ["circle", over([node("Add", ["x", "b"], ["y"], {}, { name: "/one" }), node("Relu", ["y"], ["b"], {}, { name: "/two" })]), 422, "model_file_invalid", /circle: .*\/one/],
  ["own-input", over([node("Add", ["x", "y"], ["y"])]), 422, "model_file_invalid", /circle/],
  ["nested", nested(200), 422, "model_file_invalid", /deep/],
  ["without-weights", outside("weights.bin"), 404, "model_file_missing", /"weights\.bin", which is not there/],
  ["climbing", outside("../../../../../../../../etc/passwd"), 422, "model_file_invalid", /not a file in the model's own folder/],
  ["climbing-back", outside("..\\..\\secrets.bin"), 422, "model_file_invalid", /not a file in the model's own folder/],
  ["absolute", outside("/etc/passwd"), 422, "model_file_invalid", /not a file in the model's own folder/],
  ["drive", outside("C:\\Windows\\win.ini"), 422, "model_file_invalid", /not a file in the model's own folder/],
  ["nowhere", outside(""), 422, "model_file_invalid", /not a file in the model's own folder/],
  ["huge-offset", outside("there.bin", { offset: "18446744073709551615" }), 422, "model_file_invalid", /offset "18446744073709551615"/],
  ["offset-beyond", outside("there.bin", { offset: "9007199254740991" }), 422, "model_file_invalid", /truncated, or belongs to another model/],
];

const manyKeys = Array.from({ length: 50_000 }, (_, index) => `k${index}: 1`).join("\n");
/** Lists of nine lists of nine lists …: 9⁹ texts. */
const yamlBomb = ["a: &a [lol, lol, lol, lol, lol, lol, lol, lol, lol]", ...["ab", "bc", "cd", "de", "ef", "fg", "gh", "hi"].map(([from = "", to = ""]) => `${to}: &${to} [${Array(9).fill(`*${from}`).join(", ")}]`)].join("\n");

const manifests: readonly (readonly [what: string, text: string | Uint8Array, message: RegExp])[] = [
  ["yaml-bomb", yamlBomb, /inferno\.model\.yaml/],
  ["yaml-bomb-beside", `task: raw\nmodel: model.onnx\n${yamlBomb}`, /inferno\.model\.yaml/],
  ["yaml-garbage", noise(5000), /task: is missing/],
  ["yaml-deep", `task: ${"[".repeat(20_000)}`, /inferno\.model\.yaml/],
  ["yaml-many-keys", manyKeys, /task: is missing/],
  ["yaml-one-key", "task: raw\n".repeat(50_000), /unique\n… and 49989 more/],
  ["yaml-cyclic", "task: raw\nmodel: &a [*a]\n", /model/],
  ["yaml-list", "- task: raw\n- model: model.onnx\n", /task/],
  ["yaml-other-task", "task: conjure\nmodel: model.onnx\n", /there is no task "conjure"/],
  ["yaml-prototype", "task: raw\nmodel: model.onnx\n__proto__: { model: other.onnx }\n", /__proto__/],
  ["yaml-folder-as-model", "task: raw\nmodel: .\n", /is not a file/],
];

const tokenizers: readonly (readonly [what: string, text: string, message: RegExp])[] = [
  ["tokenizer-garbage", "\u0000\u0001{", /tokenizer\.json/],
  ["tokenizer-list", "[1, 2, 3]", /tokenizer\.json/],
  ["tokenizer-empty", "{}", /tokenizer\.json/],
  ["tokenizer-unknown", JSON.stringify({ model: { type: "Conjurer", vocab: {} }, decoder: null }), /tokenizer\.json/],
  ["tokenizer-bad-pattern", JSON.stringify({ model: { type: "WordPiece", vocab: {}, unk_token: "[UNK]" }, decoder: null, pre_tokenizer: { type: "Split", pattern: { Regex: "(" }, behavior: "Isolated", invert: false } }), /tokenizer\.json/],
  ["tokenizer-deep", `{"model": ${"[".repeat(50_000)}`, /tokenizer\.json/],
];

describe("a daemon whose models are hostile", () => {
  let daemon: TestDaemon;
  const ends: (() => void)[] = [];
  const row = { x: { shape: [1, 32], data: [...ramp(32)] } };

  before(async () => {
    const home = temporaryFolder({ after: (end) => void ends.push(end as () => void) });
    const models: Record<string, object> = { good: { source: put(home, "good.onnx", model(linear())), threads: 1 } };
    writeFileSync(join(home, "there.bin"), new Uint8Array(8));
    for (const [what, file] of files) models[what] = { source: put(home, `${what}.onnx`, file), threads: 1 };
    for (const [what, text] of manifests) models[what] = { source: withFile(home, what, manifestName, text), task: "raw", threads: 1 };
    for (const [what, text] of tokenizers) models[what] = { source: withFile(home, what, "tokenizer.json", text), task: "embedding", threads: 1 };
    daemon = await startTestDaemon({ yaml: { models } });
  });
  after(async () => {
    await daemon[Symbol.asyncDispose]();
    for (const end of ends.splice(0)) end();
  });

  const infer = async (name: string) => await daemon.send("/api/v1/infer", { body: { model: name, inputs: name === "good" ? row : { x: { shape: [2], data: [1, 2] } } } });
  const stillServes = async (): Promise<void> => {
    const { status, text } = await infer("good");
    assert.equal(status, 200, text);
    assert.equal((JSON.parse(text) as { outputs: { y: { data: number[] } } }).outputs.y.data.length, 32);
  };
  const refused = async (answer: Awaited<ReturnType<TestDaemon["send"]>>, status: number, code: ErrorCode, message: RegExp): Promise<void> => {
    assert.deepEqual([answer.status, answer.error.code], [status, code], answer.text);
    assert.match(answer.error.message, message);
    assert.doesNotMatch(answer.error.message, /onnxruntime_src|root:x:0|node_modules/);
    assert.ok(answer.error.message.length < 2000, `a message of ${answer.error.message.length} characters`);
    await stillServes();
  };

  for (const [what, , status, code, message] of files) test(`file: ${what}`, async () => await refused(await infer(what), status, code, message));
  for (const [what, , message] of manifests) test(`manifest: ${what}`, async () => await refused(await infer(what), 422, "manifest_invalid", message));
  for (const [what, , message] of tokenizers) {
    test(`tokenizer: ${what}`, async () => await refused(await daemon.send("/v1/embeddings", { body: { model: what, input: "ada" } }), 422, "manifest_invalid", message));
  }

  test("weights behind a link: from a folder of a download cache they are read, from anywhere else not", async (t) => {
    const home = temporaryFolder(t);
    const folder = (name: string): string => mkdirSync(join(home, name), { recursive: true }) ?? join(home, name);
    const [blobs, cached, strange, round] = ["blobs", "cached", "strange", "round"].map(folder) as [string, string, string, string];
    writeFileSync(join(blobs, "weights"), new Uint8Array(new Float32Array([10, 20]).buffer));
    put(blobs, "graph", outside("w.bin"));
    for (const [name, blob] of [["m.onnx", "graph"], ["w.bin", "weights"]] as const) symlinkSync(join("..", "blobs", blob), join(cached, name));
    symlinkSync(join(blobs, "weights"), join(strange, "w.bin"));
    symlinkSync("about.bin", join(round, "w.bin"));
    symlinkSync("w.bin", join(round, "about.bin"));
    for (const each of [strange, round]) put(each, "m.onnx", outside("w.bin"));
    const models = Object.fromEntries(Object.entries({ cached, strange, round }).map(([name, each]) => [name, { source: join(each, "m.onnx"), threads: 1 }]));
    await using other = await startTestDaemon({ yaml: { models } });
    const ask = async (name: string) => await other.send("/api/v1/infer", { body: { model: name, inputs: { x: { shape: [2], data: [1, 2] } } } });
    for (const _ of ["first", "again, when a rewritten graph would be there"]) {
      const { status, text } = await ask("cached");
      assert.equal(status, 200, text);
      assert.deepEqual((JSON.parse(text) as { outputs: { y: { data: number[] } } }).outputs.y.data, [11, 22]);
      await other.client.call("unloadModel", { body: { model: "cached" } });
    }
    await refused(await ask("strange"), 422, "model_file_invalid", /"w\.bin", a link that leads out of the model's folder/);
    await refused(await ask("round"), 404, "model_file_missing", /"w\.bin", which is not there/);
  });
});

/** A small text model's folder in which one file is another. */
function withFile(home: string, folder: string, name: string, content: string | Uint8Array): string {
  const path = writeTinyText(join(home, folder), { table: { ada: [1, 2] }, output: "sum", manifest: { task: "embedding", model: "model.onnx", pooling: "none", max_tokens: 16 } });
  mkdirSync(path, { recursive: true });
  writeFileSync(join(path, name), content);
  return path;
}
