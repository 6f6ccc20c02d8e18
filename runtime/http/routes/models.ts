import type { OpenAiModel } from "../../../protocol/api/openai.ts";
import { routes } from "../../../protocol/routes.ts";
import type { ModelRuntime } from "../../routing/model-runtime.ts";
import type { Router } from "../../routing/router.ts";
import { mount, type Mounted } from "../mount.ts";

export interface ModelDeps {
  readonly router: Router;
  /** Seconds since 1970 when the daemon started: OpenAI's `created` wants a date, and a file's own says nothing. */
  readonly startedAt: number;
}

export function mountModelRoutes(to: Mounted, { router, startedAt }: ModelDeps): void {
  const described = ({ definition }: ModelRuntime): OpenAiModel => ({
    id: definition.name, object: "model", created: startedAt, owned_by: "inferno",
  });
  mount(to, routes.openaiModels, () => ({ object: "list" as const, data: router.all().map(described) }));
  mount(to, routes.openaiModel, ({ params }) => described(router.find(params.model)));
  mount(to, routes.models, () => ({ models: router.all().map((model) => model.status()) }));
  mount(to, routes.loadModel, async ({ body }) => {
    const model = router.find(body.model);
    // A client that leaves ends no load: another may wait for it too.
    await model.host.ready(new AbortController().signal);
    return model.status();
  });
  mount(to, routes.unloadModel, async ({ body }) => {
    const model = router.find(body.model);
    await model.unload();
    return model.status();
  });
}
