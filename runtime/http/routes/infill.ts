import { routes } from "../../../protocol/routes.ts";
import { answer } from "../answer.ts";
import { infillGeneration } from "../generations.ts";
import { mount, type Mounted } from "../mount.ts";
import { infillShape } from "../openai/infill-shape.ts";
import type { GenerateDeps } from "./generate.ts";

export function mountInfillRoute(to: Mounted, deps: GenerateDeps): void {
  mount(to, routes.infill, async ({ body }, call) => {
    const generating = infillGeneration(deps.router, body);
    const { name } = generating.model.definition;
    return await answer(deps, call, { generating, stream: body.stream === true, includeUsage: false, shape: () => infillShape(name) });
  });
}
