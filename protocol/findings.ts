import type { z } from "zod";
import { didYouMean } from "../base/near.ts";
import { keysAt } from "./schema-keys.ts";

/** One thing that a schema says against a value, in the words of daemon and editor alike. */
export interface Finding {
  readonly path: readonly PropertyKey[];
  /** Whether it is the key that is wrong, not what stands behind it. */
  readonly ofKey: boolean;
  /** The path as people write it; empty for the whole file. */
  readonly key: string;
  readonly message: string;
}

export function findingsOf(error: z.ZodError, schema: z.ZodType): Finding[] {
  return error.issues.flatMap((issue): Finding[] => {
    if (issue.code === "unrecognized_keys") {
      return issue.keys.map((name) => {
        const path = [...issue.path, name];
        return { path, ofKey: true, key: path.join("."), message: `no such key.${didYouMean(name, keysAt(schema, issue.path))}` };
      });
    }
    const message = issue.code === "invalid_key" ? (issue.issues[0]?.message ?? issue.message) : issue.message;
    return [{ path: issue.path, ofKey: issue.code === "invalid_key", key: issue.path.join("."), message }];
  });
}

export const sentenceOf = ({ key, message }: Finding): string => `${key === "" ? "the file" : key}: ${message}`;
