import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import { neutralParams as off, greedyParams, type GenerationParams } from "../../../../../protocol/model.ts";
import { samplerNames } from "../../../../../protocol/sampling.ts";
import { planSamplers } from "../../../../../runtime/backends/llama/sampler-plan.ts";

const draw = { kind: "draw", seed: 7 };
const plan = (params: Partial<GenerationParams>) => planSamplers({ ...off, seed: 7, ...params });
const kinds = (params: Partial<GenerationParams>) => plan(params).map(({ kind }) => kind);

const everything: Partial<GenerationParams> = {
  temperature: 0.8, topK: 40, topP: 0.9, minP: 0.05, typicalP: 0.9, topNSigma: 2, xtcProbability: 0.5, repeatPenalty: 1.1, dryMultiplier: 0.8,
  logitBias: [{ token: 1, bias: 2 }],
};

describe("the plan of a chain", () => {
  it("is empty but for the draw when every sampler is off", () => assert.deepEqual(plan({}), [draw]));

  it("has the documented order, with the biases first and the draw last", () => {
    // Typical sampling is preceded by a cut of what a float rounds to zero.
    assert.deepEqual(kinds(everything), ["logitBias", "penalties", "dry", "topNSigma", "topK", "minP", "typical", "topP", "minP", "xtc", "temperature", "draw"]);
  });

  it("follows `samplers`, and leaves out what that does not name", () => {
    assert.deepEqual(kinds({ ...everything, samplers: ["temperature", "top_k", "penalties"] }), ["logitBias", "temperature", "topK", "penalties", "draw"]);
    assert.deepEqual(kinds({ ...everything, samplers: [] }), ["logitBias", "draw"]);
  });

  it("takes the most likely token at temperature 0, which no cut or draw changes, but penalties, DRY and biases do", () => {
    assert.deepEqual(planSamplers(greedyParams), [{ kind: "greedy" }]);
    assert.deepEqual(kinds({ ...everything, temperature: 0, mirostat: 2, adaptiveTarget: 0.5, dynatempRange: 1 }), ["logitBias", "penalties", "dry", "greedy"]);
    assert.deepEqual(kinds({ temperature: 1e-9 }), ["greedy"]);
  });

  it("leaves out each sampler whose value means off", () => {
    const offValues: Partial<GenerationParams>[] = [
      { topK: 0 }, { topP: 1 }, { minP: 0 }, { typicalP: 1 }, { topNSigma: 0 }, { topNSigma: -1 }, { xtcProbability: 0.5, xtcThreshold: 0.51 },
      { repeatPenalty: 2, repeatLastN: 0 }, { dryMultiplier: 1, dryPenaltyLastN: 0 }, { temperature: 1 }, { mirostat: 0 }, { adaptiveTarget: -0.1 },
    ];
    for (const value of offValues) assert.deepEqual(plan(value), [draw], JSON.stringify(value));
  });

  it("gives Mirostat the place of all samplers that cut", () => {
    assert.deepEqual(kinds({ ...everything, mirostat: 2 }), ["logitBias", "penalties", "dry", "temperature", "mirostat"]);
    assert.deepEqual(kinds({ ...everything, mirostat: 1 }), ["logitBias", "penalties", "dry", "temperature", "minP", "mirostat"]);
  });

  it("ends with adaptive-p when it has a target and is named", () => {
    assert.deepEqual(plan({ adaptiveTarget: 0.3 }), [{ kind: "adaptiveP", target: 0.3, decay: 0.9, seed: 7 }]);
    assert.deepEqual(plan({ adaptiveTarget: 0.3, samplers: ["top_k"] }), [draw]);
  });

  it("keeps a dynamic temperature above zero", () => {
    assert.deepEqual(plan({ temperature: 0.8, dynatempRange: 0.5 })[0], { kind: "dynamicTemperature", temperature: 0.8, range: 0.5, exponent: 1 });
    const [step] = plan({ temperature: 0.5, dynatempRange: 2 });
    assert.ok(step?.kind === "dynamicTemperature");
    assert.ok(Math.abs(step.temperature - step.range - 0.001) < 1e-12 && Math.abs(step.temperature + step.range - 2.5) < 1e-12);
  });

  it("replaces llama.cpp's name for a random seed, wherever a seed goes", () => {
    const seeds = plan({ seed: 0xffff_ffff, xtcProbability: 1 }).flatMap((step) => "seed" in step ? [step.seed] : []);
    assert.deepEqual(seeds, [0xffff_fffe, 0xffff_fffe]);
  });

  it("has exactly one sampler that chooses, and it is the last", () => {
    const any = fc.record({
      temperature: fc.constantFrom(0, 0.5, 1), mirostat: fc.constantFrom(0 as const, 1 as const, 2 as const), adaptiveTarget: fc.constantFrom(-1, 0.5),
      samplers: fc.shuffledSubarray([...samplerNames]), topK: fc.nat(50), xtcProbability: fc.constantFrom(0, 0.5),
    });
    fc.assert(fc.property(any, (params) => {
      const choosing = kinds({ ...everything, ...params }).map((kind) => ["greedy", "draw", "mirostat", "adaptiveP"].includes(kind));
      assert.equal(choosing.indexOf(true), choosing.length - 1);
    }));
  });
});
