import assert from "node:assert/strict";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { model } from "../../../runtime/onnx-file/build.ts";
import { linear, put, temporaryFolder } from "../../unit/runtime/onnx-file/files.ts";
import { Inferno, inferno } from "./inferno.ts";

test("a running daemon serves a model that is added", async (t) => {
  const home = temporaryFolder(t);
  writeFileSync(join(home, "inferno.yaml"), "");
  mkdirSync(join(home, "linear"));
  put(join(home, "linear"), "model.onnx", model(linear()));
  const daemon = new Inferno(home, ["serve", "--port", "0"]);
  t.after(() => daemon.process.kill("SIGKILL"));
  await daemon.printed(/http:\/\//);
  const added = await inferno(home, ["models", "add", "linear", "--json"]);
  assert.equal(added.code, 0, added.stderr);
  assert.equal((JSON.parse(added.stdout) as { served: boolean }).served, true);
  const { models } = JSON.parse((await inferno(home, ["models", "--json"])).stdout) as { models: { name: string; task: string }[] };
  assert.equal(models.find(({ name }) => name === "linear")?.task, "raw");
  assert.equal((await inferno(home, ["stop"])).code, 0);
  await daemon.ended();
});
