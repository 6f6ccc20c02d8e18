import { elementType } from "../../onnx-file/element.ts";
import { readModel } from "../../onnx-file/model.ts";
import { InfernoError } from "../../../protocol/errors.ts";

/** What onnxruntime says, without the places in its own sources, which it puts before or into its sentences. */
export function ortMessage(error: unknown): string {
  const text = (error instanceof Error ? error.message : String(error)).replaceAll(/\s+/g, " ").trim();
  return text.split(/\/\S*onnxruntime_src\/\S+?:\d+ /).map((part, index) => (index === 0 ? part : withoutSignature(part))).join("").replaceAll(/\b\w+\.cc:\d+ \w+ /g, "").replace(/(^|: )(?:[^:]|::)* was false\. /, "$1").trim();
}

/** `onnxruntime::Model::Model(onnx::ModelProto&&, …) const ModelProto …` → `ModelProto …`. Leaves alone what begins otherwise. */
function withoutSignature(text: string): string {
  const open = /^[\w:<>~&* ,]*?[\w>]\(/.exec(text)?.[0].length;
  if (open === undefined) return text;
  let depth = 1;
  let at = open;
  for (; at < text.length && depth > 0; at += 1) {
    if (text[at] === "(") depth += 1;
    if (text[at] === ")") depth -= 1;
  }
  return depth > 0 ? text : text.slice(at).replace(/^(?:::<lambda\(.*?\)>)?(?: const)?(?: \[with [^\]]*\])?\s*/, "");
}

/** A model that onnxruntime would not load. The file is read by ourselves to say where it is broken; a sound one is refused for other reasons. */
export function loadError(path: string, cause: unknown): InfernoError {
  if (cause instanceof InfernoError) return cause;
  try {
    readModel(path);
  } catch (found) {
    return InfernoError.from(found);
  }
  const message = ortMessage(cause);
  // An operator that is not known here may be known to another engine, or to a later release.
  if (/Protobuf parsing failed|is an invalid model/.test(message) && !/No Op registered/.test(message)) {
    return new InfernoError("model_file_invalid", `${path}: ${message.replace(/^Load model from .*? failed:/, "")}`, { cause });
  }
  const reason = message.replace(/^Unsupported data type: (\d+)$/, (_, type: string) => `it has an input or output of ${elementType(Number(type)) ?? `the type ${type}`}, for which JavaScript has no tensors`);
  return new InfernoError("model_load_failed", `onnxruntime cannot load ${path}: ${reason}`, { cause });
}

/** A run that failed: the request's own fault where its tensors are not what the graph takes. */
export function runError(cause: unknown): InfernoError {
  if (cause instanceof InfernoError) return cause;
  const message = ortMessage(cause);
  const isInput = /^(?:Got invalid dimensions for input|Invalid rank for input|Unexpected input data type|Missing Input)/.test(message);
  return new InfernoError(isInput ? "tensor_mismatch" : "inference_failed", message, { cause });
}
