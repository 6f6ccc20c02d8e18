import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import fc from "fast-check";
import { InfernoError } from "../../../protocol/errors.ts";
import { greedyParams, neutralParams, type GenerationParams, type GrammarRules } from "../../../protocol/model.ts";
import { openRig, type Rig } from "./sampling-rig.ts";

let rig: Rig;
before(() => {
  rig = openRig();
  rig.decode("<|im_start|>user\nWhat is 17 + 25?<|im_end|>\n<|im_start|>assistant\n");
});
after(() => rig.dispose());

const grammar = (gbnf: string, lazy: GrammarRules["lazy"] = null): GrammarRules => ({ gbnf, root: "root", lazy });

/** Draws again and again from the same logits, until the end token: the model is no help, the grammar alone decides what is possible. */
function write(params: Partial<GenerationParams>, limit = 200): { text: string; ended: boolean } {
  const sampler = rig.samplers.create({ ...neutralParams, ...params }, []);
  const bytes: Uint8Array[] = [];
  try {
    while (bytes.length < limit) {
      const { id, isEnd } = sampler.sample(rig.row);
      if (isEnd) return { text: Buffer.concat(bytes).toString("utf8"), ended: true };
      bytes.push(rig.vocabulary.tokenBytes(id, true));
    }
    return { text: Buffer.concat(bytes).toString("utf8"), ended: false };
  } finally {
    sampler.dispose();
  }
}

describe("a grammar", () => {
  it("lets nothing through that it does not allow, and ends the answer when it is complete", () => {
    for (const temperature of [0, 1, 2]) {
      const { text, ended } = write({ temperature, grammar: grammar('root ::= ("yes" | "no") " " [0-9]{3}') });
      assert.ok(ended);
      assert.match(text, /^(yes|no) \d{3}$/);
    }
  });

  it("holds whatever the other samplers would choose", () => {
    const number = (min: number, max: number) => fc.double({ min, max, noNaN: true });
    const settings = fc.record({
      temperature: fc.oneof(fc.constant(0), number(0, 2)), topK: fc.nat(50), topP: number(0.01, 1), minP: number(0, 1), typicalP: number(0.01, 1), topNSigma: number(-1, 4),
      xtcProbability: number(0, 1), xtcThreshold: number(0, 0.5), repeatPenalty: number(0.1, 10), dryMultiplier: number(0, 10), mirostat: fc.constantFrom(0 as const, 1 as const, 2 as const),
      adaptiveTarget: number(-1, 1), seed: fc.nat(), topLogprobs: fc.constantFrom(null, 3), logprobs: fc.constantFrom("before" as const, "after" as const),
    });
    fc.assert(fc.property(settings, (params) => {
      const { text, ended } = write({ ...params, grammar: grammar('root ::= "[" item ("," item){2} "]"\nitem ::= [a-z]{1,3} | "\\u00e9"') });
      assert.ok(ended);
      assert.match(text, /^\[([a-z]{1,3}|é)(,([a-z]{1,3}|é)){2}\]$/);
    }), { numRuns: 100, seed: 42 });
  });

  it("writes characters that the vocabulary has only as bytes", () => assert.deepEqual(write({ grammar: grammar('root ::= "\\u4e2d\\U0001F525"') }), { text: "中🔥", ended: true }));

  it("changes nothing where it allows everything", () => {
    const free = { ...neutralParams, temperature: 2, seed: 3 };
    const ids = (params: GenerationParams): number[] => rig.draw(params, 50).map(({ id }) => id);
    assert.deepEqual(ids({ ...free, grammar: grammar("root ::= [^\\x00]*") }), ids(free));
  });

  it("ends the answer where no token is left", () => {
    const tokens = ["a", "b"].map((token) => ({ token, bias: false as const }));
    assert.deepEqual(write({ logitBias: tokens, grammar: grammar('root ::= "x" ("a" | "b")') }), { text: "x", ended: true });
  });

  it("reports the probabilities of the tokens that it left", () => {
    const [token] = rig.draw({ ...neutralParams, topLogprobs: 5, logprobs: "after", grammar: grammar('root ::= "y" | "n"') }, 1);
    const top = token?.top ?? [];
    assert.equal(top.length, 2);
    assert.ok(Math.abs(top.reduce((sum, { logprob }) => sum + Math.exp(logprob), 0) - 1) < 1e-6);
  });

  it("at temperature 0 chooses the best of all tokens that it allows, near the top or far below", () => {
    const allowed = Array.from({ length: rig.vocabulary.size }, (_, token) => token)
      .filter((token) => /^[a-z]+$/.test(Buffer.from(rig.vocabulary.tokenBytes(token, true)).toString("latin1")));
    const model = rig.logits();
    fc.assert(fc.property(fc.float32Array({ minLength: model.length, maxLength: model.length, min: -10, max: 10, noNaN: true }), fc.boolean(), fc.nat(9), (logits, far, banned) => {
      if (far) for (const token of allowed) logits[token] = logits[token]! - 100;
      const ban = allowed[banned]!;
      rig.setLogits(logits);
      const best = allowed.filter((token) => token !== ban).reduce((a, b) => (logits[b]! > logits[a]! ? b : a));
      const params = { ...greedyParams, logitBias: [{ token: ban, bias: false as const }], grammar: grammar("root ::= [a-z]+") };
      const [chosen] = rig.draw(params, 1);
      assert.equal(logits[chosen!.id], logits[best]);
      assert.ok(allowed.includes(chosen!.id) && chosen!.id !== ban);
    }), { numRuns: 40, seed: 42 });
    rig.setLogits(model);
  });

  it("is refused, not obeyed halfway, when it is wrong; and never ends the process", () => {
    const wrong = [
      "", "root ::= missing", 'other ::= "a"', 'root ::= root "a"', 'root ::= "a', "root ::= [a", "root ::= (", `root ::= ${"(".repeat(5000)}"a"${")".repeat(5000)}`,
      `root ::= a0\n${Array.from({ length: 30_000 }, (_, rule) => `a${rule} ::= a${rule + 1}`).join("\n")}\na30000 ::= "a"`, 'root ::= "a"\0', "root ::= \"a\"{100000}",
    ];
    for (const gbnf of wrong) {
      assert.throws(() => write({ grammar: grammar(gbnf) }), (error) => error instanceof InfernoError && error.code === "grammar_invalid", gbnf.slice(0, 40));
    }
    assert.throws(() => write({ grammar: grammar('root ::= "a"', { patterns: ["("], tokens: [] }) }), (error) => error instanceof InfernoError && error.code === "grammar_invalid");
  });
});

describe("a grammar that waits for its trigger", () => {
  /** Makes the model write this text first, by biases that a sampler of its own applies. */
  const follow = (lazy: NonNullable<GrammarRules["lazy"]>, gbnf: string, said: readonly number[]): { before: string; rest: string } => {
    const sampler = rig.samplers.create({ ...greedyParams, grammar: grammar(gbnf, lazy) }, []);
    const model = rig.logits();
    try {
      for (const wanted of said) {
        const forced = new Float32Array(model.length).fill(-20);
        forced[wanted] = 20;
        rig.setLogits(forced);
        assert.equal(sampler.sample(rig.row).id, wanted);
      }
      rig.setLogits(model);
      const rest: Uint8Array[] = [];
      for (let count = 0; count < 40; count += 1) {
        const { id, isEnd } = sampler.sample(rig.row);
        if (isEnd) break;
        rest.push(rig.vocabulary.tokenBytes(id, true));
      }
      return { before: Buffer.concat(said.map((token) => rig.vocabulary.tokenBytes(token, true))).toString(), rest: Buffer.concat(rest).toString() };
    } finally {
      rig.setLogits(model);
      sampler.dispose();
    }
  };
  const tokens = (text: string): number[] => rig.vocabulary.tokenize(text, { addSpecial: false, parseSpecial: true });

  it("holds from the text that a pattern matches", () => {
    const { rest } = follow({ patterns: ["(<call>)"], tokens: [] }, 'root ::= "<call>" [a-c]{4} "!"', tokens("well <call>"));
    assert.match(rest, /^[a-c]{4}!$/);
  });

  it("holds from a trigger token on", () => {
    const [call] = tokens("<tool_call>");
    const { rest } = follow({ patterns: [], tokens: [call!] }, 'root ::= "<tool_call>" [0-9]{2}', [...tokens("so "), call!]);
    assert.match(rest, /^\d{2}$/);
  });

  it("holds though the trigger begins in the middle of a token", () => {
    const [word] = tokens("<call>xyz").slice(-1);
    const piece = Buffer.from(rig.vocabulary.tokenBytes(word!)).toString();
    const { rest } = follow({ patterns: [piece.slice(-1)], tokens: [] }, `root ::= ${JSON.stringify(piece.slice(-1))} "#" [0-9]`, [word!]);
    assert.match(rest, /^#\d$/);
  });

  it("goes on waiting, instead of ending the process, when what follows the trigger in the same token contradicts it", () => {
    const ids = tokens("return");
    const { rest } = follow({ patterns: ["r"], tokens: [] }, 'root ::= "r" [0-9]', ids);
    assert.doesNotMatch(rest, /^\d$/);
  });

  it("leaves an answer alone in which the trigger never comes", () => {
    const free = { ...neutralParams, temperature: 1.5, seed: 9 };
    const waiting = { ...free, grammar: grammar('root ::= "<never>"', { patterns: ["<never>"], tokens: [] }) };
    assert.deepEqual(rig.draw(waiting, 30), rig.draw(free, 30));
  });
});
