import type { RunProfile } from "../../protocol/api/profile.ts";
import type { Inference, Inferences, InferTask } from "../../protocol/infer.ts";
import { InfernoError } from "../../protocol/errors.ts";
import type { Router } from "../routing/router.ts";
import { profiled } from "./profiled.ts";
import type { Call } from "./mount.ts";
import { requireTask } from "./task.ts";
import { traced, type TracedDeps } from "./traced.ts";

export interface InferDeps extends TracedDeps {
  readonly router: Router;
}

interface Asked<T extends InferTask> {
  readonly route: string;
  readonly model: string;
  readonly task: T;
  readonly input: Inferences[T]["asked"];
  readonly profile: RunProfile;
  /** For the trace: what was asked, without what was sent. */
  readonly parameters: Readonly<Record<string, unknown>>;
}

/** One inference with a trace around it: the model must be for this task. */
export async function infer<T extends InferTask>(deps: InferDeps, call: Call, { route, model: name, task, input, profile, parameters }: Asked<T>): Promise<Inferences[T]["answered"]> {
  const model = deps.router.find(name);
  requireTask(model, [task]);
  const further = profiled(model, profile);
  return await traced(deps, call, { route, model: name, parameters: { ...parameters, ...further } }, async (trace, signal) => {
    // A union's member is not derived from a type parameter; `task` and the rest come from one row of `Inferences`.
    const { output } = await model.work("infer", { input: { task, ...input } as Inference, ...further }, trace, signal);
    if (output.task !== task) throw new InfernoError("internal", `The model answered "${output.task}" to "${task}".`);
    return output;
  });
}
