import { chainOf, walkChain, type ChainDependencies, type ChainStep } from "../gpu/chain.ts";
import type { Check, Outcome } from "./finding.ts";

const titles = { metal: "Metal", cuda: "CUDA", vulkan: "Vulkan", cpu: "gpu: auto" } as const;

/**
 * One line for each step of the chain that `gpu: auto` follows, with the reason why it was taken or passed over. Each is asked by itself, so
 * that the second GPU of a machine is told of, too.
 */
export function chainChecks(dependencies: ChainDependencies): Check[] {
  const steps: ChainStep[] = [];
  return chainOf(dependencies.machine).map((kind): Check => ({
    id: kind === "cpu" ? "device" : kind,
    title: titles[kind],
    run: async () => {
      if (kind === "cpu") return chosen(steps);
      const [step] = await walkChain([kind], dependencies);
      if (step === undefined) return { verdict: "missing", detail: "not asked", fix: null };
      const isFirst = step.taken && !steps.some(({ taken }) => taken);
      steps.push(step);
      return outcome(step, isFirst);
    },
  }));
}

function outcome(step: ChainStep, isFirst: boolean): Outcome {
  if (!step.taken) return { verdict: "missing", detail: `passed over: ${step.reason}`, fix: step.fix };
  return { verdict: "ok", detail: `${isFirst ? "taken" : "works, but comes later in the chain"}: ${step.reason}`, fix: null };
}

function chosen(steps: readonly ChainStep[]): Outcome {
  const taken = steps.find((step) => step.taken);
  const detail = taken === undefined ? "computes on the CPU" : `computes with ${taken.kind} what fits there, the rest on the CPU`;
  return { verdict: "ok", detail, fix: null };
}
