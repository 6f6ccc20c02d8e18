import { InferenceSession, listSupportedBackends } from "onnxruntime-node";
import type { OnnxProvider } from "../../../protocol/config.ts";
import { InfernoError } from "../../../protocol/errors.ts";
import { graph, model, modelBytes, node, value } from "../../onnx-file/build.ts";
import { release } from "./options.ts";
import { ortMessage } from "./ort-error.ts";

/** One execution provider, and whether it can be had. */
export interface ProviderStep {
  readonly provider: OnnxProvider;
  readonly works: boolean;
  /** Why not; empty when it works. */
  readonly reason: string;
}

/** Asks for a provider by opening the smallest of graphs with it: asking for one that is missing throws, and nothing else says so. */
export type TryProvider = (provider: OnnxProvider) => Promise<void>;

export const tryProvider: TryProvider = async (provider) => {
  const smallest = model(graph({ nodes: [node("Identity", ["a"], ["b"])], inputs: [value("a", "float32", [1])], outputs: [value("b", "float32", [1])] }), { opset: 17, irVersion: 8 });
  const session = await InferenceSession.create(modelBytes(smallest), { executionProviders: [provider], logSeverityLevel: 4 });
  await session.release();
};

/** Every provider that was named, in its order. The CPU's is part of the library and is not asked. */
export async function walkProviders(wanted: readonly OnnxProvider[], attempt: TryProvider = tryProvider): Promise<ProviderStep[]> {
  const steps: ProviderStep[] = [];
  for (const provider of new Set(wanted)) {
    const reason = provider === "cpu" ? "" : await attempt(provider).then(() => "", (error: unknown) => whyNot(provider, error));
    steps.push({ provider, works: reason === "", reason });
  }
  return steps;
}

function whyNot(provider: OnnxProvider, error: unknown): string {
  if (!listSupportedBackends().some(({ name }) => name === provider)) return `${release()} for ${process.platform} ${process.arch} is built without it`;
  const message = ortMessage(error);
  return /Failed to load shared library/.test(message) ? "its library is not installed, or one that it needs" : message;
}

/** Those that work. Throws where none does: who leaves the CPU out does not want it in silence. */
export function workingProviders(steps: readonly ProviderStep[]): OnnxProvider[] {
  const working = steps.filter(({ works }) => works).map(({ provider }) => provider);
  if (working.length > 0) return working;
  throw new InfernoError("model_load_failed", `No execution provider of onnx.providers works here: ${passedOver(steps)}.`, {
    param: "onnx.providers", hint: "`inferno doctor` says what there is; add `cpu` at the end to compute there.",
  });
}

export const passedOver = (steps: readonly ProviderStep[]): string =>
  steps.filter(({ works }) => !works).map(({ provider, reason }) => `${provider}: ${reason}`).join("; ");
