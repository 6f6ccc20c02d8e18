/**
 * Reads the declarations out of C headers, as far as a binding needs them: structs, enums, functions, function-pointer types, typedefs and
 * numeric `#define`s. It is not a C parser: a declaration it cannot read (unions, bit fields, macros) is left out, and the
 * generator fails when it wants one that was left out.
 */
export interface Declarations {
  readonly structs: Map<string, readonly Variable[]>;
  readonly enums: Map<string, ReadonlyMap<string, number>>;
  readonly functions: Map<string, FunctionType>;
  readonly callbacks: Map<string, FunctionType>;
  readonly typedefs: Map<string, CType>;
  readonly constants: Map<string, number>;
}

export interface CType {
  /** The name without `struct`, `enum`, `const`: `llama_model`, `uint32_t`. */
  readonly base: string;
  readonly pointers: number;
  readonly isConst: boolean;
  /** Number of elements of a fixed array; absent when it is not one. */
  readonly length?: number | undefined;
}

export interface Variable {
  readonly name: string;
  readonly type: CType;
}

export interface FunctionType {
  readonly result: CType;
  readonly parameters: readonly Variable[];
}

export function readDeclarations(headers: readonly string[]): Declarations {
  const found: Declarations = {
    structs: new Map(), enums: new Map(), functions: new Map(), callbacks: new Map(), typedefs: new Map(), constants: new Map(),
  };
  for (const header of headers) {
    const code = withoutComments(header);
    readConstants(code, found.constants);
    for (const statement of statements(tokenize(withoutPreprocessor(code)))) readStatement(statement, found);
  }
  return found;
}

const withoutComments = (source: string): string => source.replace(/\/\*[\s\S]*?\*\//g, " ").replace(/\/\/[^\n]*/g, "");
const withoutPreprocessor = (source: string): string => source.replace(/^[ \t]*#(?:[^\n]*\\\n)*[^\n]*/gm, "");
const tokenize = (code: string): string[] => code.match(/"[^"]*"|[A-Za-z_]\w*|0[xX][0-9a-fA-F]+|\d+|<<|\.\.\.|[^\s\w]/g) ?? [];

function readConstants(code: string, constants: Map<string, number>): void {
  for (const [, name, value] of code.matchAll(/^[ \t]*#[ \t]*define[ \t]+(\w+)[ \t]+(-?(?:0[xX][0-9a-fA-F]+|\d+))[uUlL]*[ \t]*$/gm)) {
    if (name !== undefined && value !== undefined) constants.set(name, Number(value));
  }
}

const exportMarks = new Set(["LLAMA_API", "GGML_API", "GGML_BACKEND_API", "extern", "inline", "static", "volatile"]);

/** Splits at each `;` outside braces and parentheses. `extern "C" {` is dropped, so its closing brace may be left over. */
function* statements(tokens: readonly string[]): Generator<string[]> {
  let current: string[] = [];
  let depth = 0;
  for (const [index, token] of tokens.entries()) {
    if (token === "{" && tokens[index - 1] === '"C"') {
      current = [];
    } else if (token === ";" && depth === 0) {
      yield current;
      current = [];
    } else if (!(token === "}" && depth === 0)) {
      if (token === "{" || token === "(") depth += 1;
      if (token === "}" || token === ")") depth -= 1;
      if (!exportMarks.has(token)) current.push(token);
    }
  }
}

function readStatement(tokens: string[], found: Declarations): void {
  if (tokens.includes("DEPRECATED")) return;
  const isTypedef = tokens[0] === "typedef";
  const body = isTypedef ? tokens.slice(1) : tokens;
  const open = body.indexOf("{");
  const kind = body[0];
  if (open >= 0) {
    if (kind !== "struct" && kind !== "enum") return;
    const close = body.lastIndexOf("}");
    const name = open > 1 ? body[1] : body[close + 1];
    if (name === undefined) return;
    const inner = body.slice(open + 1, close);
    if (kind === "enum") found.enums.set(name, readEnum(inner, found));
    else {
      const fields = readFields(inner, found);
      if (fields) found.structs.set(name, fields);
    }
  } else if (isTypedef) {
    readTypedef(body, found);
  } else {
    const declared = readFunction(body, found);
    if (declared) found.functions.set(declared.name, declared.type);
  }
}

function readTypedef(tokens: readonly string[], found: Declarations): void {
  const marker = tokens.findIndex((token, index) => token === "(" && tokens[index + 1] === "*");
  if (marker >= 0) {
    const name = tokens[marker + 2];
    const result = readType(tokens.slice(0, marker));
    const parameters = readParameters(tokens.slice(marker + 4), found);
    if (name !== undefined && result && parameters) found.callbacks.set(name, { result, parameters });
    return;
  }
  const variable = readVariable(tokens, found);
  if (variable) found.typedefs.set(variable.name, variable.type);
}

function readFunction(tokens: readonly string[], found: Declarations): { name: string; type: FunctionType } | undefined {
  const open = tokens.indexOf("(");
  const name = tokens[open - 1];
  if (open < 2 || name === undefined) return undefined;
  const result = readType(tokens.slice(0, open - 1));
  const parameters = readParameters(tokens.slice(open), found);
  return result && parameters ? { name, type: { result, parameters } } : undefined;
}

/** `(type name, type name)`; undefined when one of them is not understood. */
function readParameters(tokens: readonly string[], found: Declarations): Variable[] | undefined {
  const inner = tokens.slice(1, tokens.lastIndexOf(")"));
  if (inner.length === 0 || (inner.length === 1 && inner[0] === "void")) return [];
  const parameters: Variable[] = [];
  for (const part of split(inner, ",")) {
    const parameter = readVariable(part, found);
    if (!parameter) return undefined;
    parameters.push(parameter);
  }
  return parameters;
}

function readFields(tokens: readonly string[], found: Declarations): Variable[] | undefined {
  const fields: Variable[] = [];
  for (const part of split(tokens, ";")) {
    const field = readVariable(part, found);
    if (!field) return undefined;
    fields.push(field);
  }
  return fields;
}

function readEnum(tokens: readonly string[], found: Declarations): Map<string, number> {
  const members = new Map<string, number>();
  let next = 0;
  for (const [name, , ...value] of split(tokens, ",")) {
    if (name === undefined) continue;
    if (value.length > 0) next = evaluate(value, members, found);
    members.set(name, next);
    next += 1;
  }
  return members;
}

const scalarBytes: Readonly<Record<string, number>> = { int8_t: 1, int16_t: 2, int32_t: 4, int64_t: 8, float: 4 };

/** `3`, `-1`, `1 << 4`, `SIZE / sizeof(int32_t)`, or the name of a member seen before. */
function evaluate(tokens: readonly string[], members: ReadonlyMap<string, number>, found: Declarations): number {
  const atom = (token: string | undefined): number => {
    if (token === undefined) return Number.NaN;
    const named = members.get(token) ?? found.constants.get(token) ?? [...found.enums.values()].find((e) => e.has(token))?.get(token);
    return named ?? Number(token);
  };
  if (tokens[0] === "-") return -atom(tokens[1]);
  if (tokens[1] === "/") return atom(tokens[0]) / (tokens[2] === "sizeof" ? (scalarBytes[tokens[4] ?? ""] ?? Number.NaN) : atom(tokens[2]));
  return tokens[1] === "<<" ? atom(tokens[0]) << atom(tokens[2]) : atom(tokens[0]);
}

/** `const char * name`, `char name[128]`; undefined for anything else. */
function readVariable(tokens: readonly string[], found: Declarations): Variable | undefined {
  const bracket = tokens.indexOf("[");
  const end = bracket >= 0 ? bracket : tokens.length;
  const name = tokens[end - 1];
  const type = readType(tokens.slice(0, end - 1));
  if (!type || name === undefined || !/^[A-Za-z_]/.test(name)) return undefined;
  if (bracket < 0) return { name, type };
  const length = evaluate(tokens.slice(bracket + 1, tokens.indexOf("]")), new Map(), found);
  return Number.isInteger(length) ? { name, type: { ...type, length } } : undefined;
}

function readType(tokens: readonly string[]): CType | undefined {
  const words = tokens.filter((token) => token !== "*" && token !== "const" && token !== "struct" && token !== "enum");
  if (words.length !== 1 || words[0] === undefined || !/^[A-Za-z_]\w*$/.test(words[0])) return undefined;
  return { base: words[0], pointers: tokens.filter((token) => token === "*").length, isConst: tokens[0] === "const" };
}

/** Parts between `separator` at depth 0; empty parts are dropped, so a trailing separator is harmless. */
function split(tokens: readonly string[], separator: string): string[][] {
  const parts: string[][] = [[]];
  let depth = 0;
  for (const token of tokens) {
    if (token === separator && depth === 0) {
      parts.push([]);
      continue;
    }
    if ("({".includes(token)) depth += 1;
    if (")}".includes(token)) depth -= 1;
    parts.at(-1)?.push(token);
  }
  return parts.filter((part) => part.length > 0);
}
