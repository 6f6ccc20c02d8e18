import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { EmbeddingsRequest } from "../../../../protocol/api/tasks.ts";
import { parse } from "../../../../runtime/http/mount.ts";

describe("a field that may be of several kinds", () => {
  const wrong: [input: unknown, message: string][] = [
    [Array<string>(2049).fill("a"), "input: Too big: expected array to have <=2048 items."],
    [Array<number[]>(2049).fill([1]), "input: Too big: expected array to have <=2048 items."],
    [[], "input: Too small: expected array to have >=1 items."],
    [["a", 5], "input.1: Invalid input: expected string, received number."],
    [5, "input: Invalid input: expected string, received number, or Invalid input: expected array, received number."],
  ];
  for (const [input, message] of wrong) {
    test(`says of the kind that was meant what is wrong with it: ${message}`, () => {
      assert.throws(() => parse(EmbeddingsRequest, { model: "m", input }), { code: "invalid_request", message });
    });
  }
});
