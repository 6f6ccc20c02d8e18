import { randomInt } from "node:crypto";
import type { ChatCompletionRequest, CompletionRequest } from "../../../protocol/api/openai.ts";
import { InfernoError } from "../../../protocol/errors.ts";
import { routes } from "../../../protocol/routes.ts";
import type { Prompt } from "../../host/messages.ts";
import type { Router } from "../../routing/router.ts";
import { answer, type AnswerDeps } from "../answer.ts";
import { imageReader, withTexts } from "../images.ts";
import { mount, type Mounted } from "../mount.ts";
import { chatShape } from "../openai/chat-shape.ts";
import { completionShape } from "../openai/completion-shape.ts";
import { resolveHandling, resolveTools } from "../openai/output.ts";
import { resolveSampling } from "../openai/sampling.ts";
import { requireTask } from "../task.ts";
import { chatUnsupported, completionUnsupported, refuseUnsupported } from "../openai/unsupported.ts";

export interface GenerateDeps extends AnswerDeps {
  readonly router: Router;
}

const randomSeed = (): number => randomInt(0x1_0000_0000);

/** OpenAI's default for this route only; chat answers are as long as the context lets them. */
const completionMaxTokens = 16;

export function mountGenerateRoutes(to: Mounted, deps: GenerateDeps): void {
  mount(to, routes.chatCompletions, async ({ body }, call) => {
    const model = deps.router.find(body.model);
    const { name, config } = model.definition;
    requireTask(model, ["chat"]);
    const request = { ...body, max_tokens: body.max_completion_tokens ?? body.max_tokens };
    const logprobs = body.logprobs === true;
    const { tools, toolChoice, parallelToolCalls } = resolveTools(body);
    const images = imageReader(body.messages, model, deps.router);
    return await answer(deps, call, {
      route: routes.chatCompletions.path,
      model,
      request: {
        prompt: { kind: "messages", messages: images === null ? withTexts(body.messages, []) : [], tools },
        toolChoice,
        parallelToolCalls,
        ...resolveHandling(body, config),
        ...resolveSampling(request, config.sampling, topLogprobs(body), randomSeed),
      },
      ...(images !== null && { prompt: async (...given) => ({ kind: "messages", messages: await images.read(...given), tools }) }),
      stream: body.stream === true,
      includeUsage: body.stream_options?.include_usage === true,
      shape: (traceId, created) => chatShape({ traceId, model: name, created, logprobs }),
    });
  }, refuseUnsupported(chatUnsupported));

  mount(to, routes.completions, async ({ body }, call) => {
    const model = deps.router.find(body.model);
    const { name, config } = model.definition;
    requireTask(model, ["chat", "completion"]);
    const request = { ...body, max_tokens: body.max_tokens ?? config.sampling?.max_tokens ?? completionMaxTokens };
    return await answer(deps, call, {
      route: routes.completions.path,
      model,
      request: {
        prompt: completionPrompt(body),
        toolChoice: "none",
        parallelToolCalls: false,
        ...resolveHandling(body, config),
        ...resolveSampling(request, config.sampling, body.logprobs ?? null, randomSeed),
      },
      stream: body.stream === true,
      includeUsage: body.stream_options?.include_usage === true,
      shape: (traceId, created) => completionShape({ traceId, model: name, created, logprobs: typeof body.logprobs === "number" }),
    });
  }, refuseUnsupported(completionUnsupported));
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
