import { InferenceSession } from "onnxruntime-node";
import { median } from "../../../../base/median.ts";
import { InfernoError } from "../../../../protocol/errors.ts";
import { OnnxOptions } from "../../../../protocol/config.ts";
import { sessionOptions } from "../options.ts";
import { loadError } from "../ort-error.ts";
import { OrtSession, type Session } from "../session.ts";
import type { Tensors } from "../tensors.ts";
import { DifferenceSum } from "./difference.ts";
import { observe } from "./observe.ts";
import { saturates } from "./saturates.ts";
import type { Answers, Comparison, Difference, Kind, Question } from "./questions.ts";

type OnProgress = (done: number, total: number) => void;

export async function answer(question: Question, onProgress: OnProgress): Promise<Answers[Kind]> {
  if (question.kind === "compare") return await compare(question, onProgress);
  if (question.kind === "saturates") return await saturates();
  const session = await open(question.model, question.threads);
  let runs = 0;
  if (question.kind === "observe") {
    const total = question.inputs.length * (question.bins > 0 ? 2 : 1);
    return await observe(session, question.inputs, question.values, question.bins, () => onProgress((runs += 1), total));
  }
  const { inputs, variants, outputs } = question;
  const sums = variants.map(() => outputs.map((output) => new DifferenceSum(output)));
  for (const feeds of inputs) {
    let first: Tensors | null = null;
    for (const [index, variant] of variants.entries()) {
      const results = await session.run({ ...feeds, ...variant }, outputs);
      onProgress((runs += 1), inputs.length * variants.length);
      first ??= results;
      for (const [at, output] of outputs.entries()) add(sums[index]?.[at], output, first, results);
    }
  }
  return sums.map((all) => all.map((sum) => sum.result()));
}

async function open(path: string, threads: number): Promise<Session> {
  try {
    return new OrtSession(await InferenceSession.create(path, sessionOptions({ threads, providers: ["cpu"], onnx: OnnxOptions.parse({}) })));
  } catch (error) {
    throw loadError(path, error);
  }
}

function add(sum: DifferenceSum | undefined, output: string, before: Tensors, after: Tensors): void {
  const [a, b] = [before[output], after[output]];
  if (a !== undefined && b !== undefined && a.type !== "string" && sum?.add(a, b) === false) {
    throw new InfernoError("inference_failed", `The output "${output}" has another type or shape than that of the original.`);
  }
}

async function compare({ original, rewritten, inputs, rounds, threads }: Extract<Question, { kind: "compare" }>, onProgress: OnProgress): Promise<Comparison> {
  const [a, b] = [await open(original, threads), await open(rewritten, threads)];
  const outputs = a.outputs.map(({ name }) => name);
  const total = rounds + 1;
  // The first pass warms up both and compares what they answer.
  const outcome: Difference[] = [];
  const sums = outputs.map((output) => new DifferenceSum(output));
  for (const feeds of inputs) {
    const [before, after] = [await a.run(feeds), await b.run(feeds, outputs)];
    for (const [at, output] of outputs.entries()) add(sums[at], output, before, after);
  }
  outcome.push(...sums.map((sum) => sum.result()));
  onProgress(1, total);
  const times: { a: number; b: number }[] = [];
  for (let round = 0; round < rounds; round += 1) {
    // A B, then B A: what slowly changes about the machine favours no side.
    const time = { a: 0, b: 0 };
    for (const side of round % 2 === 0 ? (["a", "b"] as const) : (["b", "a"] as const)) time[side] = await pass(side === "a" ? a : b, inputs);
    times.push(time);
    onProgress(round + 2, total);
  }
  return {
    outputs: outcome,
    ms: { original: median(times.map((time) => time.a)), rewritten: median(times.map((time) => time.b)) },
    speedup: median(times.map((time) => time.a / time.b)),
  };
}

async function pass(session: Session, inputs: readonly Tensors[]): Promise<number> {
  const from = performance.now();
  for (const feeds of inputs) await session.run(feeds);
  return performance.now() - from;
}
