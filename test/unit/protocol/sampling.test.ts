import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { ChatCompletionRequest, CompletionRequest } from "../../../protocol/api/openai.ts";
import { SamplingDefaults } from "../../../protocol/config.ts";
import { samplerNames, samplingDefaults } from "../../../protocol/sampling.ts";

const requests = [
  (value: object) => ChatCompletionRequest.safeParse({ model: "m", messages: [{ role: "user", content: "x" }], ...value }),
  (value: object) => CompletionRequest.safeParse({ model: "m", prompt: "x", ...value }),
];
const configured = (value: object) => SamplingDefaults.safeParse(value);

describe("sampling parameters", () => {
  it("have one set of names and ranges in both routes and in inferno.yaml", () => {
    const outside: Record<string, readonly unknown[]> = {
      temperature: [-0.1, 2.1, Number.NaN, Infinity, "1"], dynatemp_range: [-1, 3], dynatemp_exponent: [-1, 11], top_k: [-1, 1.5, 2 ** 31], top_p: [0, 1.1],
      min_p: [-0.1, 1.1], typical_p: [0, 2], top_n_sigma: [-2], xtc_probability: [-0.1, 1.1], xtc_threshold: [-0.1, 1.1], repeat_penalty: [0, 11],
      repeat_last_n: [-2, 0.5], frequency_penalty: [-2.1, 2.1], presence_penalty: [-2.1, 2.1], dry_multiplier: [-1], dry_base: [0.9], dry_allowed_length: [-1],
      dry_penalty_last_n: [-2], dry_sequence_breakers: ["\n", [""], [1]], mirostat: [3, -1], mirostat_tau: [-1], mirostat_eta: [-1, 2], adaptive_target: [1.1],
      adaptive_decay: [-0.1, 1], logit_bias: [{ 1: 101 }, { 1: true }, [[1]], [[-1, 1]], [[1.5, 1]], 3], ignore_eos: [1], samplers: ["top_k", ["top_q"], ["top_k", "top_k"]],
    };
    assert.deepEqual(Object.keys(outside).sort(), Object.keys(samplingDefaults).sort());
    for (const [name, values] of Object.entries(outside)) {
      for (const value of values) {
        for (const parse of [...requests, configured]) {
          const { success, error } = parse({ [name]: value });
          assert.equal(success, false, `${name}: ${String(value)}`);
          assert.equal(error.issues[0]?.path[0], name);
        }
      }
    }
  });

  it("accept their own defaults, and null in a request", () => {
    for (const parse of [...requests, configured]) assert.equal(parse(samplingDefaults).success, true);
    for (const parse of requests) assert.equal(parse(Object.fromEntries(Object.keys(samplingDefaults).map((name) => [name, null]))).success, true);
  });

  it("accept biases as OpenAI and as llama-server have them", () => {
    for (const logit_bias of [{ 50256: -100 }, { " yes": 5, " no": false }, [[15, -3], ["text", false]], {}, []]) {
      for (const parse of [...requests, configured]) assert.equal(parse({ logit_bias }).success, true, JSON.stringify(logit_bias));
    }
  });

  it("name the samplers there are when one is not", () => {
    const message = configured({ samplers: ["topk"] }).error?.issues[0]?.message ?? "";
    assert.match(message, /no sampler is called "topk"\. Did you mean "top_k"\?/);
    for (const name of samplerNames) assert.ok(message.includes(name));
  });
});
