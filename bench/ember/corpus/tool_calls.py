"""A request with tools: the call, and the answer after it; or no call where none fits."""

from .arithmetic import t_arith
from .chat import t_chat
from .code import VERBS
from .extraction import t_json
from .sample import A, J, S, U
from .text import t_repeat
from .tools import TOOLS
from .words import pseudo


def mk_tool(x, t, min_docs=False):
    ps, keys = {}, []
    for kn, ty, ds, _ in t["params"]:
        k = x.r.choice(kn.split())
        while k in keys:
            k = x.r.choice(kn.split()) + "_2"
        keys.append(k)
        ps[k] = {"type": x.r.choice(ty.split())}
        if x.p(0.45):
            ps[k]["description"] = ds
    par = {"type": "object", "properties": ps}
    if x.p(0.6):
        par["required"] = list(keys)
    name = x.r.choice(t["names"])
    if x.p(0.1):
        name = (
            x.r.choice(VERBS) + "_" + x.c(x.w("object"), pseudo(x.r))
        )  # the description and the parameters say what it does
    f = {"name": name}
    f["description"] = x.r.choice(t["descs"])
    f["parameters"] = par
    return {"type": "function", "function": f}, keys


def call(name, args):
    return {
        "role": "assistant",
        "content": "",
        "tool_calls": [{"type": "function", "function": {"name": name, "arguments": args}}],
    }


def t_tool(x):
    n = x.r.choices((1, 2, 3), (5, 4, 2))[0]
    ts = x.r.sample(TOOLS, n)
    t = ts[0]
    made = [mk_tool(x, q) for q in ts]
    if len({m[0]["function"]["name"] for m in made}) < n:
        return None
    spec, keys = made[0]
    tools = [m[0] for m in made]
    x.r.shuffle(tools)
    name = spec["function"]["name"]
    out = []
    k = x.r.random()
    x.tools = tools
    if x.p(0.4):
        out.append(
            S(
                x.c(
                    "You are Ember, a tiny model that ships with Inferno.",
                    "You are a helpful assistant.",
                    "Use the tools when they help.",
                    "You can call tools.",
                )
            )
        )
    if k < 0.12:  # no tool needed
        m = x.r.choice((t_chat, t_arith, t_repeat, t_json))(x)
        if (
            m is None
            or m[0]["role"] == "system"
            or (any("add" in q["names"] for q in ts))
            or any(w in m[0]["content"].lower() for w in ("weather", "time is", "translat", "say"))
        ):
            return None
        x.task = "no_tool"
        return out + m
    args = [v(x) for _, _, _, v in t["params"]]
    ask = x.r.choice(t["asks"]).format(*args)
    if x.p(0.12):
        ask = x.c("Please help. ", "Hi. ", "Hello Ember. ", "Quick: ") + ask
    out += [U(ask), call(name, dict(zip(keys, args)))]
    if k > 0.55 and t["resp"]:
        r = t["resp"](x, args)
        x.task = "tool_answer"
        out += [{"role": "tool", "content": J(r)}, A(t["ans"](args, r))]
    return out
