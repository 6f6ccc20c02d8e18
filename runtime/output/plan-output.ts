import { InfernoError } from "../../protocol/errors.ts";
import type { GrammarRules } from "../../protocol/model.ts";
import type { Backend } from "../backends/backend.ts";
import type { GenerateRequest, OutputFormat } from "../host/messages.ts";
import { ToolCallParser } from "../stream/tool-call-parser.ts";
import type { ChatTemplate, Conversation } from "../template/chat-template.ts";
import { describeTools, genericSyntax } from "../template/generic-tools.ts";
import { toolSyntaxOf, type ToolSyntax } from "../template/tool-syntax.ts";
import { plainParser, type OutputParser } from "./output-parser.ts";
import type { SchemaGrammar } from "./schema-grammar.ts";
import { SchemaLowering, type SchemaRule } from "./schema-lowering.ts";
import { toolGrammar, triggerPattern, type ToolGrammar } from "./tool-grammar.ts";

export type OutputRequest = Pick<GenerateRequest, "prompt" | "output" | "toolChoice" | "parallelToolCalls">;

/** What holds for all requests of a model. */
export interface OutputOptions {
  readonly vocabulary: Pick<Backend, "tokenize" | "tokenBytes">;
  /** Absent where the engine has no grammars: tools are then called as the model likes, and nothing else can be promised. */
  readonly schemaGrammar: SchemaGrammar | undefined;
  /** Nine letters or digits: some templates refuse other ids. */
  readonly newCallId: () => string;
}

/** How one request's answers are held to their form, and read. */
export interface OutputPlan {
  readonly grammar: GrammarRules | null;
  /** What the template is to render, in place of the request's messages and tools; null for a plain prompt. */
  readonly conversation: Conversation | null;
  /** Control tokens that belong to a call's text, so their bytes are to be shown (`tokenBytes(token, true)`). */
  readonly shownTokens: ReadonlySet<number>;
  /** One for each answer. */
  readonly newParser: () => OutputParser;
}

/** Plans a request's output: its grammar, what the template gets, and the parser of its answers. Throws `grammar_invalid`. */
export class OutputPlanner {
  readonly #options: OutputOptions;
  /** Found with the first request that has tools, by rendering the template. */
  #syntax: { readonly template: ChatTemplate; readonly found: ToolSyntax | null } | undefined;

  constructor(options: OutputOptions) {
    this.#options = options;
  }

  /** `template` is needed for messages only. */
  plan({ prompt, output, toolChoice, parallelToolCalls }: OutputRequest, template: ChatTemplate | null): OutputPlan {
    const format = this.#formatRules(output);
    if (prompt.kind !== "messages" || template === null) return { ...plain, grammar: grammarOf(format), conversation: null };
    const offered = toolChoice === "none" ? [] : prompt.tools;
    if (offered.length === 0) return { ...plain, grammar: grammarOf(format), conversation: this.#withoutTools(prompt, template) };

    const native = this.#nativeSyntax(template);
    const syntax = native ?? genericSyntax;
    const callable = typeof toolChoice === "object" ? offered.filter((tool) => tool.function.name === toolChoice.name) : offered;
    const calls = toolGrammar(syntax, callable, parallelToolCalls);
    const names = callable.map((tool) => tool.function.name);
    const { newCallId: newId } = this.#options;
    return {
      grammar: this.#callGrammar(calls, format, syntax, toolChoice === "auto"),
      conversation: native === null ? { messages: describeTools(prompt.messages, offered, template), tools: [] } : prompt,
      shownTokens: this.#controlTokens(syntax),
      newParser: () => new ToolCallParser({ syntax, names, newId }),
    };
  }

  /** Earlier calls in the conversation are written in the template's way where it has one. */
  #withoutTools(prompt: Conversation, template: ChatTemplate): Conversation {
    const hasCalls = prompt.messages.some((message) => message.role === "tool" || (message.role === "assistant" && message.tool_calls?.length));
    if (!hasCalls || this.#nativeSyntax(template) !== null) return { messages: prompt.messages, tools: [] };
    return { messages: describeTools(prompt.messages, [], template), tools: [] };
  }

  #nativeSyntax(template: ChatTemplate): ToolSyntax | null {
    if (this.#syntax?.template !== template) this.#syntax = { template, found: toolSyntaxOf(template) };
    return this.#syntax.found;
  }

  #callGrammar(calls: ToolGrammar, format: Format, syntax: ToolSyntax, auto: boolean): GrammarRules | null {
    if (format.kind === "grammar") {
      throw new InfernoError("invalid_request", "grammar: cannot be combined with tools that may be called.", { param: "grammar", hint: 'Send `tool_choice: "none"`, or leave one of them out.' });
    }
    if (this.#options.schemaGrammar === undefined && auto && format.kind === "none") return null;
    const text = [calls.gbnf, this.#grammarOf([...calls.rules, ...(format.kind === "rules" ? format.rules : [])])].join("\n");
    if (!auto) return { gbnf: `root ::= calls\n${text}`, root: "root", lazy: null };
    // With a format, the answer is either calls or text of this format: both are known from the first token.
    if (format.kind === "rules") return { gbnf: `root ::= calls | ${format.root}\n${text}`, root: "root", lazy: null };
    return { gbnf: `root ::= calls\n${text}`, root: "root", lazy: this.#trigger(syntax) };
  }

  #trigger(syntax: ToolSyntax): NonNullable<GrammarRules["lazy"]> {
    const [token, ...more] = this.#options.vocabulary.tokenize(syntax.trigger, { addSpecial: false, parseSpecial: true });
    // One token is compared, which costs nothing; a pattern searches the whole answer again after each token.
    if (token !== undefined && more.length === 0 && !syntax.onlyAtStart) return { patterns: [], tokens: [token] };
    return { patterns: [triggerPattern(syntax)], tokens: [] };
  }

  #controlTokens({ begin, middle, tail, joint }: ToolSyntax): ReadonlySet<number> {
    const { vocabulary } = this.#options;
    const tokens = [begin, middle, tail, joint ?? ""].flatMap((piece) => vocabulary.tokenize(piece, { addSpecial: false, parseSpecial: true }));
    return new Set(tokens.filter((token) => vocabulary.tokenBytes(token).length === 0));
  }

  #formatRules(output: OutputFormat): Format {
    switch (output.kind) {
      case "text": return { kind: "none" };
      case "grammar":
        this.#needGrammars();
        return { kind: "grammar", gbnf: output.gbnf };
      case "json": return this.#schemaFormat({ type: "object" });
      case "schema": return this.#schemaFormat(output.schema);
      default: return output satisfies never;
    }
  }

  #schemaFormat(schema: unknown): Format {
    const lowering = new SchemaLowering(schema, { prefix: "value", at: "response_format.json_schema.schema", strict: true });
    const root = "value";
    const rules: SchemaRule[] = [{ name: root, kind: "value", schema: lowering.lower() }, ...lowering.rules];
    return { kind: "rules", rules, root, gbnf: () => `root ::= ${root}\n${this.#grammarOf(rules)}` };
  }

  #grammarOf(rules: readonly SchemaRule[]): string {
    return this.#needGrammars()(rules);
  }

  #needGrammars(): SchemaGrammar {
    const { schemaGrammar } = this.#options;
    if (schemaGrammar === undefined) throw new InfernoError("grammar_invalid", "The model's engine has no grammars: it cannot be held to a format or to a call.");
    return schemaGrammar;
  }
}

type Format =
  | { readonly kind: "none" }
  | { readonly kind: "grammar"; readonly gbnf: string }
  | { readonly kind: "rules"; readonly rules: readonly SchemaRule[]; readonly root: string; readonly gbnf: () => string };

const plain = { shownTokens: new Set<number>(), newParser: () => plainParser } as const;

function grammarOf(format: Format): GrammarRules | null {
  if (format.kind === "none") return null;
  return { gbnf: format.kind === "rules" ? format.gbnf() : format.gbnf, root: "root", lazy: null };
}
