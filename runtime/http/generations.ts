import { randomInt } from "node:crypto";
import type { ChatCompletionRequest, CompletionRequest } from "../../protocol/api/openai.ts";
import type { InfillRequest } from "../../protocol/api/tasks.ts";
import { InfernoError } from "../../protocol/errors.ts";
import { routes } from "../../protocol/routes.ts";
import type { Generating } from "../debug/generating.ts";
import type { GenerateRequest, Prompt } from "../host/messages.ts";
import type { ModelRuntime } from "../routing/model-runtime.ts";
import type { Router } from "../routing/router.ts";
import { imageReader, withTexts } from "./images.ts";
import { resolveHandling, resolveTools } from "./openai/output.ts";
import { resolveSampling } from "./openai/sampling.ts";
import { requireTask } from "./task.ts";

/** OpenAI's default for this route only; chat answers are as long as the context lets them. */
const completionMaxTokens = 16;
/** Characters; a longer body, with images in it, is not kept in the trace. */
const longestKept = 1_000_000;

const randomSeed = (): number => randomInt(0x1_0000_0000);

/** What a chat completion asks for. */
export function chatGeneration(router: Router, body: ChatCompletionRequest): Generating {
  const model = router.find(body.model);
  const { config } = model.definition;
  requireTask(model, ["chat"]);
  const { tools, toolChoice, parallelToolCalls } = resolveTools(body);
  const images = imageReader(body.messages, model, router);
  return {
    ...described(routes.chatCompletions.path, model, body, {
      prompt: { kind: "messages", messages: images === null ? withTexts(body.messages, []) : [], tools },
      toolChoice,
      parallelToolCalls,
      ...resolveHandling(body, config),
      ...resolveSampling({ ...body, max_tokens: body.max_completion_tokens ?? body.max_tokens }, config.sampling, topLogprobs(body), randomSeed),
    }),
    ...(images !== null && { prompt: async (...given) => ({ kind: "messages", messages: await images.read(...given), tools }) }),
  };
}

/** What a completion asks for. */
export function completionGeneration(router: Router, body: CompletionRequest): Generating {
  const model = router.find(body.model);
  const { config } = model.definition;
  requireTask(model, ["chat", "completion"]);
  const request = { ...body, max_tokens: body.max_tokens ?? config.sampling?.max_tokens ?? completionMaxTokens };
  return described(routes.completions.path, model, body, {
    prompt: completionPrompt(body),
    toolChoice: "none",
    parallelToolCalls: false,
    ...resolveHandling(body, config),
    ...resolveSampling(request, config.sampling, body.logprobs ?? null, randomSeed),
  });
}

/** What an editor asks for that wants a gap filled. */
export function infillGeneration(router: Router, body: InfillRequest): Generating {
  const model = body.model === undefined ? onlyLoaded(router) : router.find(body.model);
  requireTask(model, ["completion", "chat"]);
  const { name, config } = model.definition;
  const files = (body.input_extra ?? []).map(({ filename, text }) => ({ name: filename, text }));
  // llama-server's -1; a model's own limit is for its answers, which say when they are over.
  const limit = body.n_predict ?? config.sampling?.max_tokens ?? -1;
  return described(routes.infill.path, model, { ...body, model: name }, {
    prompt: { kind: "fill", fill: { prefix: body.input_prefix, suffix: body.input_suffix, files, beginning: body.prompt ?? "" } },
    toolChoice: "none",
    parallelToolCalls: false,
    // An editor sends what is around the cursor: what does not fit is the farthest, and the answer says how much it was.
    ...resolveHandling({ ...body, n: 1 }, { overflow: "truncate_middle" }),
    ...resolveSampling(body, config.sampling, null, randomSeed),
    maxTokens: limit <= 0 ? null : limit,
  });
}

function described(route: string, model: ModelRuntime, body: object, request: Omit<GenerateRequest, "id">): Generating {
  const isKept = JSON.stringify(body).length <= longestKept;
  return { route, model, request, parameters: parametersOf(request), ...(isKept && { body: { ...body } }) };
}

/** All that a request says beside its prompt, which is recorded as it was rendered. */
function parametersOf({ params, maxTokens, stop, choices, priority, timeoutMs, output, toolChoice, adapters, overflow, cachePrompt, speculate, profile }: Omit<GenerateRequest, "id">): Record<string, unknown> {
  return { ...params, maxTokens, stop, choices, priority, timeoutMs, output: output.kind, toolChoice, adapters, overflow, cachePrompt, speculate, ...(profile && { profile }) };
}

/** Text to continue, or with `suffix` a gap between two texts. */
function completionPrompt({ prompt, suffix }: CompletionRequest): Prompt {
  const text = typeof prompt === "string" ? prompt : prompt.join("");
  if (suffix === null || suffix === undefined || suffix === "") return { kind: "text", text };
  return { kind: "fill", fill: { prefix: text, suffix, files: [], beginning: "" } };
}

function topLogprobs({ logprobs, top_logprobs: top }: ChatCompletionRequest): number | null {
  if (logprobs === true) return top ?? 0;
  if (typeof top === "number" && top > 0) {
    throw new InfernoError("invalid_request", "top_logprobs: needs `logprobs: true`.", { param: "top_logprobs" });
  }
  return null;
}

/** Editors' plugins for llama-server send no name: it has one model. */
function onlyLoaded(router: Router): ModelRuntime {
  const loaded = router.all().filter(({ host }) => host.isReady);
  const [only] = loaded;
  if (only !== undefined && loaded.length === 1) return only;
  const names = router.all().map(({ definition }) => definition.name).join(", ");
  throw new InfernoError("invalid_request", `model: needed, because ${loaded.length === 0 ? "no model is" : "several models are"} loaded. There are: ${names}.`, { param: "model" });
}
