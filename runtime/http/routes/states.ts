import type { z } from "zod";
import type { SaveStateRequest, SavedState } from "../../../protocol/api/tasks.ts";
import { InfernoError } from "../../../protocol/errors.ts";
import { routes } from "../../../protocol/routes.ts";
import type { GenerateRequest, Prompt } from "../../host/messages.ts";
import type { StateFolder } from "../../host/state-folder.ts";
import { mount, type Mounted } from "../mount.ts";
import { resolveHandling, resolveTools } from "../openai/output.ts";
import { resolveSampling } from "../openai/sampling.ts";
import { requireTask } from "../task.ts";
import { traced, whileConnected } from "../traced.ts";
import type { GenerateDeps } from "./generate.ts";

export interface StateDeps extends GenerateDeps {
  readonly states: StateFolder;
}

/** Conversations' states as files: saved, put back, listed and removed. */
export function mountStateRoutes(to: Mounted, deps: StateDeps): void {
  const { router, states } = deps;
  const found = (model: string, name: string): SavedState => {
    const state = states.find(model, name);
    if (state === null) throw new InfernoError("state_not_found", `The model "${model}" has no saved state "${name}".`, { param: "name", hint: "GET /api/v1/states lists them." });
    return state;
  };
  mount(to, routes.states, () => ({ states: states.list() }));
  mount(to, routes.saveState, async ({ body }, call) => {
    const model = router.find(body.model);
    requireTask(model, ["chat", "completion"]);
    const { name, model: alias } = body;
    return await traced(deps, call, { route: routes.saveState.path, model: alias, parameters: { name } }, async (trace, signal) => {
      const request = { ...promptOnly(body, model.definition.config), id: trace.id };
      // The prompt goes through the model as any request's does, unless it has: then its state is there to be kept.
      const { events } = await model.run(request, trace, signal);
      for await (const event of events) if (event.type === "failed") throw InfernoError.fromBody(event.error);
      await model.ask("saveState", { path: states.pathOf(alias, name), request }, signal);
      return found(alias, name);
    });
  });
  mount(to, routes.restoreState, async ({ body }, call) => {
    const model = router.find(body.model);
    requireTask(model, ["chat", "completion"]);
    const state = found(body.model, body.name);
    await model.ask("restoreState", { path: states.pathOf(body.model, body.name) }, whileConnected(call));
    return state;
  });
  mount(to, routes.deleteState, ({ body }) => {
    const state = found(body.model, body.name);
    states.remove(body.model, body.name);
    return state;
  });
}

type Config = Parameters<typeof resolveHandling>[1];

/** A request for one token: what matters is that its prompt has been computed. */
function promptOnly(body: z.infer<typeof SaveStateRequest>, config: Config): Omit<GenerateRequest, "id"> {
  const { tools, toolChoice, parallelToolCalls } = resolveTools(body);
  const prompt: Prompt = body.messages === undefined ? { kind: "text", text: body.prompt ?? "" } : { kind: "messages", messages: body.messages, tools };
  return {
    prompt, toolChoice, parallelToolCalls,
    ...resolveHandling({ n: 1 }, config),
    ...resolveSampling({ temperature: 0, max_tokens: 1 }, undefined, null, () => 0),
  };
}
