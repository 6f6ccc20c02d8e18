import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import fc from "fast-check";
import { InfernoError } from "../../../protocol/errors.ts";
import { greedyParams, neutralParams, type GenerationParams } from "../../../protocol/model.ts";
import { samplerNames } from "../../../protocol/sampling.ts";
import { openRig, type Rig } from "./sampling-rig.ts";

/** Four tokens worth drawing; all others are far below. Their probabilities are 8, 4, 2 and 1 of 15. */
const [first, second, third, fourth] = [100, 200, 300, 400] as const;
const ln2 = Math.log(2);
const some = { ...neutralParams, seed: 1 };

let rig: Rig;
before(() => {
  rig = openRig();
  rig.decode("Once upon a time");
  const logits = new Float32Array(rig.vocabulary.size).fill(-50);
  for (const [rank, token] of [first, second, third, fourth].entries()) logits[token] = 10 - rank * ln2;
  rig.setLogits(logits);
});
after(() => rig.dispose());

const shares = (params: Partial<GenerationParams>, count = 4000, history: readonly number[] = []): Map<number, number> => {
  const found = new Map<number, number>();
  for (const { id } of rig.draw({ ...some, ...params }, count, history)) found.set(id, (found.get(id) ?? 0) + 1);
  return new Map([...found].map(([id, times]) => [id, times / count]));
};

/** Five standard deviations of a share that was counted in so many draws: a right sampler fails once in a million runs, and the seeds are fixed. */
const near = (found: Map<number, number>, expected: Readonly<Record<number, number>>, count = 4000): void => {
  for (const [token, share] of Object.entries(expected)) {
    const actual = found.get(Number(token)) ?? 0;
    const tolerance = 5 * Math.sqrt((share * (1 - share)) / count);
    assert.ok(Math.abs(actual - share) <= tolerance, `token ${token}: ${actual} is not within ${tolerance} of ${share}`);
  }
  for (const token of found.keys()) assert.ok(token in expected, `token ${token} was drawn`);
};

describe("each sampler, from known logits", () => {
  it("draws from the model's own distribution when all are off", () => near(shares({}), { [first]: 8 / 15, [second]: 4 / 15, [third]: 2 / 15, [fourth]: 1 / 15 }));

  it("temperature sharpens and flattens", () => {
    near(shares({ temperature: 0.5 }), { [first]: 64 / 85, [second]: 16 / 85, [third]: 4 / 85, [fourth]: 1 / 85 });
    const flat = [8, 4, 2, 1].map(Math.sqrt);
    const sum = flat.reduce((a, b) => a + b);
    near(shares({ temperature: 2 }), Object.fromEntries(flat.map((weight, rank) => [[first, second, third, fourth][rank]!, weight / sum])));
    near(shares({ temperature: 0.01 }), { [first]: 1 });
  });

  it("top-k keeps k, min-p a share of the best, top-p the least that is enough", () => {
    near(shares({ topK: 2 }), { [first]: 2 / 3, [second]: 1 / 3 });
    near(shares({ minP: 0.2 }), { [first]: 8 / 14, [second]: 4 / 14, [third]: 2 / 14 });
    near(shares({ topP: 0.75 }), { [first]: 2 / 3, [second]: 1 / 3 });
    near(shares({ topK: 1, temperature: 2 }), { [first]: 1 });
  });

  it("cuts before the temperature by default, and after it when told so", () => {
    near(shares({ minP: 0.3, temperature: 2 }), { [first]: Math.SQRT2 / (1 + Math.SQRT2), [second]: 1 / (1 + Math.SQRT2) });
    assert.equal(shares({ minP: 0.3, temperature: 2, samplers: ["temperature", "min_p"] }).size, 4);
  });

  it("typical sampling prefers the expected information: here the second token, whose surprise is nearest to the entropy", () => {
    near(shares({ typicalP: 0.2 }), { [second]: 1 });
  });

  it("top-n-sigma keeps what is within n deviations of the best logit", () => near(shares({ topNSigma: 0.3 }), { [first]: 8 / 12, [second]: 4 / 12 }));

  it("XTC excludes the top choices but the last of them, as often as it is told", () => {
    near(shares({ xtcProbability: 1, xtcThreshold: 0.1 }), { [third]: 2 / 3, [fourth]: 1 / 3 });
    near(shares({ xtcProbability: 0.5, xtcThreshold: 0.2 }), { [first]: 0.5 * 8 / 15, [second]: 0.5 * (4 / 15 + 4 / 7), [third]: 0.5 * (2 / 15 + 2 / 7), [fourth]: 0.5 * (1 / 15 + 1 / 7) });
  });

  it("logit bias adds to a logit by id or by text; -100 and false forbid, 100 forces", () => {
    near(shares({ logitBias: [{ token: fourth, bias: 3 * ln2 }] }), { [first]: 8 / 22, [second]: 4 / 22, [third]: 2 / 22, [fourth]: 8 / 22 });
    for (const bias of [-100, false] as const) near(shares({ logitBias: [{ token: first, bias }] }), { [second]: 4 / 7, [third]: 2 / 7, [fourth]: 1 / 7 });
    near(shares({ logitBias: [{ token: 7, bias: 100 }] }), { 7: 1 });
    const [x] = rig.vocabulary.tokenize("x", { addSpecial: false, parseSpecial: true });
    near(shares({ logitBias: [{ token: "x", bias: 100 }] }), { [x!]: 1 });
  });

  it("penalties look at the prompt and at the answer, as far back as they are told", () => {
    const once = { frequencyPenalty: 2, repeatLastN: -1, temperature: 0 } as const;
    // Every draw lowers its own token by 2: the first, at 10, falls behind the second, at 9.3, and so on.
    assert.deepEqual(rig.draw({ ...some, ...once }, 4).map(({ id }) => id), [first, second, third, first]);
    assert.deepEqual(rig.draw({ ...some, ...once }, 1, [first, 5, 6]).map(({ id }) => id), [second]);
    assert.deepEqual(rig.draw({ ...some, ...once, repeatLastN: 2 }, 1, [first, 5, 6]).map(({ id }) => id), [first]);
    assert.deepEqual(rig.draw({ ...some, temperature: 0, presencePenalty: 1 }, 1, [first, first]).map(({ id }) => id), [second]);
    assert.deepEqual(rig.draw({ ...some, temperature: 0, presencePenalty: 0.5 }, 1, [first, first]).map(({ id }) => id), [first]);
    assert.deepEqual(rig.draw({ ...some, repeatPenalty: 2, temperature: 0, repeatLastN: 64 }, 3).map(({ id }) => id), [first, second, third]);
  });

  it("DRY forbids to prolong a repetition, and not across a breaker", () => {
    const dry = { ...some, temperature: 0, dryMultiplier: 10, dryBase: 2, dryAllowedLength: 2, dryPenaltyLastN: -1 };
    const repeated = [5, 6, first, 9, 5, 6];
    assert.equal(rig.draw(dry, 1, repeated)[0]?.id, second);
    assert.equal(rig.draw({ ...dry, dryAllowedLength: 3 }, 1, repeated)[0]?.id, first);
    const breaker = Buffer.from(rig.vocabulary.tokenBytes(6)).toString();
    assert.equal(rig.draw({ ...dry, drySequenceBreakers: [breaker] }, 1, repeated)[0]?.id, first);
  });

  it("dynamic temperature is cold where the model is sure and hot where it is not", () => {
    // Among the four the entropy is 0.84 of its maximum; among all tokens of the vocabulary much less.
    const hot = shares({ topK: 4, temperature: 1, dynatempRange: 1 });
    const cold = shares({ temperature: 1, dynatempRange: 1 });
    assert.ok((hot.get(first) ?? 0) < 8 / 15 - 0.05 && (cold.get(first) ?? 0) > 8 / 15 + 0.05);
  });

  it("Mirostat brings the text to the surprise that it aims at", () => {
    // The entropy of the four is 1.64 bits: far more cannot be reached, and version 1 then becomes greedy.
    for (const mirostat of [1, 2] as const) {
      for (const mirostatTau of [0.5, 1]) {
        const drawn = rig.draw({ ...some, mirostat, mirostatTau, topLogprobs: 0, logprobs: "after" }, 4000);
        const bits = -drawn.reduce((sum, { logprob = 0 }) => sum + logprob, 0) / ln2 / drawn.length;
        assert.ok(Math.abs(bits - mirostatTau) < 0.05, `version ${mirostat}: ${bits} bits`);
      }
    }
  });

  it("adaptive-p draws near its target", () => {
    const found = shares({ minP: 0.05, adaptiveTarget: 0.27, adaptiveDecay: 0 });
    assert.ok((found.get(second) ?? 0) > (shares({}).get(second) ?? 1));
  });

  it("no end token comes with `ignore_eos`", () => {
    const [end] = rig.vocabulary.tokenize("<|im_end|>", { addSpecial: false, parseSpecial: true });
    const wanted = [{ token: end!, bias: 90 }];
    assert.equal(rig.draw({ ...greedyParams, logitBias: wanted }, 1)[0]?.isEnd, true);
    assert.deepEqual(rig.draw({ ...greedyParams, logitBias: wanted, ignoreEnd: true }, 1)[0], { id: first, isEnd: false });
  });
});

describe("any settings", () => {
  let real: Float32Array;
  before(() => {
    const known = rig.logits();
    rig.decode("<|im_start|>user\nTell me a story.<|im_end|>\n<|im_start|>assistant\n");
    real = rig.logits();
    rig.decode("Once upon a time");
    rig.setLogits(known);
  });

  const number = (min: number, max: number) => fc.double({ min, max, noNaN: true });
  const anything: fc.Arbitrary<GenerationParams> = fc.record({
    temperature: fc.oneof(fc.constantFrom(0, 1e-45, 1e-7, 1), number(0, 2)), dynatempRange: fc.oneof(fc.constant(0), number(0, 2)), dynatempExponent: number(0, 10),
    topK: fc.nat(2000), topP: number(1e-9, 1), minP: number(0, 1), typicalP: number(1e-9, 1), topNSigma: number(-1, 10), xtcProbability: number(0, 1), xtcThreshold: number(0, 1),
    repeatPenalty: number(0.1, 10), repeatLastN: fc.integer({ min: -1, max: 600 }), frequencyPenalty: number(-2, 2), presencePenalty: number(-2, 2),
    dryMultiplier: number(0, 100), dryBase: number(1, 100), dryAllowedLength: fc.nat(4), dryPenaltyLastN: fc.integer({ min: -1, max: 600 }), drySequenceBreakers: fc.array(fc.string({ minLength: 1, maxLength: 3 }), { maxLength: 1 }),
    mirostat: fc.constantFrom(0 as const, 0 as const, 1 as const, 2 as const), mirostatTau: number(0, 100), mirostatEta: number(0, 1), adaptiveTarget: number(-1, 1), adaptiveDecay: number(0, 0.99),
    logitBias: fc.array(fc.record({ token: fc.integer({ min: 0, max: 1535 }), bias: fc.oneof(fc.constantFrom(-100, 100, false as const), number(-100, 100)) }), { maxLength: 5 }), ignoreEnd: fc.boolean(),
    samplers: fc.shuffledSubarray([...samplerNames]), seed: fc.integer({ min: 0, max: 0xffff_ffff }), grammar: fc.constant(null), topLogprobs: fc.constantFrom(null, 0, 5), logprobs: fc.constantFrom("before" as const, "after" as const),
  });
  const history = fc.array(fc.integer({ min: 0, max: 20 }), { maxLength: 80 });

  it("choose a token of the vocabulary, with probabilities that are numbers, and the same ones again with the same seed", () => {
    const known = rig.logits();
    fc.assert(fc.property(anything, history, fc.boolean(), (params, past, trained) => {
      rig.setLogits(trained ? real : known);
      const drawn = rig.draw(params, 6, past);
      for (const { id, logprob, top } of drawn) {
        assert.ok(Number.isInteger(id) && id >= 0 && id < rig.vocabulary.size);
        if (params.topLogprobs === null) continue;
        assert.ok(logprob !== undefined && logprob <= 1e-6 && !Number.isNaN(logprob));
        for (const each of top ?? []) assert.ok(each.logprob <= 1e-6 && each.id >= 0 && each.id < rig.vocabulary.size);
      }
      assert.deepEqual(rig.draw(params, 6, past), drawn);
    }), { numRuns: 400, seed: 42 });
    rig.setLogits(known);
  });

  it("draw the same tokens whether or not somebody looks at the probabilities", () => {
    fc.assert(fc.property(anything, history, (params, past) => {
      const ids = (asked: Partial<GenerationParams>): number[] => rig.draw({ ...params, ...asked }, 5, past).map(({ id }) => id);
      const unseen = ids({ topLogprobs: null });
      assert.deepEqual(ids({ topLogprobs: 3, logprobs: "before" }), unseen);
      assert.deepEqual(ids({ topLogprobs: 3, logprobs: "after" }), unseen);
    }), { numRuns: 100, seed: 42 });
  });

  it("are refused where they name a token that does not exist, or forbid all", () => {
    const refused = (logitBias: GenerationParams["logitBias"]): boolean => {
      try {
        rig.draw({ ...some, logitBias }, 1);
        return false;
      } catch (error) {
        return error instanceof InfernoError && error.code === "invalid_request" && error.param === "logit_bias";
      }
    };
    const { size } = rig.vocabulary;
    assert.ok(refused([{ token: size, bias: 1 }]));
    assert.ok(refused(Array.from({ length: size }, (_, token) => ({ token, bias: false }))));
    assert.ok(!refused(Array.from({ length: size - 1 }, (_, token) => ({ token, bias: false }))));
  });
});

describe("log probabilities", () => {
  const softmax = (logits: ReadonlyMap<number, number>): Map<number, number> => {
    const highest = Math.max(...logits.values());
    const sum = [...logits.values()].reduce((total, value) => total + Math.exp(value - highest), 0);
    return new Map([...logits].map(([id, value]) => [id, value - highest - Math.log(sum)]));
  };
  const close = (actual: number | undefined, expected: number | undefined): void =>
    assert.ok(actual !== undefined && expected !== undefined && Math.abs(actual - expected) < 1e-6, `${String(actual)} is not ${String(expected)}`);

  it("before sampling are the model's own", () => {
    const reference = softmax(new Map(rig.logits().entries()));
    for (const { id, logprob, top } of rig.draw({ ...some, temperature: 2, topK: 3, topLogprobs: 4 }, 20)) {
      close(logprob, reference.get(id));
      assert.deepEqual(top?.map((each) => each.id), [first, second, third, fourth]);
      for (const each of top) close(each.logprob, reference.get(each.id));
    }
  });

  it("after sampling are those of the tokens that were left, and no others", () => {
    const logits = rig.logits();
    const left = softmax(new Map([first, second, third].map((id) => [id, logits[id]! / 2])));
    for (const { id, logprob, top } of rig.draw({ ...some, temperature: 2, topK: 3, topLogprobs: 4, logprobs: "after" }, 20)) {
      close(logprob, left.get(id));
      assert.deepEqual(top?.map((each) => each.id), [first, second, third]);
      for (const each of top) close(each.logprob, left.get(each.id));
    }
  });

  it("after sampling follow XTC, which moves the candidates in memory", () => {
    const logits = rig.logits();
    const left = softmax(new Map([third, fourth].map((id) => [id, logits[id]!])));
    const [token] = rig.draw({ ...some, topK: 4, xtcProbability: 1, xtcThreshold: 0.1, topLogprobs: 4, logprobs: "after" }, 1);
    close(token?.logprob, left.get(token?.id ?? -1));
    assert.deepEqual(token?.top?.map((each) => each.id), [third, fourth]);
  });

  it("after greedy sampling are certainty", () => {
    assert.deepEqual(rig.draw({ ...greedyParams, topLogprobs: 2, logprobs: "after" }, 1), [{ id: first, isEnd: false, logprob: 0, top: [{ id: first, logprob: 0 }] }]);
  });
});
