import { ChatCompletionRequest, CompletionRequest } from "../../../protocol/api/openai.ts";
import { InfillRequest } from "../../../protocol/api/tasks.ts";
import { InfernoError } from "../../../protocol/errors.ts";
import type { GenerationParams } from "../../../protocol/model.ts";
import { routes } from "../../../protocol/routes.ts";
import type { Trace } from "../../../protocol/trace.ts";
import type { Generating } from "../../debug/generating.ts";
import type { DebugSessions, Requests } from "../../debug/sessions.ts";
import type { Router } from "../../routing/router.ts";
import { chatGeneration, completionGeneration, infillGeneration } from "../generations.ts";
import { mount, type Mounted } from "../mount.ts";
import { whileConnected } from "../traced.ts";

export interface DebugDeps {
  readonly router: Router;
  readonly debug: DebugSessions;
}

export function mountDebugRoutes(to: Mounted, { router, debug }: DebugDeps): void {
  const requests = requestsOf(router);
  mount(to, routes.debugSessions, () => ({ sessions: debug.all }));
  mount(to, routes.debugStart, async ({ body }, call) => await debug.start(body, requests, whileConnected(call)));
  mount(to, routes.debugSession, ({ params }) => debug.find(params.id).state);
  mount(to, routes.debugAct, async ({ params, body }, call) => await debug.find(params.id).act(body, whileConnected(call)));
  mount(to, routes.debugToken, async ({ params, query }) => await debug.find(params.id).token(params.token, query.trace));
  mount(to, routes.debugEvaluate, ({ params, body }) => debug.find(params.id).evaluate(body.expression, body.trace, body.token));
}

function requestsOf(router: Router): Requests {
  return {
    model: (name) => router.find(name),
    chat: ({ request }) => chatGeneration(router, request),
    completion: ({ request }) => completionGeneration(router, request),
    recorded: (trace) => recorded(router, trace),
    resample: (generating, sampling) => resampled(router, generating, sampling),
    nextTurn: ({ generating, text }, says) => {
      const body = ChatCompletionRequest.safeParse(generating?.body);
      if (!body.success) throw new InfernoError("debug_impossible", "The conversation is too large to be kept, so it cannot be gone on with.");
      return chatGeneration(router, { ...body.data, messages: [...body.data.messages, { role: "assistant", content: text }, { role: "user", content: says }] });
    },
  };
}

/** A trace's request, with the settings and the seed that it had then; its prompt is computed whole, unless then it was not. */
function recorded(router: Router, trace: Trace): Generating | null {
  const generating = trace.body === undefined ? null : again(router, trace.route, trace.body);
  if (generating === null) return null;
  const params = { ...generating.request.params };
  const known = Object.fromEntries(Object.entries(trace.parameters).filter(([name]) => name in params)) as Partial<GenerationParams>;
  const request = { ...generating.request, params: { ...params, ...known }, choices: 1, cachePrompt: (trace.reuse?.tokens ?? 0) > 0 };
  return { ...generating, request, parameters: { ...generating.parameters, ...known } };
}

/** The seed stays, unless another is given: one that was drawn at random is in no body. */
function resampled(router: Router, generating: Generating, sampling: Parameters<Requests["resample"]>[1]): Generating {
  const changed = again(router, generating.route, { ...generating.body, ...sampling });
  if (changed === null || generating.body === undefined) throw new InfernoError("debug_impossible", "The request is too large to be kept, so its sampling cannot be changed.");
  const seed = sampling.seed ?? generating.request.params.seed;
  const { stop, maxTokens } = changed.request;
  const request = { ...generating.request, params: { ...changed.request.params, seed }, stop, maxTokens };
  return { ...changed, request, parameters: { ...changed.parameters, seed } };
}

/** Null for a route whose requests are no generations. */
function again(router: Router, route: string, body: Readonly<Record<string, unknown>>): Generating | null {
  switch (route) {
    case routes.chatCompletions.path: return chatGeneration(router, ChatCompletionRequest.parse(body));
    case routes.completions.path: return completionGeneration(router, CompletionRequest.parse(body));
    case routes.infill.path: return infillGeneration(router, InfillRequest.parse(body));
    default: return null;
  }
}
