import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, test } from "node:test";
import type { z } from "zod";
import { packageRoot } from "../../../../base/package-root.ts";
import type { ChatMessage, Tool } from "../../../../protocol/api/openai.ts";
import { compileChatTemplate } from "../../../../runtime/template/chat-template.ts";

// The expected texts are what Python's jinja2 gives with Hugging Face's settings for the same template and messages.
const folder = join(packageRoot(import.meta.dirname), "test", "fixtures", "templates");
const now = (): Date => new Date(2026, 2, 5, 14, 7, 9);

type Tools = readonly z.infer<typeof Tool>[];

function render(template: string, messages: readonly ChatMessage[], tools: Tools = [], bosToken = "<s>"): string {
  const source = template.endsWith(".jinja") ? readFileSync(join(folder, template), "utf8") : template;
  return compileChatTemplate({ source, bosToken, eosToken: "</s>", now }).render({ messages, tools });
}

const add: Tools = [{
  type: "function",
  function: {
    name: "add",
    description: "Adds two numbers.",
    parameters: { type: "object", properties: { a: { type: "number" }, b: { type: "number" } }, required: ["a", "b"] },
  },
}];

const system: ChatMessage = { role: "system", content: "Be brief." };
const question: ChatMessage = { role: "user", content: 'What is 17 + 25? Über "alles"' };
const answer: ChatMessage = { role: "assistant", content: "42." };
const thanks: ChatMessage = { role: "user", content: "  Thanks. " };
const withTools: readonly ChatMessage[] = [
  system,
  question,
  { role: "assistant", tool_calls: [{ id: "c1", type: "function", function: { name: "add", arguments: '{"a":17,"b":[25,null,true]}' } }] },
  { role: "tool", content: "42", tool_call_id: "c1" },
  answer,
  thanks,
];

test("a field that is null is not there", () => {
  const template = "{% for m in messages %}{% if m.tool_calls is defined or 'name' in m %}{% for call in m.tool_calls %}{% endfor %}{% endif %}{{ m.content }}{% endfor %}";
  assert.equal(render(template, [{ role: "assistant", content: "42.", name: null, tool_calls: null }]), "42.");
});

describe("ChatML with tools", () => {
  test("a conversation without tools", () => {
    assert.equal(
      render("chatml-tools.jinja", [system, question]),
      '<|im_start|>system\nBe brief.<|im_end|>\n<|im_start|>user\nWhat is 17 + 25? Über "alles"<|im_end|>\n<|im_start|>assistant\n',
    );
  });

  test("tools, a call and its result", () => {
    assert.equal(render("chatml-tools.jinja", withTools, add), [
      "<|im_start|>system\nBe brief.\n\n# Tools\n\nYou may call one or more functions to assist with the user query.\n",
      "You are provided with function signatures within <tools></tools> XML tags:\n<tools>",
      '{"type": "function", "function": {"name": "add", "description": "Adds two numbers.", "parameters": {"type": "object", "properties": '
        + '{"a": {"type": "number"}, "b": {"type": "number"}}, "required": ["a", "b"]}}}',
      "</tools>\n\nFor each function call, return a json object with function name and arguments within <tool_call></tool_call> XML tags:",
      '<tool_call>\n{"name": <function-name>, "arguments": <args-json-object>}\n</tool_call><|im_end|>',
      '<|im_start|>user\nWhat is 17 + 25? Über "alles"<|im_end|>',
      '<|im_start|>assistant\n<tool_call>\n{"name": "add", "arguments": {"a": 17, "b": [25, null, true]}}\n</tool_call><|im_end|>',
      "<|im_start|>user\n<tool_response>\n42\n</tool_response><|im_end|>",
      "<|im_start|>assistant\n42.<|im_end|>",
      "<|im_start|>user\n  Thanks. <|im_end|>",
      "<|im_start|>assistant\n",
    ].join("\n"));
  });
});

describe("a Llama-3-like template", () => {
  test("the date, tools with indented JSON, a call without content", () => {
    assert.equal(render("llama-3-like.jinja", withTools, add, "<|begin_of_text|>"), [
      "<|begin_of_text|><|start_header_id|>system<|end_header_id|>",
      "",
      "Today is 05 Mar 2026.",
      "Functions:",
      "{",
      '    "name": "add",',
      '    "description": "Adds two numbers.",',
      '    "parameters": {',
      '        "type": "object",',
      '        "properties": {',
      '            "a": {',
      '                "type": "number"',
      "            },",
      '            "b": {',
      '                "type": "number"',
      "            }",
      "        },",
      '        "required": [',
      '            "a",',
      '            "b"',
      "        ]",
      "    }",
      "}",
      "Be brief.<|eot_id|><|start_header_id|>user<|end_header_id|>",
      "",
      'What is 17 + 25? Über "alles"<|eot_id|><|start_header_id|>assistant<|end_header_id|>',
      "",
      '{"name": "add", "parameters": {"a": 17, "b": [25, null, true]}}<|eot_id|><|start_header_id|>tool<|end_header_id|>',
      "",
      "42<|eot_id|><|start_header_id|>assistant<|end_header_id|>",
      "",
      "42.<|eot_id|><|start_header_id|>user<|end_header_id|>",
      "",
      "Thanks.<|eot_id|><|start_header_id|>assistant<|end_header_id|>",
      "",
      "",
    ].join("\n"));
  });

  test("without tools and system message there is no system turn", () => {
    assert.equal(render("llama-3-like.jinja", [question], [], "<|begin_of_text|>"), [
      "<|begin_of_text|><|start_header_id|>user<|end_header_id|>",
      "",
      'What is 17 + 25? Über "alles"<|eot_id|><|start_header_id|>assistant<|end_header_id|>',
      "",
      "",
    ].join("\n"));
  });
});

describe("a Mistral-like template", () => {
  test("the system message joins the last question", () => {
    assert.equal(render("mistral-like.jinja", [system, question, answer, thanks]), [
      '<s>[INST] What is 17 + 25? Über "alles" [/INST] 42.</s>[INST] Be brief.',
      "",
      "  Thanks.  [/INST]",
    ].join("\n"));
  });

  test("its refusal of a wrong order of roles is the error's message", () => {
    assert.throws(() => render("mistral-like.jinja", [question, question]), {
      code: "template_failed",
      message: "The model's chat template refused the messages: Roles must alternate: user, assistant, user, …",
      param: "messages",
    });
  });
});

describe("any template", () => {
  const contents = "{% for m in messages %}[{{ m.role }}:{{ m.content }}]{% endfor %}";

  test("content parts become one text", () => {
    assert.equal(render(contents, [{ role: "user", content: [{ type: "text", text: "one " }, { type: "text", text: "two" }] }]), "[user:one two]");
  });

  test("a developer message is a system message where the template does not know it", () => {
    const messages: ChatMessage[] = [{ role: "developer", content: "Obey." }];
    assert.equal(render(contents, messages), "[system:Obey.]");
    assert.equal(render(`${contents}{# developer #}`, messages), "[developer:Obey.]");
  });

  test("an assistant message without content is empty text, unless it calls tools", () => {
    const isNone = "{% for m in messages %}{{ m.content is none }},{% endfor %}";
    const call: ChatMessage = { role: "assistant", content: null, tool_calls: [{ function: { name: "f", arguments: "{}" } }] };
    assert.equal(render(isNone, [{ role: "assistant", content: null }, call]), "false,true,");
  });

  test("arguments that are no JSON object stay a string", () => {
    const source = "{{ messages[0].tool_calls[0].function.arguments is string }}";
    const calling = (text: string): ChatMessage => ({ role: "assistant", tool_calls: [{ function: { name: "f", arguments: text } }] });
    assert.equal(render(source, [calling("not json")]), "true");
    assert.equal(render(source, [calling('"text"')]), "true");
    assert.equal(render(source, [calling('{"a": 1}')]), "false");
  });

  test("no tools are none, not an empty list", () => {
    assert.equal(render("{{ tools is none }}", [question]), "true");
    assert.equal(render("{{ tools | length }}", [question], add), "1");
  });

  test("white space at the source's beginning is the template's own", () => {
    assert.equal(render("\n  {{ bos_token }}\n", [question]), "\n  <s>");
  });

  test("a source that is no template is an error that says why", () => {
    assert.throws(() => render("{% if %}", [question]), { code: "template_failed", message: /^The model's chat template failed: ./ });
    assert.throws(() => render("{{ messages.nothing.at.all() }}", [question]), { code: "template_failed" });
  });

  test("range is Python's, and has an end", () => {
    assert.equal(render("{{ range(3) | list }}{{ range(1, 4) | list }}{{ range(5, 0, -2) | list }}{{ range(2, 2) | list }}", [question]), "[0, 1, 2][1, 2, 3][5, 3, 1][]");
    assert.throws(() => render("{{ range(1000000000) | length }}", [question]), { message: /range\(\) of 1000000000 numbers/ });
    assert.throws(() => render("{{ range(0, 1, 0) }}", [question]), { code: "template_failed" });
  });
});
