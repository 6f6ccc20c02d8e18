"""Fill in the middle, and functions from a description."""

from .code import fname, snippet
from .sample import A, U
from .words import pseudo

FIM = [
    ("add{V}", "{a}, {b}", ["return {a} + {b};"]),
    ("sub{V}", "{a}, {b}", ["return {a} - {b};"]),
    ("multiply{V}", "{a}, {b}", ["return {a} * {b};"]),
    ("divide{V}", "{a}, {b}", ["return {a} / {b};"]),
    ("max{V}", "{a}, {b}", ["return {a} > {b} ? {a} : {b};"]),
    ("min{V}", "{a}, {b}", ["return {a} < {b} ? {a} : {b};"]),
    ("isEven{V}", "{a}", ["return {a} % 2 === 0;"]),
    ("isOdd{V}", "{a}", ["return {a} % 2 === 1;"]),
    ("square{V}", "{a}", ["return {a} * {a};"]),
    ("double{V}", "{a}", ["return {a} * 2;"]),
    ("half{V}", "{a}", ["return {a} / 2;"]),
    ("negate{V}", "{a}", ["return -{a};"]),
    ("increment{V}", "{a}", ["return {a} + 1;"]),
    ("decrement{V}", "{a}", ["return {a} - 1;"]),
    ("sum{V}", "{a}", ["let {c} = 0;", "for (const {b} of {a}) {{", "  {c} += {b};", "}}", "return {c};"]),
    ("product{V}", "{a}", ["let {c} = 1;", "for (const {b} of {a}) {{", "  {c} *= {b};", "}}", "return {c};"]),
    ("count{V}", "{a}", ["let {c} = 0;", "for (const {b} of {a}) {{", "  {c} += 1;", "}}", "return {c};"]),
    ("first{V}", "{a}", ["return {a}[0];"]),
    ("last{V}", "{a}", ["return {a}[{a}.length - 1];"]),
    ("length{V}", "{a}", ["return {a}.length;"]),
    ("filter{V}", "{a}, {b}", ["return {a}.filter(({c}) => {c} > {b});"]),
    ("map{V}", "{a}, {b}", ["return {a}.map(({c}) => {c} * {b});"]),
    ("greet{V}", "{a}", ['return "Hello " + {a};']),
    ("isEmpty{V}", "{a}", ["return {a}.length === 0;"]),
    ("reverse{V}", "{a}", ["return {a}.slice().reverse();"]),
    ("sort{V}", "{a}", ["return {a}.slice().sort();"]),
    ("contains{V}", "{a}, {b}", ["return {a}.includes({b});"]),
    ("push{V}", "{a}, {b}", ["{a}.push({b});", "return {a};"]),
    ("equals{V}", "{a}, {b}", ["return {a} === {b};"]),
    ("parse{V}", "{a}", ["return JSON.parse({a});"]),
    ("stringify{V}", "{a}", ["return JSON.stringify({a});"]),
    ("load{V}", "{a}", ["const {b} = await fetch({a});", "return {b}.json();"]),
    ("clamp{V}", "{a}, {b}, {c}", ["if ({a} < {b}) return {b};", "if ({a} > {c}) return {c};", "return {a};"]),
    ("upper{V}", "{a}", ["return {a}.toUpperCase();"]),
    ("lower{V}", "{a}", ["return {a}.toLowerCase();"]),
    ("trim{V}", "{a}", ["return {a}.trim();"]),
    ("log{V}", "{a}", ["console.log({a});"]),
]


def t_fim(x):
    nm, args, body = x.r.choice(FIM)
    vs = x.ws("var", 3)
    d = dict(a=vs[0], b=vs[1], c=vs[2], V=x.c("", "", x.w("var").capitalize(), x.w("object").capitalize()))
    asy = "async " if "await" in body[0] else ""
    head = x.c(
        "{asy}function {n}({p}) {{\n", "export {asy}function {n}({p}) {{\n", "const {n} = {asy}({p}) => {{\n"
    ).format(asy=asy, n=nm.format(**d), p=args.format(**d))
    lines = ["  " + l.format(**d) for l in body]
    tail = "\n}\n" if head.startswith(("f", "e", "a")) else "\n};\n"
    body_t = "\n".join(lines)
    k = x.r.random()
    if k < 0.35:
        pre, mid, suf = head, body_t, tail
    elif k < 0.6:
        pre, mid, suf = head + "  ", body_t[2:], tail
    else:  # cut inside one line, at a word boundary
        li = x.i(0, len(lines) - 1)
        l = lines[li]
        cuts = [i for i in range(2, len(l)) if l[i] == " "]
        if not cuts:
            return None
        c = x.r.choice(cuts)
        e = len(l) - 1 if x.p(0.6) else len(l)
        if e <= c:
            return None
        pre = head + "".join(q + "\n" for q in lines[:li]) + l[:c]
        mid = l[c:e]
        suf = l[e:] + "".join("\n" + q for q in lines[li + 1 :]) + tail
    if x.p(0.3):
        t2, _, _ = snippet(x)
        pre = t2 + "\n\n" + pre
    x.fim = (pre, suf, mid)
    return [U(pre + "|" + suf), A(mid)]


CODEQ = [
    ("adds two numbers", "add", "a, b", "return a + b;"),
    ("subtracts two numbers", "subtract", "a, b", "return a - b;"),
    ("multiplies two numbers", "multiply", "a, b", "return a * b;"),
    ("divides two numbers", "divide", "a, b", "return a / b;"),
    ("returns the larger of two numbers", "max", "a, b", "return a > b ? a : b;"),
    ("returns the smaller of two numbers", "min", "a, b", "return a < b ? a : b;"),
    ("checks if a number is even", "isEven", "n", "return n % 2 === 0;"),
    ("checks if a number is odd", "isOdd", "n", "return n % 2 === 1;"),
    ("squares a number", "square", "n", "return n * n;"),
    ("doubles a number", "double", "n", "return n * 2;"),
    ("returns the first item of a list", "first", "list", "return list[0];"),
    ("returns the last item of a list", "last", "list", "return list[list.length - 1];"),
    ("returns the length of a list", "length", "list", "return list.length;"),
    ("reverses a list", "reverse", "list", "return list.slice().reverse();"),
    ("sorts a list", "sort", "list", "return list.slice().sort();"),
    ("greets a person", "greet", "name", 'return "Hello " + name;'),
]


def t_codegen(x):
    d, n, p, b = x.r.choice(CODEQ)
    if x.p(0.5):
        n = fname(x) if x.p(0.5) else pseudo(x.r, 1, 2)
        nm = f" named {n}"
    else:
        nm = ""
    return [
        U(
            x.c(
                f"Write a JavaScript function{nm} that {d}.",
                f"Write a function{nm} that {d}.",
                f"Give me a JavaScript function{nm} that {d}.",
                f"Code a function{nm} which {d}.",
            )
        ),
        A(f"function {n}({p}) {{\n  {b}\n}}"),
    ]
