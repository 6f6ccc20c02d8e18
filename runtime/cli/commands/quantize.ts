import { basename, dirname, extname, join, resolve } from "node:path";
import { InfernoError } from "../../../protocol/errors.ts";
import { askLab } from "../../backends/onnx/lab/ask.ts";
import { rangeMethods, type RangeMethod } from "../../quantize/calibrate.ts";
import { forms, type Form } from "../../quantize/forms.ts";
import { quantizeFile, type Phase, type QuantizeRequest } from "../../quantize/quantize.ts";
import { printJson, printLines, success, type Context } from "../context.ts";
import { quantizeLines } from "../format/quantize-report.ts";
import { errPaint, outPaint, type Terminal } from "../terminal.ts";

export interface QuantizeOptions {
  readonly to?: string | undefined;
  readonly output?: string | undefined;
  readonly force?: boolean | undefined;
  readonly block?: number | undefined;
  readonly asymmetric?: boolean | undefined;
  readonly reduceRange?: boolean | undefined;
  readonly balance?: boolean | undefined;
  readonly wholeGraph?: boolean | undefined;
  readonly keep?: readonly string[] | undefined;
  readonly only?: readonly string[] | undefined;
  readonly calibrate?: string | undefined;
  readonly range?: string | undefined;
  readonly prune?: number | undefined;
  readonly size?: readonly string[] | undefined;
  readonly length?: number | undefined;
  readonly rounds?: number | undefined;
  readonly threads?: number | undefined;
}

/** Writes the model in another form beside the original, and says how far it is from it and how fast. Needs no daemon. */
export async function quantize(context: Context, model: string, options: QuantizeOptions): Promise<number> {
  const { terminal, json } = context;
  const request = makeRequest(terminal.cwd, model, options);
  const progress = showProgress(terminal);
  try {
    const report = await quantizeFile(request, { ask: askLab, signal: terminal.stopped, onProgress: progress.show });
    progress.clear();
    if (json) printJson(context, report);
    else printLines(context, quantizeLines(report, outPaint(terminal)));
    return success;
  } finally {
    progress.clear();
  }
}

function makeRequest(cwd: string, model: string, options: QuantizeOptions): QuantizeRequest {
  const { prune = null, threads = 1, rounds = 10, length = 64, block = 32 } = options;
  const form = oneOf("--to", options.to, forms);
  if (form === null && prune === null) throw wrong(`Say what to make of it: --to ${forms.join("|")}, or --prune RATIO.`);
  if (prune !== null && !(prune > 0 && prune < 1)) throw wrong("--prune takes a share between 0 and 1, such as 0.3.");
  if (![16, 32, 64, 128, 256].includes(block)) throw wrong("--block takes 16, 32, 64, 128 or 256.");
  const source = resolve(cwd, model);
  return {
    source, form, block, prune, threads: Math.max(1, threads), rounds: Math.max(1, rounds),
    target: options.output === undefined ? besideName(source, form, prune) : resolve(cwd, options.output),
    force: options.force ?? false, asymmetric: options.asymmetric ?? false, reduceRange: options.reduceRange ?? null, balance: options.balance ?? true,
    wholeGraph: options.wholeGraph ?? false, keep: options.keep ?? [], only: options.only ?? [],
    method: oneOf("--range", options.range, rangeMethods) ?? ("percentile" satisfies RangeMethod),
    calibration: options.calibrate === undefined ? null : resolve(cwd, options.calibrate),
    samples: { sizes: sizesOf(options.size ?? []), length, count: 4 },
  };
}

/** `model.onnx` → `model.int8.onnx`. */
function besideName(source: string, form: Form | null, prune: number | null): string {
  const extension = extname(source);
  const parts = [basename(source, extension), ...(prune === null ? [] : [`pruned${Math.round(prune * 100)}`]), ...(form === null ? [] : [form])];
  return join(dirname(source), `${parts.join(".")}.onnx`);
}

const wrong = (message: string): InfernoError => new InfernoError("usage", message, { hint: "See `inferno quantize --help`." });

function oneOf<T extends string>(option: string, text: string | undefined, values: readonly T[]): T | null {
  if (text === undefined) return null;
  const value = values.find((item) => item === text);
  if (value === undefined) throw wrong(`${option} takes one of ${values.join(", ")}.`);
  return value;
}

/** `batch=1`, by a free dimension's name, or `images.2=640`, by an input's name and the dimension's place. */
function sizesOf(texts: readonly string[]): Record<string, number> {
  return Object.fromEntries(texts.map((text) => {
    const match = /^(.+)=(\d{1,9})$/.exec(text);
    if (match?.[1] === undefined) throw wrong(`--size takes NAME=NUMBER, not "${text}".`);
    return [match[1], Number(match[2])];
  }));
}

const doing: Readonly<Record<Phase, string>> = {
  inputs: "reading inputs", observe: "looking at values", prune: "pruning", weights: "rewriting weights", write: "writing", compare: "comparing with the original",
};
const clearLine = "\r\x1B[K";

/** One line on stderr, only where a person looks. */
function showProgress(terminal: Terminal): { readonly show: (phase: Phase, done: number, total: number) => void; readonly clear: () => void } {
  const { stderr } = terminal;
  const paint = errPaint(terminal);
  let shown = false;
  return {
    show: (phase, done, total) => {
      if (stderr.isTTY !== true) return;
      shown = true;
      stderr.write(clearLine + paint.dim(`${doing[phase]}${total > 1 ? ` ${done}/${total}` : ""} …`));
    },
    clear: () => {
      if (shown) stderr.write(clearLine);
      shown = false;
    },
  };
}
