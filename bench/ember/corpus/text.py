"""Edits of sentences: replace, repeat, list, sort."""

from .sample import A, J, U, aan
from .words import DAYS, MONTHS, P, W, code, pseudo


def sent(x, n1=None):
    n = n1 or x.w("name")
    return x.c(
        lambda: f"{n} has {aan(x.w('color'))} {x.w('object')}.",
        lambda: f"{n} lives in {x.w('city')}.",
        lambda: f"The {x.w('adj')} {x.w('animal')} sat near the {x.w('place')}.",
        lambda: f"{n} works as {aan(x.w('job'))} in {x.w('city')}.",
        lambda: f"The {x.w('object')} is in the {x.w('place')}.",
        lambda: f"{n} likes {x.w('food')} and {x.w('food')}.",
        lambda: f"{n} went to the {x.w('place')} with {x.w('name')}.",
        lambda: f"The {x.w('color')} {x.w('object')} costs {x.i(2, 99)} dollars.",
        lambda: f"{n} bought {aan(x.w('adj'))} {x.w('object')} for {x.w('name')}.",
        lambda: f"We met {n} at the {x.w('place')} on {x.r.choice(DAYS)}.",
        lambda: f"{n} loves {x.w('hobby')}.",
        lambda: f"The {x.w('animal')} ate the {x.w('food')}.",
        lambda: f"In {x.r.choice(MONTHS)}, {n} moved from {x.w('city')} to {x.w('city')}.",
        lambda: f"{n} will finish the {x.w('topic')} report on {x.r.choice(DAYS)}.",
        lambda: f"{n} saw {aan(x.w('adj'))} {x.w('animal')} behind the {x.w('object')}.",
    )()


def para(x, n):
    return " ".join(sent(x) for _ in range(n))


PUN = ".,!?;:"


def words_of(t):
    return [w.strip(PUN) for w in t.split()]


def t_replace(x):
    import re

    n = x.r.choices((1, 2, 3, 4, 6, 8), (4, 4, 3, 2, 2, 1))[0]
    hero = x.w("name")
    t = " ".join(sent(x, hero if x.p(0.5) else None) for _ in range(n))
    ws = [
        w
        for w in words_of(t)
        if len(w) > 2 and w.lower() not in ("the", "and", "for", "with", "was", "has", "will", "from", "near")
    ]
    if not ws:
        return None
    a = x.r.choice(ws)
    kind = next(
        (
            k
            for k in ("name", "city", "animal", "object", "color", "food", "place", "job", "hobby", "adj")
            if a in P[k].train or a in P[k].held
        ),
        "name" if a[0].isupper() else "object",
    )
    b = x.w(kind)
    if a == b:
        return None
    o = re.sub(r"\b" + re.escape(a) + r"\b", b, t)
    q = x.c(
        f"Rewrite this text replacing {a} by {b}:\n{t}",
        f"Replace {a} with {b} in this text:\n{t}",
        f"Rewrite the text, replacing {a} with {b}.\n\n{t}",
        f"In the following text, change {a} to {b}:\n{t}",
        f"Change {a} to {b}: {t}",
        f"{t}\n\nReplace {a} with {b}.",
        f"Substitute {b} for {a} in: {t}",
        f"Edit this text. Replace {a} by {b}.\n{t}",
    )
    return [U(q), A(o)]


def t_repeat(x):
    k = x.r.random()
    if k < 0.35:
        t = para(x, x.r.choices((1, 2, 3, 5), (4, 3, 2, 1))[0])
    elif k < 0.6:
        t = " ".join(
            x.c(pseudo(x.r), x.w("object"), x.w("adj"), x.w("name"), x.w("animal")) for _ in range(x.i(1, 7))
        )
    elif k < 0.8:
        t = " ".join(code(x.r) for _ in range(x.i(1, 4)))
    else:
        t = x.c(x.w("name"), pseudo(x.r, 2, 4), x.w("object"))
    q = x.c(
        f"Repeat: {t}",
        f"Repeat this: {t}",
        f"Repeat after me: {t}",
        f"Say: {t}",
        f"Copy this text:\n{t}",
        f"Echo: {t}",
        f"Please repeat the following text exactly:\n{t}",
        f"Write this again: {t}",
        f'Say "{t}"',
        f"Output exactly this: {t}",
    )
    return [U(q), A(t)]


def lst(x, n=None, numeric=None):
    n = n or x.i(3, 6)
    if numeric is True or (numeric is None and x.p(0.3)):
        return [str(v) for v in x.r.sample(range(1, 100), n)]
    return x.ws(x.c("food", "animal", "object", "color", "name", "city", "hobby"), n)


def t_list(x):
    k = x.r.random()
    L = lst(x)
    f = x.c(", ".join, ", ".join, ", ".join, " ".join, lambda l: "\n".join("- " + i for i in l))
    t = f(L)
    nl = "\n" if "\n" in t else " "
    if k < 0.22:
        return [
            U(
                x.c(
                    f"Reverse the list:{nl}{t}",
                    f"Reverse this list:{nl}{t}",
                    f"Reverse the order:{nl}{t}",
                    f"Write this list backwards:{nl}{t}",
                    f"Put this list in reverse order:{nl}{t}",
                )
            ),
            A(f(L[::-1])),
        ]
    if k < 0.34:
        return [
            U(
                x.c(
                    f"How many items are in this list?{nl}{t}",
                    f"Count the items:{nl}{t}",
                    f"How many words are in the list?{nl}{t}",
                    f"How long is this list?{nl}{t}",
                )
            ),
            A(f"There are {len(L)} items."),
        ]
    if k < 0.46:
        n = x.i(0, len(L) - 1)
        o = W("first second third fourth fifth sixth")[n]
        if x.p(0.25):
            n, o = len(L) - 1, "last"
        return [
            U(
                x.c(
                    f"What is the {o} item?{nl}{t}",
                    f"What is the {o} item in this list?{nl}{t}",
                    f"Give me the {o} item of:{nl}{t}",
                    f"Which item is {o}?{nl}{t}",
                )
            ),
            A(f"The {o} item is {L[n]}."),
        ]
    if k < 0.54:
        n = x.r.choice(L)
        M = [i for i in L if i != n]
        return [
            U(
                x.c(
                    f"Remove {n} from the list:{nl}{t}",
                    f"Remove {n} from this list:{nl}{t}",
                    f"Delete {n} from:{nl}{t}",
                    f"Drop {n} from the list:{nl}{t}",
                )
            ),
            A(f(M)),
        ]
    if k < 0.60:
        n = x.w("object")
        return [
            U(
                x.c(
                    f"Add {n} to the end of the list:{nl}{t}",
                    f"Append {n} to this list:{nl}{t}",
                    f"Add {n} to the list:{nl}{t}",
                )
            ),
            A(f(L + [n])),
        ]
    if k < 0.68:
        t = ", ".join(L)
        return [
            U(
                x.c(
                    f"Make a bullet list: {t}",
                    f"Turn this into a bullet list: {t}",
                    f"Write as bullet points: {t}",
                    f"Format as a bullet list: {t}",
                )
            ),
            A("\n".join("- " + i for i in L)),
        ]
    if k < 0.75:
        t = ", ".join(L)
        return [
            U(x.c(f"Make a numbered list: {t}", f"Turn this into a numbered list: {t}", f"Number these items: {t}")),
            A("\n".join(f"{n+1}. {i}" for n, i in enumerate(L))),
        ]
    if k < 0.82:
        t = "\n".join("- " + i for i in L)
        return [
            U(
                x.c(
                    f"Join these items with commas:\n{t}",
                    f"Write this list on one line:\n{t}",
                    f"Turn this into a comma separated list:\n{t}",
                )
            ),
            A(", ".join(L)),
        ]
    t = ", ".join(L)
    return [
        U(
            x.c(
                f"Write this as a JSON array: {t}",
                f"Convert to a JSON array: {t}",
                f"Turn this list into JSON: {t}",
                f"As JSON array: {t}",
            )
        ),
        A(J([int(i) if i.isdigit() else i for i in L])),
    ]


def t_sort(x):
    if x.p(0.6):
        L = [str(v) for v in x.r.sample(range(1, 100), x.i(3, 6))]
        d = x.p(0.25)
        o = sorted(L, key=int, reverse=d)
        t = ", ".join(L)
        if x.p(0.25):
            m = x.p(0.5)
            v = (max if m else min)(map(int, L))
            return [
                U(
                    x.c(
                        f"What is the {'largest' if m else 'smallest'} number? {t}",
                        f"Which number is the {'largest' if m else 'smallest'}: {t}?",
                        f"Find the {'largest' if m else 'smallest'} number in {t}.",
                    )
                ),
                A(f"The {'largest' if m else 'smallest'} number is {v}."),
            ]
        q = (
            x.c(
                f"Sort these numbers from largest to smallest: {t}",
                f"Sort in descending order: {t}",
                f"Sort descending: {t}",
            )
            if d
            else x.c(
                f"Sort these numbers: {t}",
                f"Sort the numbers: {t}",
                f"Sort from smallest to largest: {t}",
                f"Sort in ascending order: {t}",
                f"Sort: {t}",
                f"Put these numbers in order: {t}",
            )
        )
        return [U(q), A(", ".join(o))]
    while True:
        L = x.ws(x.c("food", "animal", "object", "color", "name"), x.i(3, 5))
        if len({w[0].lower() for w in L}) == len(L):
            break
    t = ", ".join(L)
    return [
        U(
            x.c(
                f"Sort these words alphabetically: {t}",
                f"Sort the list alphabetically: {t}",
                f"Put these words in alphabetical order: {t}",
                f"Sort from A to Z: {t}",
            )
        ),
        A(", ".join(sorted(L, key=str.lower))),
    ]
