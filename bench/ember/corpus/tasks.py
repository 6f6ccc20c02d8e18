"""The kinds of task with their shares, and one finished sample."""

from .arithmetic import t_arith
from .chat import t_chat, t_unknown
from .code import t_code, t_jsonedit
from .config_file import t_yaml
from .extraction import t_json
from .fill_in import t_codegen, t_fim
from .retrieval import t_long, t_retr
from .sample import Ctx, S, is_held, key_of
from .stories import t_story
from .summary import t_mem, t_multi, t_summ
from .text import t_list, t_repeat, t_replace, t_sort
from .tool_calls import t_tool

SYS = (
    [None] * 46
    + ["You are Ember, a tiny model that ships with Inferno."] * 18
    + ["You are a helpful assistant."] * 12
    + [
        "You are a helpful, respectful and honest assistant. Always answer as helpfully as possible.\nIf a question does not make any sense, or is not factually coherent, explain why instead of answering something incorrectly. If you don't know the answer to a question, don't share false information."
    ]
    * 6
    + [
        "You are Ember.",
        "You are a concise assistant.",
        "Answer briefly.",
        "You are a friendly assistant.",
        "You are a helpful AI assistant.",
        "Be brief.",
        "You are a coding assistant.",
        "Answer in English.",
        "You are a test assistant.",
        "Be helpful.",
        "You are an assistant.",
        "You are a chatbot.",
        "Follow the instructions of the user.",
        "You run inside Inferno.",
    ]
)
TASKS = dict(
    chat=(t_chat, 9),
    unknown=(t_unknown, 2),
    arith=(t_arith, 17),
    replace=(t_replace, 7),
    repeat=(t_repeat, 5),
    list=(t_list, 7),
    sort=(t_sort, 6),
    code_edit=(t_code, 6),
    json_edit=(t_jsonedit, 3),
    json=(t_json, 10),
    tool=(t_tool, 12),
    retrieval=(t_retr, 7),
    long=(t_long, 0.7),
    story=(t_story, 3.5),
    yaml=(t_yaml, 4),
    fim=(t_fim, 5),
    codegen=(t_codegen, 1.5),
    summarise=(t_summ, 4),
    memory=(t_mem, 3),
    multi=(t_multi, 3),
)


def make(r, task, ev):
    while True:
        x = Ctx(r, ev)
        x.task = task
        x.tools = None
        x.fim = None
        x.must = None
        m = TASKS[task][0](x)
        if m is None:
            continue
        if task == "multi" or task == "memory":
            k = task + m[0]["content"] + m[-2]["content"]
        else:
            k = key_of(x, task, m)
        # the small closed sets of chat are only held out by (paraphrase, item); arithmetic by operands
        if is_held(k) != ev:
            continue
        if x.fim:
            return {"task": "fim", "prefix": x.fim[0], "suffix": x.fim[1], "middle": x.fim[2]}, x
        if m[0]["role"] != "system" and not x.tools:
            s = r.choice(SYS)
            if task == "chat" and s and "Inferno" not in s and "Ember" not in s and r.random() < 0.5:
                s = None
            if s:
                m = [S(s)] + m
        d = {"task": x.task, "messages": m}
        if x.tools:
            d["tools"] = x.tools
        return d, x
