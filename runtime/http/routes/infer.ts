import { safetensorsType, type InferRequest } from "../../../protocol/api/infer.ts";
import type { RunProfile } from "../../../protocol/api/profile.ts";
import { InfernoError } from "../../../protocol/errors.ts";
import type { TensorData } from "../../../protocol/infer.ts";
import { routes } from "../../../protocol/routes.ts";
import { infer, type InferDeps } from "../infer.ts";
import { mount, streamed, type Call, type Mounted } from "../mount.ts";
import { readSafetensors, writeSafetensors } from "../safetensors.ts";
import { checkWritable, tensorJson, tensorOf } from "../../tensor-json.ts";

/** Tensors in, tensors out. */
export function mountInferRoute(to: Mounted, deps: InferDeps): void {
  const run = async (call: Call, model: string, inputs: Readonly<Record<string, TensorData>>, outputs: readonly string[] | null, profile: RunProfile) => {
    const parameters = { inputs: Object.fromEntries(Object.entries(inputs).map(([name, { type, shape }]) => [name, `${type} [${shape.join(", ")}]`])), outputs };
    return (await infer(deps, call, { route: routes.infer.path, model, task: "raw", input: { inputs, outputs }, profile, parameters })).outputs;
  };
  mount(to, routes.infer, async ({ body, query }, call) => {
    const sent = call.request.body;
    if (sent instanceof Uint8Array) {
      if (query.model === undefined) throw new InfernoError("invalid_request", "model: the query does not name the model.", { param: "model", hint: `${routes.infer.path}?model=NAME` });
      const { tensors, metadata } = readSafetensors(sent);
      const wanted = metadata["outputs"]?.split(",").map((name) => name.trim()) ?? null;
      await call.reply.type(safetensorsType).send(writeSafetensors(await run(call, query.model, tensors, wanted, query.profile)));
      return streamed;
    }
    const { model, inputs, outputs, encoding, profile }: InferRequest = body;
    const given = Object.fromEntries(Object.entries(inputs).map(([name, tensor]) => [name, tensorOf(tensor, `inputs.${name}`)]));
    const made = await run(call, model, given, outputs ?? null, profile);
    checkWritable(Object.values(made), encoding);
    return { model, outputs: Object.fromEntries(Object.entries(made).map(([name, tensor]) => [name, tensorJson(tensor, encoding)])) };
  });
}
