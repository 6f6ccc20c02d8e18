import type { CType, Declarations, FunctionType, Variable } from "./declarations.ts";
import type { LibraryName, Wanted } from "./wanted.ts";

/** Writes the TypeScript of `llama.generated.ts`. C names are kept, so that a name found there can be searched in llama.cpp. */
export function emitBinding(declarations: Declarations, wanted: Wanted, release: string): string {
  const emitter = new Emitter(declarations, new Set(wanted.bytes));
  const functions = Object.entries(wanted.functions).flatMap(([library, names]) =>
    names.map((name) => emitter.boundFunction(library as LibraryName, name)));
  const types = [
    ...wanted.structs.map((name) => `${emitter.useStruct(name)},`),
    ...wanted.prototypes.map((name) => `${name}: ${emitter.prototype(name)},`),
  ];
  const typeNames = [...wanted.structs, ...wanted.prototypes];
  return `${[
    `// Generated from llama.cpp ${release} by runtime/backends/llama/native/generate.ts. Do not edit: change wanted.ts and generate it again.`,
    'import { array, proto, struct, type LibraryHandle, type TypeObject } from "koffi";',
    "",
    `export const release = ${JSON.stringify(release)};`,
    "",
    "/** An address; null is NULL. */",
    "export type Pointer = bigint | null;",
    "/** What a C pointer parameter takes: an address, or the memory of a typed array. */",
    "export type Memory = Pointer | ArrayBufferView;",
    "/** A 64-bit integer: a number while it is exact. */",
    "export type Wide = number | bigint;",
    "",
    ...wanted.constants.map((name) => `export const ${name} = ${wantedEntry(declarations.constants, name, "constant")};`),
    "",
    ...wanted.enums.flatMap((name) => emitter.enumeration(name)),
    ...emitter.interfaces(),
    "export interface Libraries {",
    ...Object.keys(wanted.functions).map((library) => `  readonly ${library}: LibraryHandle;`),
    "}",
    "",
    "export interface Binding {",
    `  readonly types: Readonly<Record<${typeNames.map((name) => JSON.stringify(name)).join(" | ")}, TypeObject>>;`,
    ...functions.map(({ signature }) => `  readonly ${signature};`),
    "}",
    "",
    `export function bind({ ${Object.keys(wanted.functions).join(", ")} }: Libraries): Binding {`,
    ...emitter.structs(),
    "  return {",
    "    types: {",
    ...types.map((line) => `      ${line}`),
    "    },",
    ...functions.map(({ binding }) => `    ${binding},`),
    "  };",
    "}",
  ].join("\n")}\n`;
}

const scalars: Readonly<Record<string, "number" | "boolean" | "Wide" | "void">> = {
  void: "void", bool: "boolean", char: "number", int: "number", float: "number", double: "number",
  int8_t: "number", int16_t: "number", int32_t: "number", uint8_t: "number", uint16_t: "number", uint32_t: "number",
  int64_t: "Wide", uint64_t: "Wide", size_t: "Wide",
};

interface Emitted {
  /** As koffi names the type, or the variable that holds a struct. */
  readonly native: string;
  readonly typescript: string;
}

class Emitter {
  readonly #declarations: Declarations;
  readonly #bytes: ReadonlySet<string>;
  /** In the order in which they must be declared: a struct comes after those it contains. */
  readonly #structs = new Map<string, readonly { field: Variable; emitted: Emitted }[]>();

  constructor(declarations: Declarations, bytes: ReadonlySet<string>) {
    this.#declarations = declarations;
    this.#bytes = bytes;
  }

  boundFunction(library: LibraryName, name: string): { signature: string; binding: string } {
    const type = wantedEntry(this.#declarations.functions, name, "function");
    const result = this.#result(type.result);
    const parameters = type.parameters.map((parameter) => ({ ...parameter, emitted: this.#parameter(name, parameter) }));
    const typed = parameters.map((parameter) => `${parameter.name}: ${parameter.emitted.typescript}`).join(", ");
    const native = parameters.map((parameter) => parameter.emitted.native).join(", ");
    return {
      signature: `${name}: (${typed}) => ${result.typescript}`,
      binding: `${name}: ${library}.func(${JSON.stringify(name)}, ${result.native}, [${native}])`,
    };
  }

  prototype(name: string): string {
    const { callbacks, functions } = this.#declarations;
    const type: FunctionType = callbacks.get(name) ?? wantedEntry(functions, name, "function or callback");
    const parameters = type.parameters.map((parameter) => this.#parameter(name, parameter).native);
    return `proto(${this.#result(type.result).native}, [${parameters.join(", ")}])`;
  }

  useStruct(name: string): string {
    if (!this.#structs.has(name)) {
      const fields = wantedEntry(this.#declarations.structs, name, "struct");
      const emitted = fields.map((field) => ({ field, emitted: this.#value(field.type) }));
      this.#structs.set(name, emitted);
    }
    return name;
  }

  enumeration(name: string): string[] {
    const members = wantedEntry(this.#declarations.enums, name, "enum");
    return [`export const ${name} = {`, ...wrap([...members].map(([member, value]) => `${member}: ${value},`), "  "), "} as const;", ""];
  }

  interfaces(): string[] {
    return [...this.#structs].flatMap(([name, fields]) =>
      [`export interface ${name} {`, ...fields.map(({ field, emitted }) => `  ${field.name}: ${emitted.typescript};`), "}", ""]);
  }

  structs(): string[] {
    return [...this.#structs].flatMap(([name, fields]) =>
      [`  const ${name} = struct({`, ...fields.map(({ field, emitted }) => `    ${field.name}: ${emitted.native},`), "  });"]);
  }

  /** Strings go in and come out as JavaScript strings; every other pointer is an address. */
  #parameter(owner: string, { name, type }: Variable): Emitted {
    const isString = type.base === "char" && type.pointers === 1 && type.isConst && !this.#bytes.has(`${owner}.${name}`);
    return isString ? { native: '"const char *"', typescript: "string | null" } : this.#value(type);
  }

  #result(type: CType): Emitted {
    if (type.base === "char" && type.pointers === 1) return { native: '"const char *"', typescript: "string | null" };
    const emitted = this.#value(type);
    return emitted.typescript === "Memory" ? { ...emitted, typescript: "Pointer" } : emitted;
  }

  #value(type: CType): Emitted {
    const { callbacks, enums, structs, typedefs } = this.#declarations;
    if (type.length !== undefined) {
      const element = this.#value({ ...type, length: undefined });
      return { native: `array(${element.native}, ${type.length})`, typescript: `${element.typescript}[]` };
    }
    if (type.pointers > 0 || callbacks.has(type.base)) return { native: '"void *"', typescript: "Memory" };
    const alias = typedefs.get(type.base);
    if (alias) return this.#value(alias);
    const scalar = scalars[type.base];
    if (scalar !== undefined) return { native: JSON.stringify(type.base), typescript: scalar };
    if (enums.has(type.base)) return { native: '"int"', typescript: "number" };
    if (structs.has(type.base)) return { native: this.useStruct(type.base), typescript: type.base };
    throw new Error(`No binding for the C type "${type.base}"`);
  }
}

/** Words in lines of the usual width. */
function wrap(words: readonly string[], indent: string): string[] {
  const lines: string[] = [];
  for (const word of words) {
    const last = lines.at(-1);
    if (last !== undefined && last.length + word.length < 110) lines[lines.length - 1] = `${last} ${word}`;
    else lines.push(indent + word);
  }
  return lines;
}

function wantedEntry<T>(found: ReadonlyMap<string, T>, name: string, kind: string): T {
  const entry = found.get(name);
  if (entry === undefined) throw new Error(`The headers declare no ${kind} "${name}" that could be read`);
  return entry;
}
