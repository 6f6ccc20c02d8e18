import { routes } from "../../../protocol/routes.ts";
import type { Router } from "../../routing/router.ts";
import { mount, type Mounted } from "../mount.ts";

export interface ModelDeps {
  readonly router: Router;
  /** Seconds since 1970 when the daemon started: OpenAI's `created` wants a date, and a file's own says nothing. */
  readonly startedAt: number;
}

export function mountModelRoutes(to: Mounted, { router, startedAt }: ModelDeps): void {
  mount(to, routes.openaiModels, () => ({
    object: "list" as const,
    data: router.all().map(({ definition }) => ({ id: definition.name, object: "model" as const, created: startedAt, owned_by: "inferno" })),
  }));
  mount(to, routes.models, () => ({ models: router.all().map((model) => model.status()) }));
  mount(to, routes.loadModel, async ({ body }) => {
    const model = router.find(body.model);
    // A client that leaves ends no load: another may wait for it too.
    await model.host.ready(new AbortController().signal);
    return model.status();
  });
  mount(to, routes.unloadModel, async ({ body }) => {
    const model = router.find(body.model);
    await model.host.unload();
    return model.status();
  });
}
