import { routes } from "../../../protocol/routes.ts";
import { infer, type InferDeps } from "../infer.ts";
import { mount, type Mounted } from "../mount.ts";

/** Labels of texts and of parts of them. */
export function mountTextRoutes(to: Mounted, deps: InferDeps): void {
  mount(to, routes.textClassify, async ({ body: { model, input, top = null, profile } }, call) => {
    const texts = listOf(input);
    const { labels, tokens } = await infer(deps, call, {
      route: routes.textClassify.path, model, task: "text-classification", input: { texts, top }, profile, parameters: { texts: texts.length, top },
    });
    return { model, results: labels.map((each, index) => ({ index, labels: [...each] })), usage: usageOf(tokens) };
  });
  mount(to, routes.entities, async ({ body: { model, input, profile } }, call) => {
    const texts = listOf(input);
    const { entities, tokens } = await infer(deps, call, { route: routes.entities.path, model, task: "token-classification", input: { texts }, profile, parameters: { texts: texts.length } });
    return { model, results: entities.map((each, index) => ({ index, entities: [...each] })), usage: usageOf(tokens) };
  });
}

const listOf = (input: string | readonly string[]): readonly string[] => (typeof input === "string" ? [input] : input);
const usageOf = (tokens: number) => ({ prompt_tokens: tokens, total_tokens: tokens });
