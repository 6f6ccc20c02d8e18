import assert from "node:assert/strict";
import { existsSync, globSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, test } from "node:test";
import { brokenLinks, namedFiles } from "./documents.ts";
import { isGenerated, root } from "./source-files.ts";

describe("docs/tour.md", () => {
  const named = namedFiles(readFileSync(join(root, "docs/tour.md"), "utf8"));

  test("names the files that one request passes", () => {
    assert.ok(named.length >= 10, `names ${named.length} files`);
    assert.ok(named.includes("runtime/pipeline.ts"));
  });
  for (const file of named) {
    test(`${file} exists and is short enough to read`, () => {
      assert.ok(existsSync(join(root, file)), "exists");
      assert.ok(isGenerated(file) || readFileSync(join(root, file), "utf8").split("\n").length <= 400, "is under 400 lines");
    });
  }
});

describe("links between documents", () => {
  const documents = [...globSync("*.md", { cwd: root }), ...globSync("docs/**/*.md", { cwd: root }), ...globSync("{bench,runtime}/**/*.md", { cwd: root })];
  for (const document of documents) {
    test(document, () => {
      assert.deepEqual(brokenLinks(document), []);
    });
  }
  test("a broken one is noticed", () => {
    assert.deepEqual(brokenLinks("README.md", "[a](docs/no-such-page.md) [b](https://example.org) [c](package.json)"), ["docs/no-such-page.md"]);
  });
});

test("file names are found in backticks and links", () => {
  assert.deepEqual(namedFiles("`runtime/a.ts`, [b](../protocol/b.ts#L3), `npm run x`, `runtime/a.ts`, /v1/models"), ["runtime/a.ts", "protocol/b.ts"]);
});
