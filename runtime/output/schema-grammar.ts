import type { SchemaRule } from "./schema-lowering.ts";

/** Named schemas to GBNF rules of the same names, and the rules that those need. Injected: the generator belongs to the engine. */
export type SchemaGrammar = (rules: readonly SchemaRule[]) => string;
