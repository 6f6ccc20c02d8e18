import { routes } from "../../../protocol/routes.ts";
import type { Router } from "../../routing/router.ts";
import { mount, type Mounted } from "../mount.ts";
import { embeddingsAnswer } from "../openai/embeddings.ts";
import { rerankAnswer } from "../openai/rerank.ts";
import { profiled } from "../profiled.ts";
import { requireTask } from "../task.ts";
import { traced, whileConnected, type TracedDeps } from "../traced.ts";

export interface TaskDeps extends TracedDeps {
  readonly router: Router;
}

/** Tokens, vectors and scores. */
export function mountTaskRoutes(to: Mounted, deps: TaskDeps): void {
  const { router } = deps;
  mount(to, routes.tokenize, async ({ body }, call) => {
    const { content: text, add_special: addSpecial, parse_special: parseSpecial } = body;
    const { tokens, pieces } = await router.find(body.model).ask("tokenize", { text, addSpecial, parseSpecial }, whileConnected(call));
    return { tokens: body.with_pieces ? tokens.map((id, index) => ({ id, piece: pieceOf(pieces[index]) })) : [...tokens] };
  });
  mount(to, routes.detokenize, async ({ body }, call) => {
    const { bytes } = await router.find(body.model).ask("detokenize", { tokens: body.tokens }, whileConnected(call));
    return { content: Buffer.from(bytes).toString("utf8") };
  });
  mount(to, routes.applyTemplate, async ({ body }, call) => {
    const { messages, tools } = body;
    return await router.find(body.model).ask("template", { messages, tools: tools ?? [] }, whileConnected(call));
  });
  mount(to, routes.embeddings, async ({ body }, call) => {
    const model = router.find(body.model);
    requireTask(model, ["embedding"]);
    const inputs = inputsOf(body.input);
    const further = profiled(model, body.profile);
    const parameters = { inputs: inputs.length, encoding: body.encoding_format ?? "float", dimensions: body.dimensions ?? null, ...further };
    return await traced(deps, call, { route: routes.embeddings.path, model: body.model, parameters }, async (trace, signal) => {
      const { vectors, tokens } = await model.work("embed", { inputs, ...further }, trace, signal);
      trace.prompt(inputs.map((input) => (typeof input === "string" ? input : `[${input.join(" ")}]`)).join("\n\n"), tokens, 0);
      return embeddingsAnswer(body, vectors, tokens, model.definition.config.matryoshka ?? model.host.status.info?.matryoshka ?? false);
    });
  });
  mount(to, routes.rerank, async ({ body }, call) => {
    const model = router.find(body.model);
    requireTask(model, ["rerank"]);
    const documents = body.documents.map((document) => (typeof document === "string" ? document : document.text));
    const further = profiled(model, body.profile);
    const parameters = { documents: documents.length, topN: body.top_n ?? null, ...further };
    return await traced(deps, call, { route: routes.rerank.path, model: body.model, parameters }, async (trace, signal) => {
      const { scores, tokens } = await model.work("rerank", { query: body.query, documents, ...further }, trace, signal);
      trace.prompt([body.query, ...documents].join("\n\n"), tokens, 0);
      return rerankAnswer(body, documents, scores, tokens);
    });
  });
}

const utf8 = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

/** A token that is half a character has no text. */
function pieceOf(bytes: Uint8Array = new Uint8Array()): string | number[] {
  try {
    return utf8.decode(bytes);
  } catch {
    return [...bytes];
  }
}

type Input = string | readonly number[];

/** One text or one list of tokens is one input. */
function inputsOf(input: Input | readonly Input[] | readonly number[]): Input[] {
  if (typeof input === "string") return [input];
  return isTokens(input) ? [input] : [...input];
}

const isTokens = (input: readonly unknown[]): input is readonly number[] => input.every((each) => typeof each === "number");
