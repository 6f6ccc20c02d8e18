"""What one sample is made with: a seeded random source, word pools, and the shorthand of the dialogue."""

import json
import zlib

from .words import P


class Ctx:
    def __init__(s, r, ev):
        s.r, s.ev, s.used = r, ev, []

    def w(s, kind):
        return P[kind].pick(s.r, s.ev, s.used)

    def ws(s, kind, n):
        out = []
        while len(out) < n:
            x = s.w(kind)
            if x not in out:
                out.append(x)
        return out

    def c(s, *xs):
        return s.r.choice(xs)

    def p(s, x):
        return s.r.random() < x

    def i(s, a, b):
        return s.r.randint(a, b)


def J(o):
    return json.dumps(o, ensure_ascii=False)


def aan(w):
    return ("an " if w[0].lower() in "aeiou" else "a ") + w


def U(t):
    return {"role": "user", "content": t}


def A(t):
    return {"role": "assistant", "content": t}


def S(t):
    return {"role": "system", "content": t}


def jn(xs, word="and"):
    return xs[0] if len(xs) == 1 else ", ".join(xs[:-1]) + f" {word} " + xs[-1]


def cap(t):
    return t[0].upper() + t[1:]


def key_of(x, task, m):
    return getattr(x, "key", None) or task + "|" + "|".join(q["content"] for q in m if q["role"] in ("user", "tool"))


def is_held(key):
    return zlib.crc32(key.encode()) % 20 == 0
