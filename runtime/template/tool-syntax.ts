import type { ChatMessage, Tool } from "../../protocol/api/openai.ts";
import type { z } from "zod";
import { idMark } from "../output/id-mark.ts";
import type { ChatTemplate } from "./chat-template.ts";

/**
 * How a model writes tool calls: `begin` NAME `middle` ARGUMENTS, then `joint` NAME `middle` ARGUMENTS for each further call, then `tail`.
 * Read off the model's own template, so it is the text that the model was trained on. `idMark` stands where a call's id is written.
 */
export interface ToolSyntax {
  /** What the format is commonly called, for people. */
  readonly family: string;
  readonly begin: string;
  readonly middle: string;
  readonly tail: string;
  /** Null: one call per answer. */
  readonly joint: string | null;
  /** The shortest beginning of `begin` that tells a call from other text. */
  readonly trigger: string;
  /** A call can only be the whole answer, because `trigger` is nothing but the beginning of a JSON object. */
  readonly onlyAtStart: boolean;
}

// Mistral's templates refuse ids that are not nine letters or digits.
const ids = ["a1b2c3d4e", "f5g6h7i8j"] as const;
const names = ["probe_alpha", "probe_beta"] as const;
const content = "PROBE CONTENT";
const argumentsPattern = /\{\s*"pr0be"\s*:\s*"va1ue"\s*\}/;

const tools: z.infer<typeof Tool>[] = names.map((name) => ({
  type: "function", function: { name, description: "A function.", parameters: { type: "object", properties: { pr0be: { type: "string", description: "A text." } } } },
}));
const user: ChatMessage = { role: "user", content: "Hello" };
const callsOf = (count: number): ChatMessage => ({
  role: "assistant", content: null,
  tool_calls: names.slice(0, count).map((name, index) => ({ id: ids[index] ?? "", type: "function", function: { name, arguments: '{"pr0be": "va1ue"}' } })),
});

/**
 * Finds the syntax by rendering: an answer with one call, one with two, and one of plain text, which shows what belongs to every answer.
 * Null for templates that know no tools or write arguments in another form than JSON.
 */
export function toolSyntaxOf(template: ChatTemplate): ToolSyntax | null {
  const answer = (message: ChatMessage): string | null => {
    try {
      return template.render({ messages: [user, message], tools, open: false });
    } catch {
      return null;
    }
  };
  const plain = answer({ role: "assistant", content });
  const one = answer(callsOf(1));
  if (plain === null || one === null) return null;
  const single = cut(one, plain, 1);
  if (single === null) return null;
  const { pieces: [begin = "", middle = "", tail = ""] } = single;
  if (begin.trim() === "" || middle === "") return null;
  const two = answer(callsOf(2));
  const double = two === null ? null : cut(two, plain, 2);
  // Templates that merge calls in another way than they write one are taken for templates of one call.
  const repeats = double !== null && double.pieces[0] === begin && double.pieces[1] === middle && double.pieces[3] === middle && double.pieces[4] === tail;
  const { trigger, onlyAtStart } = triggerOf(begin);
  return { family: familyOf(begin), begin, middle, tail, joint: repeats ? (double.pieces[2] ?? null) : null, trigger, onlyAtStart };
}

/** The text between names and arguments: before the first name, between it and its arguments, and so on to the answer's end. */
function cut(answer: string, plain: string, count: number): { readonly pieces: readonly string[] } | null {
  const pieces: string[] = [];
  // The tools are listed in what both have in common. That may reach into the call: `<` may begin its marker and another tag alike.
  const common = answer.slice(0, commonLength(answer, plain)).replace(/(?:<[|｜]?[^<>|｜\s]*|[[{("]+)$/, "");
  let rest = answer.slice(common.length);
  for (const name of names.slice(0, count)) {
    const at = rest.indexOf(name);
    if (at === -1) return null;
    const afterName = rest.slice(at + name.length);
    const found = argumentsPattern.exec(afterName);
    // A second function's name between the first and its arguments: lists of names, then lists of arguments.
    if (found === null || names.some((other) => afterName.slice(0, found.index).includes(other))) return null;
    pieces.push(rest.slice(0, at), afterName.slice(0, found.index));
    rest = afterName.slice(found.index + found[0].length);
  }
  pieces.push(rest);
  const after = plain.slice(plain.lastIndexOf(content) + content.length);
  const marked = pieces.map((piece) => ids.reduce((text, id) => text.replaceAll(id, idMark), piece));
  marked[0] = (marked[0] ?? "").replace(emptyThought, "").trimStart();
  marked[marked.length - 1] = withoutEnd(marked.at(-1) ?? "", after);
  return { pieces: marked };
}

const emptyThought = /^\s*(?:<think>\s*<\/think>|<\|START_THINKING\|><\|END_THINKING\|>)/;
const turnEnd = /<\|(?:im_end|eot_id|eom_id|end|endoftext|end_of_text|end_of_turn|END_OF_TURN_TOKEN|eot|call|return)\|>|<\/s>|<end_of_turn>|<｜end▁of▁sentence｜>/;

/** The end of the turn is a token that ends the generation, not text that the model writes. */
function withoutEnd(tail: string, after: string): string {
  const stripped = after !== "" && tail.endsWith(after) ? tail.slice(0, -after.length) : tail;
  return stripped.slice(0, turnEnd.exec(stripped)?.index ?? stripped.length).trimEnd();
}

function triggerOf(begin: string): { trigger: string; onlyAtStart: boolean } {
  const json = begin.search(/[[{]\s*["{]/);
  const marker = (json === -1 ? begin : begin.slice(0, json)).trimEnd();
  if (marker !== "") return { trigger: marker, onlyAtStart: false };
  const firstKey = /^[[{\s]*"[^"]*"/.exec(begin)?.[0];
  return { trigger: firstKey ?? begin, onlyAtStart: true };
}

const families: readonly (readonly [sign: string, family: string])[] = [
  ["<tool_call>", "hermes"], ["[TOOL_CALLS]", "mistral"], ["<｜tool▁calls▁begin｜>", "deepseek"], ["<|python_tag|>", "llama3"], ["<function=", "functionary"],
  ["<|START_ACTION|>", "command-r"], ["<|tool_call|>", "granite"], ["functools", "firefunction"], ["<|tool_call_start|>", "lfm2"],
];

function familyOf(begin: string): string {
  const known = families.find(([sign]) => begin.includes(sign))?.[1];
  return known ?? (begin.startsWith("{") ? "llama3" : "own");
}

function commonLength(a: string, b: string): number {
  let length = 0;
  while (length < a.length && a[length] === b[length]) length += 1;
  return length;
}
