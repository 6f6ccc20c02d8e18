import type { ModelInfo } from "../../../protocol/model.ts";
import type { BackendCapacity } from "../backend.ts";
import type { FakeOptions } from "./options.ts";

/** Control tokens, as in ChatML. */
export const markers = ["<|im_start|>", "<|im_end|>"] as const;

const chatml = `{% for message in messages %}{{ '<|im_start|>' + message.role + '\\n' + (message.content or '') + '<|im_end|>\\n' }}{% endfor %}
{%- if add_generation_prompt %}{{ '<|im_start|>assistant\\n' }}{% endif %}`;

export function fakeModelInfo({ script, template, vocabulary }: FakeOptions, { context }: Pick<BackendCapacity, "context">): ModelInfo {
  return {
    engine: "fake",
    architecture: "fake",
    name: script,
    parameters: 0,
    sizeBytes: 0,
    quantization: "none",
    trainedContext: context,
    vocabulary: vocabulary === "bytes" ? 256 : 0,
    chatTemplate: template === "none" ? null : chatml,
    bosToken: "",
    eosToken: "<|im_end|>",
    library: "fake",
    device: { kind: "cpu", name: "fake", layers: 0, reason: "" },
  };
}
