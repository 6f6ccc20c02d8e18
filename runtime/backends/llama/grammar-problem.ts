/** llama.cpp's parser calls itself for each parenthesis and each rule that begins with another: these keep it within its stack (20,000 rules were too many). */
const mostRules = 4000;
const deepest = 200;
/** Of n parts in a row that may all be missing, each character costs n to the third power: 100 take 4 ms, 400 a quarter of a second, 4,000 minutes. */
const mostMissing = 100;

/** What keeps GBNF text from being handed to llama.cpp's parser, which knows no limits of its own. */
export function problemOf(gbnf: string, root: string): string | undefined {
  if (gbnf.includes("\0")) return "it holds a zero character";
  const structure = structureOf(gbnf);
  if (!new RegExp(`(?:^|\\n)\\s*${root}\\s*::=`).test(structure)) return `it has no rule "${root}"`;
  if (structure.split("::=").length - 1 > mostRules) return `it has more than ${mostRules} rules`;
  const reversed = Array.from(structure.matchAll(/\{\s*(\d+)\s*,\s*(\d+)\s*\}/g), ([, least, most]) => [Number(least), Number(most)] as const).find(([least, most]) => most < least);
  // llama.cpp takes the difference for a huge number of parts, and fills the memory with them.
  if (reversed !== undefined) return `it repeats something at least ${reversed[0]} and at most ${reversed[1]} times`;
  const range = emptyRange(gbnf);
  if (range !== undefined) return `its characters ${range} end before they begin`;
  const { depth, missing, rule } = measure(structure);
  if (depth > deepest) return `it nests parentheses more than ${deepest} deep`;
  if (missing > mostMissing) {
    return `its rule "${rule}" has ${missing} parts in a row that may all be missing, more than ${mostMissing}, which would take seconds a token; write "a"{0,${missing}} for repeated parts`;
  }
  return undefined;
}

/** A range of plain characters that holds none, such as `[z-a]`. */
function emptyRange(gbnf: string): string | undefined {
  const classes = gbnf.matchAll(/"(?:[^"\\\n]|\\.)*"|#[^\n]*|\[(?:[^\]\\\n]|\\.)*\]/g);
  return Array.from(classes, ([text]) => text).filter((text) => text.startsWith("["))
    .flatMap((text) => Array.from(text.slice(1, -1).replaceAll(/\\(?:x.{2}|u.{4}|U.{8}|.)/gs, "\0").matchAll(/([a-zA-Z0-9])-([a-zA-Z0-9])/g)))
    .find(([, first, last]) => first!.codePointAt(0)! > last!.codePointAt(0)!)?.[0];
}

/** What is wrong with GBNF text that llama.cpp's parser has refused: it says so to nobody but the process's stderr. */
export function syntaxProblemOf(gbnf: string): string {
  const structure = structureOf(gbnf);
  const line = structure.split("\n").findIndex((text) => /["[\]]/.test(text));
  if (line !== -1) return `in line ${line + 1} a quote or bracket is not closed`;
  const rules = new Set(Array.from(structure.matchAll(/([\w-]+)\s*::=/g), ([, name]) => name));
  const missing = Array.from(structure.replace(/\{[^}]*\}/g, " ").matchAll(/[\w-]+/g), ([name]) => name).find((name) => !rules.has(name));
  if (missing !== undefined) return `it names a rule "${missing}" and does not define it`;
  if (structure.split("(").length !== structure.split(")").length) return "a parenthesis is not closed, or closed twice";
  return "it is not valid GBNF, or has a rule that begins with itself";
}

/** What stands in quotes and brackets is text, not structure: of each nothing but an apostrophe is left, and of comments nothing. */
const structureOf = (gbnf: string): string =>
  gbnf.replace(/"(?:[^"\\\n]|\\.)*"|\[(?:[^\]\\\n]|\\.)*\]|<[^>\n]*>|#[^\n]*/g, (text) => (text.startsWith("#") ? " " : " ' "));

/** One alternative between parentheses, or of a rule. */
interface Level {
  /** Parts that may be missing, up to here without one that may not. */
  run: number;
  /** Whether this alternative, or one before it, may be empty. */
  empty: boolean;
  someEmpty: boolean;
}

const newLevel = (someEmpty = false): Level => ({ run: 0, empty: true, someEmpty });

/** An apostrophe, parentheses and the like; or a name; or how often what stands before may come. */
const lexeme = /::=|['().|]|([\w-]+)|[?*+]|\{\s*(\d+)\s*(?:,\s*(\d*)\s*)?\}/g;

/** How deep parentheses nest, and the longest row of parts that may all be missing, with the rule that it is in. */
function measure(structure: string): { readonly depth: number; readonly missing: number; readonly rule: string } {
  const worst = { depth: 0, missing: 0, rule: "" };
  let rule = "";
  let name = "";
  let levels = [newLevel()];
  /** The part before, as long as nothing says how often it may come. */
  let part: { readonly empty: boolean } | null = null;
  const settle = (least: number, copies: number): void => {
    const at = levels.at(-1);
    if (part === null || at === undefined) return;
    if (part.empty || least === 0) at.run += part.empty ? copies : 1;
    else Object.assign(at, { run: 0, empty: false });
    if (at.run > worst.missing) Object.assign(worst, { missing: at.run, rule });
    part = null;
  };
  for (const [token, word, least, most] of structure.matchAll(lexeme)) {
    if (token === "?" || token === "*" || token === "+") settle(token === "+" ? 1 : 0, 1);
    else if (least !== undefined) settle(Number(least), Math.max(Number(least), Number(most ?? 0)));
    else if (token === "::=") [rule, part, levels] = [name, null, [newLevel()]];
    else {
      settle(1, 1);
      const closed = token === ")" || token === "|" ? levels.pop() : undefined;
      const mayBeEmpty = closed !== undefined && (closed.empty || closed.someEmpty);
      if (token === "(") levels.push(newLevel());
      else if (token === "|") levels.push(newLevel(mayBeEmpty));
      else part = { empty: mayBeEmpty };
      worst.depth = Math.max(worst.depth, levels.length - 1);
      name = word ?? name;
    }
  }
  return worst;
}
