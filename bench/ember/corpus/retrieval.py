"""Questions about facts in a text, short and long."""

from .sample import A, U, aan
from .words import DAYS, code


def facts(x, n, kind):
    out = []
    if kind == 0:
        seen = set()
        while len(out) < n:
            c, o = x.w("color"), x.w("object")
            if (c, o) in seen:
                continue
            seen.add((c, o))
            v = code(x.r)
            out.append(
                (
                    f"The code of the {c} {o} is {v}.",
                    [
                        f"What is the code of the {c} {o}?",
                        f"Which code does the {c} {o} have?",
                        f"Tell me the code of the {c} {o}.",
                    ],
                    f"The code of the {c} {o} is {v}.",
                )
            )
    elif kind == 1:
        for nm in x.ws("name", n):
            c, j = x.w("city"), x.w("job")
            q, a = x.c(
                ([f"Where does {nm} live?", f"In which city does {nm} live?"], f"{nm} lives in {c}."),
                ([f"What does {nm} do?", f"What is the job of {nm}?"], f"{nm} works as {aan(j)}."),
            )
            out.append(
                (
                    x.c(
                        f"{nm} lives in {c} and works as {aan(j)}.",
                        f"{nm} is {aan(j)} from {c}.",
                        f"{nm} works as {aan(j)} in {c}.",
                    ),
                    q,
                    a,
                )
            )
    elif kind == 2:
        for o in x.ws("object", n):
            p = x.w("place")
            out.append(
                (
                    x.c(
                        f"The {o} is in the {p}.",
                        f"You can find the {o} in the {p}.",
                        f"Someone left the {o} in the {p}.",
                    ),
                    [f"Where is the {o}?", f"Where can I find the {o}?"],
                    f"The {o} is in the {p}.",
                )
            )
    elif kind == 3:
        for nm in x.ws("name", n):
            f = x.w("food")
            h = x.w("hobby")
            q, a = x.c(
                ([f"What does {nm} like to eat?", f"Which food does {nm} like?"], f"{nm} likes {f}."),
                ([f"What is the hobby of {nm}?", f"Which hobby does {nm} have?"], f"{nm} likes {h}."),
            )
            out.append((f"{nm} likes to eat {f} and the hobby of {nm} is {h}.", q, a))
    elif kind == 4:
        for nm in x.ws("name", n):
            d, t = x.r.choice(DAYS), x.w("topic")
            q, a = x.c(
                ([f"When will {nm} present the {t}?", f"On which day does {nm} present?"], f"{nm} presents on {d}."),
                ([f"What will {nm} present?", f"Which topic does {nm} present?"], f"{nm} presents the {t}."),
            )
            out.append((f"{nm} will present the {t} on {d}.", q, a))
    else:
        for nm in x.ws("name", n):
            a_, o = x.i(5, 95), x.w("object")
            q, a = x.c(
                ([f"How old is {nm}?", f"What is the age of {nm}?"], f"{nm} is {a_} years old."),
                ([f"What does {nm} own?", f"Which thing does {nm} own?"], f"{nm} owns {aan(o)}."),
            )
            out.append((f"{nm} is {a_} years old and owns {aan(o)}.", q, a))
    return out


def t_retr(x, n=None):
    n = n or x.r.choices((1, 2, 4, 7, 11, 18), (1, 3, 4, 4, 2, 1))[0]
    if n < 8 or x.p(0.7):
        fs = facts(x, n, x.i(0, 5))
    else:
        fs = facts(x, n // 2, 0) + facts(x, n - n // 2, x.c(2, 5))
    x.r.shuffle(fs)
    f = x.r.choice(fs)
    q = x.r.choice(f[1])
    sep = x.c(" ", " ", "\n")
    body = sep.join(z[0] for z in fs)
    a = f[2]
    if x.p(0.06) and n > 1:
        fs.remove(f)
        body = sep.join(z[0] for z in fs)
        a = "The text does not say that."
        if any(q in z[1] for z in fs):
            return None
    return [
        U(
            x.c(
                f"{body}\n\n{q}",
                f"{body}\n{q}",
                f"Read the text and answer the question.\n\n{body}\n\nQuestion: {q}",
                f"Context:\n{body}\n\nQuestion: {q}",
                f"{q}\n\n{body}",
                f"Text: {body}\nQuestion: {q}",
                f"Use the context to answer.\nContext: {body}\nQuestion: {q}",
            )
        ),
        A(a),
    ]


def t_long(x):
    return t_retr(x, x.i(25, 85))
