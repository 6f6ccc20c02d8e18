import type { RunProfile } from "../../protocol/api/profile.ts";
import { InfernoError } from "../../protocol/errors.ts";
import type { ModelRuntime } from "../routing/model-runtime.ts";

/** What the model's process is asked beside its task. Throws `unsupported_parameter` where the engine cannot tell its operations apart. */
export function profiled({ definition: { name, engine } }: ModelRuntime, profile: RunProfile): { readonly profile?: true } {
  if (profile === null || profile === undefined) return {};
  if (engine !== "llama") return { profile: true };
  throw new InfernoError("unsupported_parameter", `profile: batches of "${name}", a GGUF model that embeds or reranks, are not profiled by operation.`, {
    param: "profile", hint: "Leave it out; ONNX models and the answers of GGUF models can be profiled.",
  });
}
