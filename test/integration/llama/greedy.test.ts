import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { packageRoot } from "../../../base/package-root.ts";
import { requestOf, type Row } from "../../../bench/ember/rows.ts";
import type { GenerateRequest } from "../../../runtime/host/messages.ts";
import { TextCalls } from "../../../runtime/host/text-calls.ts";
import { firstDifference, nearTie } from "./near-ties.ts";
import { openPlainLoop } from "./plain-loop.ts";
import { RealHost, type RealHostOptions } from "./real-host.ts";

const rows = readFileSync(join(packageRoot(import.meta.dirname), "bench/ember/eval.jsonl"), "utf8").trim().split("\n")
  // A few are longer than the context.
  .filter((line) => line.length < 2500).filter((_, index) => index % 12 === 0).map((line) => JSON.parse(line) as Row);

/** As text: an answer that may call tools is held to their schemas, and the plain loop knows of none. */
function askOf(row: Row, { backend }: RealHost): Partial<GenerateRequest> {
  const request = requestOf(row);
  if (request.kind === "text") return { prompt: { kind: "text", text: request.prompt } };
  const { messages, tools = [] } = request;
  const answered = new TextCalls(backend, () => new Date(0)).answer({ kind: "template", messages, tools });
  assert.ok("prompt" in answered);
  return { prompt: { kind: "text", text: answered.prompt } };
}

const limit = 48;
/** As configured by default, and with everything that can change how llama.cpp rounds. */
const shapes: readonly RealHostOptions[] = [
  { kvLayout: "unified", parallel: 4, context: 1024, batch: 512 },
  { kvLayout: "unified", parallel: 16, kvCells: 2048, context: 1024, batch: 512, speculation: "ngram", draftTokens: 8, candidates: 2 },
  { kvLayout: "per_sequence", parallel: 32, context: 1024, batch: 512 },
  { kvLayout: "per_sequence", parallel: 32, context: 1024, batch: 512, kvType: "bf16" },
  { deterministic: true, parallel: 32, context: 1024, batch: 512 },
];

for (const shape of shapes) {
  const { kvLayout = "auto", parallel = 1, kvType = "f16", speculation = "no guesses", deterministic = false } = shape;
  const what = deterministic ? "deterministic: answers are the plain loop's" : "answers differ from the plain loop's at near ties only";
  test(`evaluation rows, ${parallel} at once, ${kvLayout}, ${kvType}, ${speculation}, ${what}`, async (context) => {
    const plain = openPlainLoop({ kvType, cells: 1024 });
    const real = await RealHost.open(shape);
    for (const [index, row] of rows.entries()) real.ask(`r${index}`, { ...askOf(row, real), maxTokens: limit });
    await real.settled();
    const gaps = rows.flatMap((row, index) => {
      const expected = plain.greedy(real.promptOf(askOf(row, real)), limit);
      return firstDifference(real.tokensOf(`r${index}`), expected, limit, real.isWhole(`r${index}`)) ?? [];
    });
    context.diagnostic(`${gaps.length} of ${rows.length} answers differ; the widest gap was ${Math.max(0, ...gaps).toFixed(3)}`);
    assert.ok(gaps.every((gap) => gap < nearTie), `gaps ${gaps.join(" ")}`);
    assert.ok(gaps.length <= (deterministic ? 0 : 0.1 * rows.length), `${gaps.length} of ${rows.length}`);
    real.dispose();
    plain.dispose();
  });
}
