import assert from "node:assert/strict";
import { suite, test } from "node:test";
import fc from "fast-check";
import type { ToolCallDelta } from "../../../../runtime/host/messages.ts";
import { idMark } from "../../../../runtime/output/id-mark.ts";
import { ToolCallParser } from "../../../../runtime/stream/tool-call-parser.ts";
import { genericSyntax } from "../../../../runtime/template/generic-tools.ts";
import type { ToolSyntax } from "../../../../runtime/template/tool-syntax.ts";

const bare: ToolSyntax = {
  family: "llama3", begin: '{"name": "', middle: '", "parameters": ', tail: "}", joint: null, trigger: '{"name"', onlyAtStart: true,
};
const list: ToolSyntax = {
  family: "mistral", begin: '[TOOL_CALLS][{"name": "', middle: '", "arguments": ', tail: `, "id": "${idMark}"}]`, joint: `, "id": "${idMark}"}, {"name": "`,
  trigger: "[TOOL_CALLS]", onlyAtStart: false,
};
const named: ToolSyntax = { family: "functionary", begin: "<function=", middle: ">", tail: "</function>", joint: "</function><function=", trigger: "<function=", onlyAtStart: false };

interface Read {
  readonly text: string;
  readonly calls: readonly { readonly id: string; readonly name: string; readonly arguments: string }[];
}

function read(syntax: ToolSyntax, pieces: readonly string[], names = ["add", "get_time", "get"]): Read {
  let ids = 0;
  const parser = new ToolCallParser({ syntax, names, newId: () => `call-${(ids += 1)}` });
  const outputs = [...pieces.map((piece) => parser.push(piece)), parser.finish()];
  const calls: { id: string; name: string; arguments: string }[] = [];
  const take = ({ index, id, name, arguments: text }: ToolCallDelta): void => {
    const call = (calls[index] ??= { id: id ?? "", name: name ?? "", arguments: "" });
    call.arguments += text;
  };
  for (const output of outputs) output.calls.forEach(take);
  assert.equal(parser.called, calls.length > 0);
  return { text: outputs.map(({ text }) => text).join(""), calls };
}

const call = (id: number, name: string, text: string) => ({ id: `call-${id}`, name, arguments: text });

suite("calls in the text", () => {
  const hermes = '<tool_call>\n{"name": "add", "arguments": {"a": 1, "b": [2, {"c": "}\\""}]}}\n</tool_call>';

  test("one", () => {
    assert.deepEqual(read(genericSyntax, [hermes]), { text: "", calls: [call(1, "add", '{"a": 1, "b": [2, {"c": "}\\""}]}')] });
  });

  test("between texts, with white space around them gone", () => {
    assert.deepEqual(read(genericSyntax, [`I add.\n\n${hermes}\n Done.\n`]), {
      text: "I add.Done.\n", calls: [call(1, "add", '{"a": 1, "b": [2, {"c": "}\\""}]}')],
    });
  });

  test("several", () => {
    const second = '<tool_call>\n{"name": "get_time", "arguments": {}}\n</tool_call>';
    assert.deepEqual(read(genericSyntax, [hermes, "\n", second]).calls.map(({ name }) => name), ["add", "get_time"]);
    const both = '[TOOL_CALLS][{"name": "get", "arguments": {"x": 1}, "id": "abcdefghi"}, {"name": "add", "arguments": {}, "id": "123456789"}]';
    assert.deepEqual(read(list, [both]), { text: "", calls: [call(1, "get", '{"x": 1}'), call(2, "add", "{}")] });
    assert.deepEqual(read(named, ['<function=get>{"x":1}</function><function=add>{}</function>']).calls, [call(1, "get", '{"x":1}'), call(2, "add", "{}")]);
  });

  test("other white space than the template's", () => {
    assert.deepEqual(read(genericSyntax, ['<tool_call>{"name":"add","arguments":{}}</tool_call>']).calls, [call(1, "add", "{}")]);
    assert.deepEqual(read(genericSyntax, ['<tool_call>\n\n{ "name" : "add" , "arguments" : {} }\n</tool_call>']).calls, [call(1, "add", "{}")]);
  });

  test("a bare object is a call only as the whole answer", () => {
    assert.deepEqual(read(bare, ['{"name": "add", "parameters": {"a": 1}}']), { text: "", calls: [call(1, "add", '{"a": 1}')] });
    const text = 'Write {"name": "add", "parameters": {}}';
    assert.deepEqual(read(bare, [text]), { text, calls: [] });
  });

  test("what was cut off in its arguments keeps what came", () => {
    assert.deepEqual(read(genericSyntax, ['<tool_call>\n{"name": "add", "arguments": {"a": "x']), { text: "", calls: [call(1, "add", '{"a": "x')] });
  });
});

suite("what is no call is content, to the last character", () => {
  for (const text of [
    "<tool_call>", "<tool_cal", "a < b", '<tool_call>\n{"name": "other", "arguments": {}}\n</tool_call>', '<tool_call>\n{"name": "add"}\n</tool_call>',
    '<tool_call>\n{"name": "add", "arguments": "text"}\n</tool_call>', "<tool_call> <tool_call>", "white space at the end \n",
  ]) {
    test(JSON.stringify(text), () => assert.deepEqual(read(genericSyntax, [text]), { text, calls: [] }));
  }

  test("brackets that do not match end a call", () => {
    const { text, calls } = read(genericSyntax, ['<tool_call>\n{"name": "add", "arguments": {"a": ]}}']);
    assert.deepEqual(calls, [call(1, "add", '{"a": ')]);
    assert.equal(text, "]}}");
  });

  test("a broken call does not hide the next one", () => {
    const { text, calls } = read(genericSyntax, ['<tool_call>\n{"na <tool_call>\n{"name": "add", "arguments": {}}\n</tool_call>']);
    assert.equal(text, '<tool_call>\n{"na');
    assert.deepEqual(calls, [call(1, "add", "{}")]);
  });
});

test("arguments stream while they are written, and only what may begin a call is held back", () => {
  const parser = new ToolCallParser({ syntax: genericSyntax, names: ["add"], newId: () => "id" });
  assert.deepEqual(parser.push("Sure <"), { text: "Sure", calls: [] });
  assert.deepEqual(parser.push("3 "), { text: " <3", calls: [] });
  assert.deepEqual(parser.push('<tool_call>\n{"name": "add", "argum'), { text: "", calls: [] });
  assert.deepEqual(parser.push('ents": {"a'), { text: "", calls: [{ index: 0, id: "id", name: "add", arguments: "" }, { index: 0, arguments: '{"a' }] });
  assert.deepEqual(parser.push('": 1'), { text: "", calls: [{ index: 0, arguments: '": 1' }] });
  assert.deepEqual(parser.push("}}\n</tool_"), { text: "", calls: [{ index: 0, arguments: "}" }] });
  assert.deepEqual(parser.push("call>\n"), { text: "", calls: [] });
  assert.deepEqual(parser.finish(), { text: "", calls: [] });
});

test("how the text is split changes nothing", () => {
  const fragment = fc.constantFrom(
    "<tool_call>", "\n", '{"name": "add", "arguments": ', '{"a": "{\\"}"}', "}", "</tool_call>", "<", "text", " ", '"', '{"name": "', "get_time", '", "arguments": {', "[1]", "}}\n</tool_call>",
    "[TOOL_CALLS][", ', "id": "abcdefghi"}]', ', "id": "x"}, {"name": "add", "arguments": {}', "<function=add>{", "</function>", '{"name": "add", "parameters": {}}',
  );
  const whole = fc.array(fragment, { maxLength: 14 }).map((parts) => parts.join(""));
  const syntax = fc.constantFrom(genericSyntax, bare, list, named);
  fc.assert(fc.property(syntax, whole, fc.array(fc.integer({ min: 1, max: 9 }), { minLength: 1, maxLength: 12 }), (which, text, lengths) => {
    const pieces: string[] = [];
    for (let at = 0, index = 0; at < text.length; index += 1) {
      const length = lengths[index % lengths.length] ?? 1;
      pieces.push(text.slice(at, at + length));
      at += length;
    }
    assert.deepEqual(read(which, pieces), read(which, [text]));
  }), { numRuns: 2000 });
});

test("text without a call comes out as it went in", () => {
  fc.assert(fc.property(fc.string({ unit: "binary" }), (text) => {
    assert.deepEqual(read(list, [text]), { text, calls: [] });
  }));
});
