"""The Ember chat format (the same text that the chat template in the GGUF renders)."""

import json

SPLIT_CALLS = False


def J(o):
    return json.dumps(o, ensure_ascii=False)


def calls(m):
    return "\n".join(
        '<tool_call>\n{"name": "%s", "arguments": %s}\n</tool_call>'
        % (c["function"]["name"], J(c["function"]["arguments"]))
        for c in m["tool_calls"]
    )


def segments(d):
    """[(text, is_target)]"""
    if d["task"] == "fim":
        return [
            ("<|fim_prefix|>" + d["prefix"] + "<|fim_suffix|>" + d["suffix"] + "<|fim_middle|>", 0),
            (d["middle"] + "<|endoftext|>", 1),
        ]
    ms, out = d["messages"], []
    sysm = ms[0]["content"] if ms and ms[0]["role"] == "system" else None
    if d.get("tools"):
        out.append(
            (
                "<|im_start|>system\n"
                + (sysm + "\n\n" if sysm else "")
                + "# Tools\n\nYou may call one or more functions to assist with the user query.\n\nYou are provided with function signatures within <tools></tools> XML tags:\n<tools>\n"
                + "\n".join(J(t) for t in d["tools"])
                + '\n</tools>\n\nFor each function call, return a json object with function name and arguments within <tool_call></tool_call> XML tags:\n<tool_call>\n{"name": <function-name>, "arguments": <args-json-object>}\n</tool_call><|im_end|>\n',
                0,
            )
        )
    elif sysm is not None:
        out.append((f"<|im_start|>system\n{sysm}<|im_end|>\n", 0))
    for m in ms:
        if m["role"] == "user":
            out.append((f"<|im_start|>user\n{m['content']}<|im_end|>\n", 0))
        elif m["role"] == "tool":
            out.append((f"<|im_start|>user\n<tool_response>\n{m['content']}\n</tool_response><|im_end|>\n", 0))
        elif m["role"] == "assistant":
            out.append(("<|im_start|>assistant\n", 0))
            if (
                m.get("tool_calls") and SPLIT_CALLS
            ):  # cut where a server that constrains the arguments by a grammar cuts: before and after them
                for i, c in enumerate(m["tool_calls"]):
                    out += [
                        (
                            ("\n" if i else "") + '<tool_call>\n{"name": "%s", "arguments": ' % c["function"]["name"],
                            1,
                        ),
                        (J(c["function"]["arguments"]), 1),
                        ("}\n</tool_call>", 1),
                    ]
                out.append(("<|im_end|>", 1))
            else:
                out.append(((calls(m) if m.get("tool_calls") else m["content"]) + "<|im_end|>", 1))
            out.append(("\n", 0))
    if ms[-1]["role"] == "assistant":
        out.pop()
    else:
        out.append(("<|im_start|>assistant\n", 0))
    return out


def text(d):
    return "".join(t for t, _ in segments(d))
