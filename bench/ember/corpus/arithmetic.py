"""Sums of up to three digits, written out in steps."""

from .sample import A, U


def num(x):
    d = x.r.choices((1, 2, 3), (1, 3, 6) if getattr(x, "hard", False) else (2, 5, 4))[0]
    return x.i(0, 10**d - 1)


def t_arith(x):
    k = x.r.random()
    a, b = num(x), num(x)
    if k < 0.80:
        op = "+" if x.p(0.55) else "-"
        if op == "-" and a < b and x.p(0.8):
            a, b = b, a
        v = a + b if op == "+" else a - b
        x.key = f"arith{a}{op}{b}"
        x.arith = True
        e = f"{a} {op} {b}"
        wd = "plus" if op == "+" else "minus"
        q = x.c(
            f"What is {e}?",
            f"What is {a} {wd} {b}?",
            f"Calculate {e}",
            f"Calculate {e}.",
            f"{e}",
            f"{a}{op}{b}",
            f"{e} =",
            f"{a}{op}{b}=?",
            f"How much is {e}?",
            f"Compute {e}.",
            f"Can you tell me what {e} is?",
            f"What's {a}{op}{b}?",
            *(
                [f"Add {a} and {b}.", f"What is the sum of {a} and {b}?", f"Add {b} to {a}."]
                if op == "+"
                else [f"Subtract {b} from {a}.", f"What is the difference of {a} and {b}?", f"Take {b} from {a}."]
            ),
        )
        if q == f"Add {b} to {a}.":
            pass
        return [U(q), A(f"{a} {op} {b} = {v}")]
    if k < 0.87:
        a, b = x.i(0, 12), x.i(0, 12)
        x.key = f"mul{a}*{b}"
        return [
            U(
                x.c(
                    f"What is {a} * {b}?",
                    f"What is {a} times {b}?",
                    f"Calculate {a} * {b}",
                    f"{a} * {b}",
                    f"{a}*{b}=?",
                    f"Multiply {a} by {b}.",
                    f"How much is {a} times {b}?",
                )
            ),
            A(f"{a} * {b} = {a*b}"),
        ]
    while a == b:
        b = num(x)
    x.key = f"cmp{a},{b}"
    big = x.p(0.6)
    v = max(a, b) if big else min(a, b)
    q = x.c(
        f"Which is {'larger' if big else 'smaller'}, {a} or {b}?",
        f"Which number is {'bigger' if big else 'smaller'}: {a} or {b}?",
        f"What is the {'larger' if big else 'smaller'} number, {a} or {b}?",
        f"Is {a} or {b} {'larger' if big else 'smaller'}?",
    )
    return [U(q), A(f"{v} is {'larger' if big else 'smaller'}.")]
