import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { suite, test } from "node:test";
import { packageRoot } from "../../../../base/package-root.ts";
import { idMark } from "../../../../runtime/output/id-mark.ts";
import { compileChatTemplate, type ChatTemplate } from "../../../../runtime/template/chat-template.ts";
import { toolSyntaxOf, type ToolSyntax } from "../../../../runtime/template/tool-syntax.ts";

const root = packageRoot(import.meta.dirname);
const compile = (source: string): ChatTemplate => compileChatTemplate({ source, bosToken: "<s>", eosToken: "</s>", now: () => new Date(0) });
const file = (path: string): ChatTemplate => compile(readFileSync(join(root, path), "utf8"));

/** A template of ours around how it writes an assistant's calls. */
const writing = (calls: string, { end = "<|im_end|>", lead = "", text = "{{ lead + (message.content or '') }}" } = {}): ChatTemplate => compile([
  "{%- for tool in tools or [] %}{{ tool | tojson }}{%- endfor %}",
  `{%- set lead = ${JSON.stringify(lead)} %}`,
  "{%- for message in messages %}{{ '<|' + message.role + '|>\\n' }}",
  `{%- if message.tool_calls %}${calls}{%- else %}${text}{%- endif %}{{ ${JSON.stringify(end)} }}{%- endfor %}`,
  "{%- if add_generation_prompt %}{{ '<|assistant|>\\n' }}{%- endif %}",
].join(""));

const call = "{%- for call in message.tool_calls %}";

const hermes: ToolSyntax = {
  family: "hermes", begin: '<tool_call>\n{"name": "', middle: '", "arguments": ', tail: "}\n</tool_call>", joint: '}\n</tool_call>\n<tool_call>\n{"name": "',
  trigger: "<tool_call>", onlyAtStart: false,
};

suite("the syntax of the template's own calls", () => {
  test("Ember's", () => assert.deepEqual(toolSyntaxOf(file("bench/ember/chat_template.jinja")), hermes));
  test("ChatML with tools", () => assert.deepEqual(toolSyntaxOf(file("test/fixtures/templates/chatml-tools.jinja")), hermes));

  test("a bare object, which can only be the whole answer", () => {
    assert.deepEqual(toolSyntaxOf(file("test/fixtures/templates/llama-3-like.jinja")), {
      family: "llama3", begin: '{"name": "', middle: '", "parameters": ', tail: "}", joint: '}{"name": "', trigger: '{"name"', onlyAtStart: true,
    });
  });

  test("one list of all calls, with ids", () => {
    const template = writing(`{{ '[TOOL_CALLS][' }}${call}{{ '{"name": "' + call.function.name + '", "arguments": ' + (call.function.arguments | tojson) + ', "id": "' + call.id + '"}' + (', ' if not loop.last else '') }}{%- endfor %}{{ ']' }}`, { end: "</s>" });
    assert.deepEqual(toolSyntaxOf(template), {
      family: "mistral", begin: '[TOOL_CALLS][{"name": "', middle: '", "arguments": ', tail: `, "id": "${idMark}"}]`, joint: `, "id": "${idMark}"}, {"name": "`,
      trigger: "[TOOL_CALLS]", onlyAtStart: false,
    });
  });

  test("names outside of JSON, in tokens of their own", () => {
    const template = writing(`{{ '<|calls|>' }}${call}{{ '<|call|>' + call.function.name + '<|sep|>' + (call.function.arguments | tojson) + '<|end_call|>' }}{%- endfor %}{{ '<|end_calls|>' }}`);
    assert.deepEqual(toolSyntaxOf(template), {
      family: "own", begin: "<|calls|><|call|>", middle: "<|sep|>", tail: "<|end_call|><|end_calls|>", joint: "<|end_call|><|call|>", trigger: "<|calls|><|call|>", onlyAtStart: false,
    });
  });

  test("an end of turn that only follows calls is none of it", () => {
    const template = writing(`${call}{{ '<function=' + call.function.name + '>' + (call.function.arguments | tojson) + '</function>' }}{%- endfor %}{{ '<|eom_id|>' }}`, { end: "\n" });
    assert.equal(toolSyntaxOf(template)?.tail, "</function>");
  });

  test("an empty thought that stands before every answer is none of it", () => {
    const template = writing(`{{ '<think>\\n\\n</think>\\n\\n' }}${call}{{ '<tool_call>\\n{"name": "' + call.function.name + '", "arguments": ' + (call.function.arguments | tojson) + '}\\n</tool_call>' + ('\\n' if not loop.last else '') }}{%- endfor %}`);
    assert.deepEqual(toolSyntaxOf(template), hermes);
  });

  test("templates that refuse a second call, and those that look into a missing content", () => {
    const one = writing("{%- if message.tool_calls | length > 1 %}{{ raise_exception('one call') }}{%- endif %}{{ '<tool_call>' + message.tool_calls[0].function.name + '|' + (message.tool_calls[0].function.arguments | tojson) }}");
    assert.deepEqual([toolSyntaxOf(one)?.begin, toolSyntaxOf(one)?.joint], ["<tool_call>", null]);
    const looks = writing(`{%- if '</think>' in message.content %}{%- endif %}${call}{{ '<tool_call>' + call.function.name + ' ' + (call.function.arguments | tojson) }}{%- endfor %}`);
    assert.equal(toolSyntaxOf(looks)?.begin, "<tool_call>");
  });
});

suite("no syntax", () => {
  test("templates that know no tools", () => {
    assert.equal(toolSyntaxOf(file("test/fixtures/templates/mistral-like.jinja")), null);
    assert.equal(toolSyntaxOf(compile("{{ messages[0].content }}")), null);
    assert.equal(toolSyntaxOf(compile("{{ raise_exception('never') }}")), null);
  });

  test("arguments that are no JSON", () => {
    const template = writing(`${call}{{ '<tool_call><function=' + call.function.name + '>' }}{%- for key, value in call.function.arguments | items %}{{ '<parameter=' + key + '>' + value + '</parameter>' }}{%- endfor %}{{ '</function></tool_call>' }}{%- endfor %}`);
    assert.equal(toolSyntaxOf(template), null);
  });
});
