import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { allowed, findings, type Pattern } from "./ratchet.ts";
import { sourceFiles } from "./source-files.ts";

const patterns = Object.keys(allowed) as Pattern[];

describe("the ratchet", () => {
  const all = sourceFiles(["ts", "tsx", "mjs", "cjs", "js", "css", "py", "sh"])
    .filter(({ path }) => path !== "test/architecture/ratchet.test.ts")
    .flatMap(findings);
  for (const pattern of patterns) {
    test(`${pattern}: ${allowed[pattern]}`, () => {
      const places = all.filter((finding) => finding.pattern === pattern).map(({ place }) => place);
      if (places.length > allowed[pattern]) assert.deepEqual(places, [], `more "${pattern}" than the ratchet allows`);
      assert.equal(places.length, allowed[pattern], "fewer than before: lower the number in ratchet.ts");
    });
  }

  const offences: Readonly<Record<Pattern, string>> = {
    "any": "let x: Promise<any[]>;",
    "as unknown as": "const x = y as unknown as string;",
    "@ts- comment": "// @ts-expect-error because",
    "lint switched off": "/* eslint-disable no-eval */",
    "unfinished business": "// TODO later",
    "file over 400 lines": "\n".repeat(401),
    "enum or namespace": "enum A { B }",
  };
  for (const pattern of patterns) {
    test(`finds ${pattern}`, () => {
      assert.deepEqual(findings({ path: "base/a.ts", text: offences[pattern] }).map((finding) => finding.pattern), [pattern]);
    });
  }

  test("lets generated files be long", () => {
    assert.deepEqual(findings({ path: "runtime/a.generated.ts", text: "\n".repeat(401) }), []);
  });

  test("leaves words in comments and strings alone", () => {
    assert.deepEqual(findings({ path: "base/a.ts", text: '// any enum\nconst a = "any";\ndeclare global { namespace JSX {} }' }), []);
  });
});
