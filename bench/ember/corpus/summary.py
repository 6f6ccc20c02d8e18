"""Summaries, memory, and several questions in one dialogue."""

from .arithmetic import t_arith
from .chat import t_chat, t_unknown
from .extraction import t_json
from .sample import A, U, cap, is_held, key_of
from .text import t_list, t_repeat, t_replace, t_sort
from .words import DAYS


def t_summ(x):
    k = x.r.random()
    n = x.w("name")
    if k < 0.4:
        t, d = x.w("topic"), x.r.choice(DAYS)
        v = x.c("finish", "review", "present", "write", "update", "plan")
        noise = [
            x.c(
                "The meeting started late.",
                "Everyone was happy.",
                "The coffee was good.",
                "We talked for an hour.",
                "The room was too warm.",
                "There were no questions.",
                "Lunch was great.",
                f"{x.w('name')} was not there.",
                f"{x.w('name')} told a joke.",
            )
            for _ in range(x.i(1, 4))
        ]
        L = noise + [
            x.c(
                f"In the end, {n} will {v} the {t} on {d}.",
                f"We agreed that {n} will {v} the {t} on {d}.",
                f"It was decided that {n} will {v} the {t} on {d}.",
            )
        ]
        if x.p(0.5):
            x.r.shuffle(L)
        return [
            U(
                x.c(
                    "Summarize: ",
                    "Summarize this text:\n",
                    "Sum up in one sentence:\n",
                    "Give me the main point: ",
                    "What was decided? ",
                )
                + " ".join(L)
            ),
            A(f"{n} will {v} the {t} on {d}."),
        ]
    if k < 0.65:
        cat, K = x.c(
            ("animals", "animal"), ("colors", "color"), ("foods", "food"), ("names", "name"), ("cities", "city")
        )
        oth = x.c(*[q for q in ("object", "hobby", "job")])
        a = x.ws(K, x.i(1, 3))
        b = x.ws(oth, x.i(1, 3))
        if K == "food":
            b = x.ws("hobby", len(b))
        L = a + b
        x.r.shuffle(L)
        o = [i for i in L if i in a]
        return [
            U(
                x.c(
                    f"Which of these are {cat}? {', '.join(L)}",
                    f"List the {cat}: {', '.join(L)}",
                    f"Find the {cat} in this list: {', '.join(L)}",
                    f"Keep only the {cat}: {', '.join(L)}",
                )
            ),
            A(", ".join(o)),
        ]
    if k < 0.85:
        good = x.p(0.5)
        o = x.w("object")
        pos, neg = ["great", "wonderful", "excellent", "perfect", "lovely", "amazing", "very good"], [
            "terrible",
            "awful",
            "bad",
            "broken",
            "useless",
            "horrible",
            "very bad",
        ]
        wv = x.r.choice(pos if good else neg)
        t = x.c(
            f"The {o} is {wv}.",
            f"I think this {o} is {wv}.",
            f"{x.w('name')} says the {o} is {wv}.",
            f"What a {wv} {o}!",
            f"My new {o} was {wv}.",
            (f"I love this {o}." if good else f"I hate this {o}."),
            (f"I am happy with the {o}." if good else f"I am angry about the {o}."),
        )
        return [
            U(
                x.c(
                    f"Is this positive or negative? {t}",
                    f"Classify the sentiment: {t}",
                    f"Sentiment: {t}",
                    f"Is the review positive or negative?\n{t}",
                )
            ),
            A("positive" if good else "negative"),
        ]
    a, b = x.ws("name", 2)
    i, j = x.i(5, 95), x.i(5, 95)
    if i == j:
        return None
    old = x.p(0.5)
    v = a if (i > j) == old else b
    return [
        U(
            x.c(
                f"{a} is {i} years old. {b} is {j} years old. Who is {'older' if old else 'younger'}?",
                f"{a} is {i} and {b} is {j}. Who is {'older' if old else 'younger'}?",
            )
        ),
        A(f"{v} is {'older' if old else 'younger'}."),
    ]


def t_mem(x):
    n, c, f, h, col, o = x.w("name"), x.w("city"), x.w("food"), x.w("hobby"), x.w("color"), x.w("object")
    F = [
        (
            x.c(f"My name is {n}.", f"I am {n}.", f"Hi, I'm {n}.", f"Hello, my name is {n}!", f"Call me {n}."),
            f"Nice to meet you, {n}!",
            x.c("What is my name?", "Who am I?", "Do you remember my name?", "What's my name?"),
            f"Your name is {n}.",
        ),
        (
            x.c(f"I live in {c}.", f"I am from {c}.", f"My city is {c}."),
            f"{c} sounds nice!",
            x.c("Where do I live?", "Which city do I live in?", "Where am I from?"),
            f"You live in {c}.",
        ),
        (
            x.c(f"I like {f}.", f"My favorite food is {f}.", f"I love {f}."),
            f"I will remember that you like {f}.",
            x.c("What food do I like?", "What is my favorite food?", "Which food do I like?"),
            f"You like {f}.",
        ),
        (
            x.c(f"My hobby is {h}.", f"I enjoy {h}."),
            f"{cap(h)} is a nice hobby!",
            x.c("What is my hobby?", "Which hobby do I have?"),
            f"Your hobby is {h}.",
        ),
        (
            x.c(f"My favorite color is {col}.", f"I like the color {col}."),
            f"{cap(col)} is a nice color!",
            x.c("What is my favorite color?", "Which color do I like?"),
            f"Your favorite color is {col}.",
        ),
        (
            x.c(f"Remember the word {o}.", f"The secret word is {o}.", f"Remember this word: {o}"),
            f"I will remember the word {o}.",
            x.c("What was the word?", "What is the secret word?", "Which word did I tell you?"),
            f"The word is {o}.",
        ),
    ]
    k = x.i(1, 3)
    pick = x.r.sample(F, k)
    out = []
    for a, b, _, _ in pick:
        out += [U(a), A(b)]
    if x.p(0.3):
        out += sub(x, dict(chat=t_chat, arith=t_arith))
    qs = pick[:]
    x.r.shuffle(qs)
    for _, _, q, a in qs[: x.i(1, k)]:
        out += [U(q), A(a)]
    return out


def sub(x, fns):
    """A short dialogue to embed in another one; never a held-out instance in training."""
    task, f = x.r.choice(list(fns.items()))
    x.key = None
    m = f(x)
    if not m or m[0]["role"] == "system":
        x.key = None
        return []
    k = key_of(x, task, m)
    x.key = None
    return [] if is_held(k) and not x.ev else m


def t_multi(x):
    out = []
    for _ in range(x.i(2, 4)):
        out += sub(
            x,
            dict(
                chat=t_chat,
                arith=t_arith,
                repeat=t_repeat,
                list=t_list,
                json=t_json,
                replace=t_replace,
                sort=t_sort,
                unknown=t_unknown,
                summarise=t_summ,
            ),
        )
    return out or None
