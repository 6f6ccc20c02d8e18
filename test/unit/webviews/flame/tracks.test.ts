import assert from "node:assert/strict";
import { test } from "node:test";
import { columnsOf } from "../../../../protocol/panels/flame-columns.ts";
import { layerOf, tracksOf } from "../../../../webviews/flame/tracks.ts";
import { span } from "./spans.ts";

test("a layer's number is read from the names that GGUF and exporters to ONNX give operations", () => {
  const names: readonly (readonly [string, number | null])[] = [
    ["blk.3.attn_q", 3], ["blk.12.ffn_down.weight", 12], ["/model/layers.7/self_attn/MatMul", 7], ["transformer.h.0.mlp", 0], ["encoder/layer_11/output", 11], ["output", null], ["Conv_7", null],
    ["blk.x", null], ["sublayers.1.x", null],
  ];
  for (const [name, layer] of names) assert.equal(layerOf(name), layer, name);
});

test("what the engine says of an operation's layer goes before its name", () => {
  const operation = (id: string, attributes: Readonly<Record<string, string | number>>) => span(id, "root", "operation", 0, 1, attributes);
  const { tracks, of } = tracksOf(columnsOf([
    span("root", null, "request", 0, 10), operation("a", { name: "Qcur-1", layer: 1 }), operation("b", { name: "Qcur-0", layer: 0 }), operation("c", { name: "result_output" }), operation("d", { name: "blk.1.attn_q" }),
  ]), null);
  assert.deepEqual(Array.from(of, (track) => [tracks[track]?.kind, tracks[track]?.layer]), [["stages", null], ["layer", 1], ["layer", 0], ["operations", null], ["layer", 1]]);
});
