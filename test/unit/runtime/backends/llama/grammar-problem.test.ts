import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { problemOf, syntaxProblemOf } from "../../../../../runtime/backends/llama/grammar-problem.ts";

const times = (part: string, count: number): string => Array<string>(count).fill(part).join(" ");

describe("GBNF that llama.cpp would think about for seconds a token", () => {
  const slow = [
    times('"a"?', 400), times("[a-z]*", 101), times('("a" "b"){0,3}', 101), times("( | \"x\")", 101), times("word?", 101), '("a"?){400}', `"x" ("y" (${times('"(?"?', 101)}))`, `"a" | ${times('"b"*', 101)} "c"`,
  ];
  for (const rule of slow) {
    it(`is refused with the rule and a way out: ${rule.slice(0, 30)}`, () => {
      assert.match(problemOf(`root ::= many\nmany ::= ${rule}\nword ::= "w"`, "root") ?? "", /^its rule "many" has (101|400) parts in a row that may all be missing, .* write "a"\{0,\d+\}/);
    });
  }

  const quick = [
    times('"a"?', 100), times('"a"', 400), `${times('"a"?', 90)} "b" ${times('"a"?', 90)}`, '"a"{0,400}', times('("a"? "b")', 400), Array<string>(400).fill('"a"?').join(" | "), JSON.stringify("? * ? ".repeat(100)),
    `(${times('"a"?', 60)} "!") (${times('"a"?', 60)} "!")`, `${times('"a"?', 60)}\nother ::= ${times('"a"?', 60)}`, `"x" # ${times('"a"?', 200)}`,
  ];
  for (const rule of quick) it(`is let through where it is quick: ${rule.slice(0, 30)}`, () => assert.equal(problemOf(`root ::= ${rule}`, "root"), undefined));
});

describe("GBNF that llama.cpp would take, and should not", () => {
  for (const [gbnf, says] of [
    ['root ::= "a"{5,2}', /^it repeats something at least 5 and at most 2 times$/],
    ['root ::= ("a" [b]{ 3 , 0 })', /at least 3 and at most 0/],
    ["root ::= [z-a]+", /^its characters z-a end before/],
    ["root ::= [^a-c9-0]", /9-0/],
  ] as const) it(`is refused: ${gbnf}`, () => assert.match(problemOf(gbnf, "root") ?? "", says));

  for (const gbnf of ['root ::= "a{5,2}" [a-z]{2,5} "[z-a]" # [z-a]{5,2}', "root ::= [\\x41-\\x5A\\n-z] [a\\-Z] [{5,2}]", 'root ::= "a"{3} "b"{0,0} "c"{2,}']) {
    it(`is none of these: ${gbnf}`, () => assert.equal(problemOf(gbnf, "root"), undefined));
  }
});

describe("GBNF that llama.cpp refuses", () => {
  const wrong: [gbnf: string, says: RegExp][] = [
    ['root ::= "a"\nother ::= "b', /^in line 2 a quote or bracket is not closed$/],
    ['# "\nroot ::= [a-z', /^in line 2 a quote/],
    ['root ::= "missing" [missing] item{2,3} # gone', /^it names a rule "item"/],
    ['root ::= ("a" | "b"', /^a parenthesis/],
    ['root ::= root "a" | <think>', /begins with itself$/],
  ];
  for (const [gbnf, says] of wrong) it(`is explained: ${JSON.stringify(gbnf)}`, () => assert.match(syntaxProblemOf(gbnf), says));
});
