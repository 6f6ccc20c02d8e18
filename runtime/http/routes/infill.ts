import { randomInt } from "node:crypto";
import { InfernoError } from "../../../protocol/errors.ts";
import { routes } from "../../../protocol/routes.ts";
import type { ModelRuntime } from "../../routing/model-runtime.ts";
import type { Router } from "../../routing/router.ts";
import { answer } from "../answer.ts";
import { mount, type Mounted } from "../mount.ts";
import { infillShape } from "../openai/infill-shape.ts";
import { resolveHandling } from "../openai/output.ts";
import { resolveSampling } from "../openai/sampling.ts";
import { requireTask } from "../task.ts";
import type { GenerateDeps } from "./generate.ts";

export function mountInfillRoute(to: Mounted, deps: GenerateDeps): void {
  mount(to, routes.infill, async ({ body }, call) => {
    const model = body.model === undefined ? onlyLoaded(deps.router) : deps.router.find(body.model);
    requireTask(model, ["completion", "chat"]);
    const { name, config } = model.definition;
    const files = (body.input_extra ?? []).map(({ filename, text }) => ({ name: filename, text }));
    // llama-server's -1; a model's own limit is for its answers, which say when they are over.
    const limit = body.n_predict ?? config.sampling?.max_tokens ?? -1;
    const sampling = resolveSampling(body, config.sampling, null, () => randomInt(0x1_0000_0000));
    return await answer(deps, call, {
      route: routes.infill.path,
      model,
      request: {
        prompt: { kind: "fill", fill: { prefix: body.input_prefix, suffix: body.input_suffix, files, beginning: body.prompt ?? "" } },
        toolChoice: "none",
        parallelToolCalls: false,
        // An editor sends what is around the cursor: what does not fit is the farthest, and the answer says how much it was.
        ...resolveHandling({ ...body, n: 1 }, { overflow: "truncate_middle" }),
        ...sampling,
        maxTokens: limit <= 0 ? null : limit,
      },
      stream: body.stream === true,
      includeUsage: false,
      shape: () => infillShape(name),
    });
  });
}

/** Editors' plugins for llama-server send no name: it has one model. */
function onlyLoaded(router: Router): ModelRuntime {
  const loaded = router.all().filter(({ host }) => host.isReady);
  const [only] = loaded;
  if (only !== undefined && loaded.length === 1) return only;
  const names = router.all().map(({ definition }) => definition.name).join(", ");
  throw new InfernoError("invalid_request", `model: needed, because ${loaded.length === 0 ? "no model is" : "several models are"} loaded. There are: ${names}.`, { param: "model" });
}
