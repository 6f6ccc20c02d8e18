import { routes } from "../../../protocol/routes.ts";
import type { Router } from "../../routing/router.ts";
import { answer, type AnswerDeps } from "../answer.ts";
import { chatGeneration, completionGeneration } from "../generations.ts";
import { mount, type Mounted } from "../mount.ts";
import { chatShape } from "../openai/chat-shape.ts";
import { completionShape } from "../openai/completion-shape.ts";
import { chatUnsupported, completionUnsupported, refuseUnsupported } from "../openai/unsupported.ts";

export interface GenerateDeps extends AnswerDeps {
  readonly router: Router;
}

export function mountGenerateRoutes(to: Mounted, deps: GenerateDeps): void {
  mount(to, routes.chatCompletions, async ({ body }, call) => {
    const generating = chatGeneration(deps.router, body);
    const { name } = generating.model.definition;
    return await answer(deps, call, {
      generating,
      stream: body.stream === true,
      includeUsage: body.stream_options?.include_usage === true,
      shape: (traceId, created) => chatShape({ traceId, model: name, created, logprobs: body.logprobs === true }),
    });
  }, refuseUnsupported(chatUnsupported));

  mount(to, routes.completions, async ({ body }, call) => {
    const generating = completionGeneration(deps.router, body);
    const { name } = generating.model.definition;
    return await answer(deps, call, {
      generating,
      stream: body.stream === true,
      includeUsage: body.stream_options?.include_usage === true,
      shape: (traceId, created) => completionShape({ traceId, model: name, created, logprobs: typeof body.logprobs === "number" }),
    });
  }, refuseUnsupported(completionUnsupported));
}
