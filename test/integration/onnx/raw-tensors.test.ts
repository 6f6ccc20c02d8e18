import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { safetensorsType } from "../../../protocol/api/infer.ts";
import type { TensorData } from "../../../protocol/infer.ts";
import { graph, model, node, value } from "../../../runtime/onnx-file/build.ts";
import { readSafetensors, writeSafetensors } from "../../../runtime/http/safetensors.ts";
import { startTestDaemon, type TestDaemon } from "../../drivers/test-daemon.ts";
import { put, temporaryFolder } from "../../unit/runtime/onnx-file/files.ts";

/** Twice what it is given, and as many zeros as it is told. */
const doubler = model(graph({ nodes: [node("Add", ["x", "x"], ["y"])], inputs: [value("x", "float32", ["rows"])], outputs: [value("y", "float32", ["rows"])] }));
const zeros = model(graph({ nodes: [node("ConstantOfShape", ["shape"], ["y"])], inputs: [value("shape", "int64", [1])], outputs: [value("y", "float32", ["n"])] }));

let daemon: TestDaemon;
const ends: (() => void)[] = [];
before(async () => {
  const home = temporaryFolder({ after: (end) => void ends.push(end as () => void) });
  const source = put(home, "doubler.onnx", doubler);
  daemon = await startTestDaemon({
    yaml: {
      models: {
        doubler: { source, threads: 1 }, zeros: { source: put(home, "zeros.onnx", zeros), threads: 1 },
        misnamed: { source, threads: 1, onnx: { dimensions: { rosw: 4 } } }, fixed: { source, threads: 1, onnx: { dimensions: { rows: 2 } } },
      },
    },
  });
});
after(async () => {
  await daemon[Symbol.asyncDispose]();
  for (const end of ends.splice(0)) end();
});

const floats = (...values: number[]): TensorData => ({ type: "float32", shape: [values.length], data: new Uint8Array(Float32Array.from(values).buffer) });
const binary = async (query: string, body: Uint8Array): Promise<Response> => await fetch(`${daemon.daemon.url}/api/v1/infer${query}`, {
  method: "POST", headers: { authorization: `Bearer ${daemon.daemon.token}`, "content-type": safetensorsType }, body: new Uint8Array(body),
});
const codeOf = async (response: Response): Promise<string> => ((await response.json()) as { error: { code: string } }).error.code;

describe("tensors as one safetensors file", () => {
  test("go in and come out", async () => {
    const response = await binary("?model=doubler", writeSafetensors({ x: floats(1, -2, 0.5) }));
    assert.deepEqual([response.status, response.headers.get("content-type")], [200, safetensorsType]);
    const { y } = readSafetensors(new Uint8Array(await response.arrayBuffer())).tensors;
    assert.deepEqual(y, floats(2, -4, 1));
  });

  test("larger than any JSON body", async () => {
    const values = new Float32Array(5_000_000).fill(1);
    const response = await binary("?model=doubler", writeSafetensors({ x: { type: "float32", shape: [values.length], data: new Uint8Array(values.buffer) } }));
    assert.equal(response.status, 200);
    const { y } = readSafetensors(new Uint8Array(await response.arrayBuffer())).tensors;
    assert.deepEqual(y?.shape, [values.length]);
  });

  test("damaged ones, and a query without the model, are typed errors", async () => {
    const file = writeSafetensors({ x: floats(1) });
    for (const [query, body, status, code] of [
      ["?model=doubler", file.subarray(0, 6), 400, "invalid_request"], ["?model=doubler", file.subarray(0, file.length - 1), 400, "invalid_request"],
      ["", file, 400, "invalid_request"], ["?model=doubler", writeSafetensors({ z: floats(1) }), 400, "tensor_mismatch"],
    ] as const) {
      const response = await binary(query, body);
      assert.deepEqual([response.status, await codeOf(response)], [status, code]);
    }
  });
});

describe("tensors as JSON", () => {
  const ask = async (name: string, body: object) => await daemon.send("/api/v1/infer", { body: { model: name, ...body } });
  const shape = (count: number) => ({ inputs: { shape: { type: "int64", shape: [1], data: [count] } } });

  test("an answer that would keep everybody waiting is refused, and says how to get it", async () => {
    const { status, error } = await ask("zeros", shape(2_000_000));
    assert.deepEqual([status, error.code, error.param], [400, "invalid_request", "encoding"]);
    assert.match(`${error.message} ${error.hint}`, /2000000 values.*base64.*safetensors/);
    assert.equal((await ask("zeros", { ...shape(2_000_000), encoding: "base64" })).status, 200);
    assert.equal((await ask("zeros", shape(1000))).status, 200);
  });

  test("values that the graph cannot compute with: the hint is about them", async () => {
    const { error } = await ask("zeros", shape(-5));
    assert.equal(error.code, "inference_failed");
    assert.match(error.hint, /these values/);
  });

  test("an input that is not there is named as the request names it", async () => {
    const { error } = await ask("doubler", { inputs: { z: { shape: [1], data: [1] } } });
    assert.deepEqual([error.code, error.param], ["tensor_mismatch", "inputs.x"]);
  });
});

test("a free dimension that the graph does not have is an error with the ones that it has", async () => {
  const asked = { inputs: { x: { shape: [2], data: [1, 2] } } };
  const { error } = await daemon.send("/api/v1/infer", { body: { model: "misnamed", ...asked } });
  assert.equal(error.code, "model_load_failed");
  assert.match(error.message, /"rosw"; it has rows\. Did you mean "rows"\?/);
  for (let load = 0; load < 2; load += 1) {
    assert.equal((await daemon.send("/api/v1/infer", { body: { model: "fixed", ...asked } })).status, 200);
    await daemon.client.call("unloadModel", { body: { model: "fixed" } });
  }
});
