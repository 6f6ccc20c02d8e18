"""Small functions, and edits of code and JSON."""

from .sample import A, J, U
from .words import W

CODE = [
    "function {f}({a}, {b}) {{\n  const {c} = {a} + {b};\n  return {c};\n}}",
    "function {f}({a}) {{\n  let {c} = 0;\n  for (const {b} of {a}) {{\n    {c} += {b};\n  }}\n  return {c};\n}}",
    "const {f} = ({a}, {b}) => {{\n  if ({a} > {b}) {{\n    return {a};\n  }}\n  return {b};\n}};",
    "function {f}({a}) {{\n  const {c} = [];\n  for (const {b} of {a}) {{\n    if ({b} > {n}) {{\n      {c}.push({b});\n    }}\n  }}\n  return {c};\n}}",
    "let {a} = {n};\nwhile ({a} > 0) {{\n  console.log({a});\n  {a} -= 1;\n}}",
    "const {a} = {n};\nconst {b} = {a} * {m};\nconsole.log({b});",
    "def {f}({a}, {b}):\n    {c} = {a} * {b}\n    return {c}",
    "def {f}({a}):\n    {c} = 0\n    for {b} in {a}:\n        {c} += {b}\n    return {c}",
    "for (let {a} = 0; {a} < {n}; {a}++) {{\n  {f}({a}, {b});\n}}",
    "async function {f}({a}) {{\n  const {b} = await fetch({a});\n  const {c} = await {b}.json();\n  return {c};\n}}",
    "const {c} = {a}.map(({b}) => {b} * {n});\n{f}({c});",
    "if ({a} === {n}) {{\n  {f}({b});\n}} else {{\n  {f}({c});\n}}",
    "export function {f}({a}: number, {b}: number): number {{\n  return {a} - {b};\n}}",
    "const {c} = {{ {a}: {n}, {b}: {m} }};\nconsole.log({c}.{a} + {c}.{b});",
    "try {{\n  {f}({a});\n}} catch ({b}) {{\n  console.error({b});\n  {c} = null;\n}}",
]
VERBS = W(
    "get set add make find load save read write send count sum update create remove check parse format build compute fetch list show open close start stop print sort filter merge split join clean test run"
)


def fname(x):
    return x.c(
        lambda: x.r.choice(VERBS) + x.w("var").capitalize(),
        lambda: x.r.choice(VERBS) + x.w("object").capitalize(),
        lambda: x.r.choice(VERBS),
    )()


def snippet(x):
    vs = x.ws("var", 3)
    f = fname(x)
    d = dict(f=f, a=vs[0], b=vs[1], c=vs[2], n=x.i(1, 99), m=x.i(2, 9))
    return x.r.choice(CODE).format(**d), f, vs


def t_code(x):
    import re

    t, f, vs = snippet(x)
    if x.p(0.25):
        t2, _, _ = snippet(x)
        t = t + "\n\n" + t2
    k = x.r.random()
    cands = [v for v in vs + [f] if re.search(r"\b" + v + r"\b", t)]
    a = x.r.choice(cands)
    if k < 0.8:
        b = x.w("var") if a != f else fname(x)
        if re.search(r"\b" + b + r"\b", t):
            return None
        o = re.sub(r"\b" + a + r"\b", b, t)
        wd = "function" if a == f else "variable"
        q = x.c(
            f"Rename the {wd} {a} to {b}:\n{t}",
            f"Rename {a} to {b} in this code:\n{t}",
            f"Rename {a} to {b}:\n{t}",
            f"In this code, rename {a} to {b}.\n\n{t}",
            f"Change the {wd} name {a} to {b}:\n```\n{t}\n```",
            f"{t}\n\nRename {a} to {b}.",
        )
        return [U(q), A(o)]
    nums = re.findall(r"\b\d+\b", t)
    nums = [n for n in nums if n not in "01"]
    if not nums:
        return None
    a = x.r.choice(nums)
    b = str(x.i(2, 999))
    o = re.sub(r"\b" + a + r"\b", b, t)
    return [
        U(
            x.c(
                f"Change the number {a} to {b} in this code:\n{t}",
                f"Replace {a} by {b}:\n{t}",
                f"Change {a} to {b}:\n{t}",
            )
        ),
        A(o),
    ]


def t_jsonedit(x):
    import copy

    d = {}
    for k, v in x.r.sample(
        [
            ("name", x.w("name")),
            ("city", x.w("city")),
            ("age", x.i(5, 90)),
            ("color", x.w("color")),
            ("job", x.w("job")),
            ("id", x.i(1, 999)),
            ("active", x.p(0.5)),
            ("price", x.i(1, 200)),
            ("item", x.w("object")),
        ],
        x.i(2, 5),
    ):
        d[k] = v
    k = x.r.choice(list(d))
    src = J(d)
    kk = x.r.random()
    if kk < 0.6:
        new = {
            "name": x.w("name"),
            "city": x.w("city"),
            "age": x.i(5, 90),
            "color": x.w("color"),
            "job": x.w("job"),
            "id": x.i(1, 999),
            "active": not d.get("active"),
            "price": x.i(1, 200),
            "item": x.w("object"),
        }[k]
        o = dict(d)
        o[k] = new
        sv = J(new) if not isinstance(new, str) else new
        q = x.c(
            f"Set {k} to {sv} in this JSON:\n{src}", f"Change {k} to {sv}:\n{src}", f"Update the {k} to {sv}: {src}"
        )
    elif kk < 0.8:
        o = dict(d)
        o.pop(k)
        q = x.c(f"Remove the key {k} from this JSON:\n{src}", f"Delete {k}: {src}", f"Remove {k} from:\n{src}")
    else:
        v = d[k]
        return [
            U(
                x.c(
                    f"What is the {k} in this JSON?\n{src}",
                    f"Read the value of {k}:\n{src}",
                    f"What is the value of {k}? {src}",
                )
            ),
            A(f"The {k} is {v if isinstance(v, str) else J(v)}."),
        ]
    return [U(q), A(J(o))]
