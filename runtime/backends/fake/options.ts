import { z } from "zod";
import { InfernoError } from "../../../protocol/errors.ts";
import { scriptNames } from "./scripts.ts";

const us = z.coerce.number().min(0);
const count = z.coerce.number().int();
const flag = z.stringbool();

/** How a fake model behaves. In a model's `source` these are the query: `fake:echo?tokenUs=1000&failAtStep=3`. */
export const FakeOptions = z.strictObject({
  /** Where the answer comes from. */
  script: z.enum(scriptNames),
  /** The answer of the script `say`. */
  text: z.string().default(""),
  vocabulary: z.enum(["words", "bytes"]).default("words"),
  /** Time per step, per token decoded in it, and per token sampled. */
  stepUs: us.default(0),
  tokenUs: us.default(0),
  sampleUs: us.default(0),
  /** Different words of the script `mix`; one in as many tokens is the end. */
  words: count.min(1).default(32),
  /** Percent of the words of `mix` that are others than without. */
  skew: z.coerce.number().min(0).max(100).default(0),
  /** KV cells in all, whatever the configuration says. */
  cells: count.min(1).optional(),
  /** Sequence ids; default: twice as many as answers in parallel, so that prefixes can stay behind. */
  sequences: count.min(1).optional(),
  layout: z.enum(["unified", "per_sequence"]).optional(),
  /** `false` is a recurrent model, whose state cannot be cut back. */
  truncates: flag.default(true),
  /** `false` is a model whose positions cannot be moved. */
  shifts: flag.default(true),
  /** Time to load. */
  loadUs: us.default(0),
  /** The step, counted from 1 over the model's life, that fails; later ones work again. 0 is never. */
  failAtStep: z.coerce.number().int().min(0).default(0),
  /** The step that kills the process, as an abort in native code would. 0 is never. */
  crashAtStep: z.coerce.number().int().min(0).default(0),
  /** Loading fails with this text. */
  loadError: z.string().optional(),
  /** Limits of one run, for models whose requests are single runs. */
  items: count.min(1).default(8),
  padded: count.min(1).default(4096),
  /** What such a model does with an item that has this word: its run fails, never ends, blocks the process for `hangUs`, or kills it. */
  failOn: z.string().optional(),
  stuckOn: z.string().optional(),
  hangOn: z.string().optional(),
  hangUs: us.default(0),
  crashOn: z.string().optional(),
  /** `none` leaves the model without a chat template. */
  template: z.enum(["chatml", "none"]).default("chatml"),
});
export type FakeOptions = z.infer<typeof FakeOptions>;

/** `fake:SCRIPT?option=value&…` */
export function parseFakePath(path: string): FakeOptions {
  const url = URL.parse(path);
  if (url?.protocol !== "fake:") throw new InfernoError("model_load_failed", `"${path}" is not a fake model: write fake:echo or fake:say?text=hello.`);
  const options = FakeOptions.safeParse({ ...Object.fromEntries(url.searchParams), script: url.pathname });
  if (options.success) return options.data;
  throw new InfernoError("model_load_failed", `"${path}" is not a fake model: ${z.prettifyError(options.error)}`);
}
