import assert from "node:assert/strict";
import { suite, test } from "node:test";
import fc from "fast-check";
import { modelTasks } from "../../../protocol/model.ts";
import { ServerFixture } from "./fixture.ts";

/** Text → what is reported, as `line:from-to "text" code message`. */
const cases: readonly [name: string, text: string, report: readonly string[]][] = [
  ["an empty file is an empty configuration", "", []],
  ["blanks and comments are one too", "  \n# nothing yet\n", []],
  ["a complete configuration", "models:\n  a:\n    source: hf:owner/repo:Q8_0\n    task: chat\n    sampling: { temperature: 0.2, stop: [\"\\n\"] }\nserver: { port: 0 }\ntraces: { text: false }\n", []],
  ["an unknown key, nearly right", "models:\n  a:\n    source: hf:a/b\n    contxt: 4096\n", ['3:4-10 "contxt" config_invalid Unknown key `contxt`. Did you mean `context`?']],
  ["an unknown key, far off", "zzz: 1\n", ['0:0-3 "zzz" config_invalid Unknown key `zzz`. Possible here: `models`, `server`, `traces`.']],
  ["wrong types", "models:\n  a:\n    source: 12\n    context: big\n", [
    '2:12-14 "12" config_invalid Wrong type: this has to be a text.',
    '3:13-16 "big" config_invalid Wrong type: this has to be a whole number.',
  ]],
  ["a value that is not in the list", "models:\n  a:\n    source: hf:a/b\n    task: talk\n", [`3:10-14 "talk" config_invalid Not one of the allowed values: ${modelTasks.map((task) => `\`${task}\``).join(", ")}.`]],
  ["numbers out of range", "server:\n  port: 99999\n  queue: 0\n", ['1:8-13 "99999" config_invalid Too large: at most 65535.', '2:9-10 "0" config_invalid Too small: at least 1.']],
  ["a model without a source", "models:\n  tiny:\n    context: 512\n", ['1:2-6 "tiny" config_invalid The key `source` is missing here.']],
  ["a model that is a text", "models:\n  a: x.gguf\n", ['1:5-11 "x.gguf" config_invalid Wrong type: this has to be a model: a map with at least `source`.']],
  ["a model that is not there yet", "models:\n  a:\n", ['1:2-4 "a:" config_invalid Wrong type: this has to be a model: a map with at least `source`.']],
  ["a name that no URL could hold", "models:\n  a b:\n    source: hf:a/b\n", ["1:2-5 \"a b\" config_invalid A model's name is letters, digits and `. _ : / -`, at most 100, and begins with a letter or digit."]],
  ["an empty source", "models:\n  a:\n    source: ''\n", ["2:12-14 \"''\" config_invalid This must not be empty."]],
  ["a list instead of a map", "- 1\n", ['0:0-1:0 "- 1\\n" config_invalid Wrong type: this has to be a map of keys to values.']],
  ["tabs as indentation", "models:\n\ta: 1\n", ['1:0-1 "\\t" yaml_syntax Tabs are not allowed as indentation.']],
  ["an open quote", "models:\n  a: \"x\n", ['1:6-7 "x" yaml_syntax Missing closing "quote.']],
  ["a key twice", "server: {}\nserver: {}\n", ['1:0-6 "server" yaml_syntax Map keys must be unique.']],
  ["a cyclic anchor", "models: &a\n  a: *a\n", ['1:5-7 "*a" yaml_syntax The alias `*a` stands inside the value that it repeats.']],
  ["an alias of nothing", "models:\n  a: *b\n", ['1:5-7 "*b" yaml_syntax The alias `*b` has no anchor `&b` before it.']],
  ["two documents", "models: {}\n---\nmodels: {}\n", ['1:0-3:0 "---\\nmodels: {}\\n" yaml_syntax One file holds one configuration: remove this second document, which `---` begins.']],
  ["a schema that the file names is not fetched", "# yaml-language-server: $schema=https://example.com/x.json\nmodels: 1\n", ['1:8-9 "1" config_invalid Wrong type: this has to be a map of keys to values.']],
  ["Windows line ends and characters of two UTF-16 units", "# 😀\r\nmodels:\r\n  a:\r\n    source: '😀ä.gguf' # c\r\n    tsak: chat\r\n", [
    '4:4-8 "tsak" config_invalid Unknown key `tsak`. Did you mean `task`?',
    "3:12-22 \"'😀ä.gguf'\" model_file_missing The file of model `a` does not exist: /work space/😀ä.gguf. Correct `models.<alias>.source` in inferno.yaml; paths are relative to that file.",
  ]],
];

suite("diagnostics", () => {
  for (const [name, text, report] of cases) {
    test(name, async () => {
      const fixture = new ServerFixture();
      assert.deepEqual(await fixture.report(text), report);
      assert.deepEqual(fixture.errors, []);
    });
  }

  test("aliases that multiply are refused, not followed", async () => {
    const lines = ["a: &a [x,x,x,x,x,x,x,x,x,x]"];
    for (const [from, to] of ["ab", "bc", "cd", "de", "ef", "fg", "gh"].map((pair) => [pair.slice(0, 1), pair.slice(1)] as const)) {
      lines.push(`${to}: &${to} [${Array.from({ length: 10 }, () => `*${from}`).join(",")}]`);
    }
    const report = await new ServerFixture().report(lines.join("\n"));
    assert.equal(report.length, 1);
    assert.match(report[0]!, /yaml_syntax This stands for \d+ values; at most 100000 are read/);
  });

  test("endless nesting is one error, not an exhausted stack", async () => {
    for (const depth of [101, 100_000]) {
      const report = await new ServerFixture().report(`models: ${"[".repeat(depth)}${"]".repeat(depth)}`);
      assert.equal(report.length, 1);
      assert.match(report[0]!, /nested too deeply/);
    }
  });

  test("a file that is far too large is one error", async () => {
    const report = await new ServerFixture().report(`# note\n${"x".repeat(1_000_001)}`);
    assert.deepEqual(report, ['0:0-6 "# note" yaml_syntax This file is too large to be a configuration: 1000008 characters, at most 1000000.']);
  });

  test("text that was not UTF-8 in the file is checked like any other", async () => {
    const report = await new ServerFixture().report("models:\n  a:\n    source: \uFFFD\uD800.gguf\n\u0000: 1\n");
    assert.ok(report.some((line) => line.includes("model_file_missing")));
  });

  test("a closed and reopened document is checked anew though its version is the same", async () => {
    const fixture = new ServerFixture();
    assert.equal((await fixture.report("wrong: 1\n")).length, 1);
    fixture.yaml.close("file:///work%20space/inferno.yaml");
    assert.deepEqual(await fixture.report("server: {}\n"), []);
  });

  test("no text makes the server throw, and every range lies within the text", async () => {
    const fixture = new ServerFixture();
    const piece = fc.constantFrom("models", "a", "source", ":", " ", "\n", "  ", "\t", "- ", "*a", "&a ", "[", "]", "{", "}", "'", "\"", "|", ">", "#", "!!str ", "? ", "---\n", "\r\n", "😀", "1", ",", "%");
    await fc.assert(fc.asyncProperty(fc.array(piece, { maxLength: 30 }), async (pieces) => {
      const text = pieces.join("");
      const document = fixture.document(text);
      for (const { range } of await fixture.diagnose(text)) {
        assert.ok(document.offsetAt(range.start) <= document.offsetAt(range.end));
        assert.deepEqual(document.positionAt(document.offsetAt(range.end)), range.end);
      }
    }), { numRuns: 300 });
    assert.deepEqual(fixture.errors, []);
  });
});
