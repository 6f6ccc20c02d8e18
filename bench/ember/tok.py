"""Byte-level BPE for Ember: GPT-2 style, pre-tokenizer 'smollm' of llama.cpp (digits apart, then the GPT-2 regex).
A space never merges with a letter, except before the function words of FUNC, so a name has the same tokens in every place.
"""

import json, re, collections, heapq

SPECIAL = [
    "<|endoftext|>",
    "<|im_start|>",
    "<|im_end|>",
    "<tool_call>",
    "</tool_call>",
    "<tool_response>",
    "</tool_response>",
    "<tools>",
    "</tools>",
    "<|fim_prefix|>",
    "<|fim_suffix|>",
    "<|fim_middle|>",
    "<|fim_pad|>",
    "<|reserved_0|>",
    "<|reserved_1|>",
    "<|reserved_2|>",
]
RX = re.compile(r"'s|'t|'re|'ve|'m|'ll|'d| ?[^\W\d_]+| ?(?:_|[^\s\w])+|\s+(?!\S)|\s+")
DIG = re.compile(r"\d")
FUNC = (
    "the a an and or is are was of to in for with you that this from at on by as it be not no can will have has had do does what which who how where when we they he she I my your all one them than then "
    "me user may call more functions assist query provided function signatures within XML tags For each return object arguments name json your respectful honest helpful assistant Always answer question does make any sense factually coherent explain why instead answering something incorrectly If know don share false information possible tiny model ships Inferno Ember text list item lives works number"
).split()


def b2u():
    bs = list(range(33, 127)) + list(range(161, 173)) + list(range(174, 256))
    cs = bs[:]
    n = 0
    for b in range(256):
        if b not in bs:
            bs.append(b)
            cs.append(256 + n)
            n += 1
    return {b: chr(c) for b, c in zip(bs, cs)}


B2U = b2u()
U2B = {v: k for k, v in B2U.items()}


def pre(text):
    out, p = [], 0
    for m in DIG.finditer(text):
        if m.start() > p:
            out += RX.findall(text[p : m.start()])
        out.append(m.group())
        p = m.end()
    if p < len(text):
        out += RX.findall(text[p:])
    return out


def enc(w):
    return "".join(B2U[b] for b in w.encode())


SP = B2U[32]


def train(counts, n_vocab):
    words = collections.Counter()
    for w, c in counts.items():
        if len(w) > 1 and w[0] == " " and w[1].isalpha():
            w = w[1:]
        words[enc(w)] += c
    ws = [list(w) for w in words]
    cs = [words[w] for w in words]
    pairs = collections.Counter()
    where = collections.defaultdict(set)
    for i, w in enumerate(ws):
        for a, b in zip(w, w[1:]):
            pairs[a, b] += cs[i]
            where[a, b].add(i)
    func = [f for f in dict.fromkeys(FUNC)]
    n_merge = n_vocab - 256 - len(SPECIAL) - len(func)
    merges = []
    while len(merges) < n_merge:
        (a, b), c = max(pairs.items(), key=lambda kv: (kv[1], kv[0]))
        if c < 2:
            break
        merges.append((a, b))
        ab = a + b
        for i in list(where[a, b]):
            w = ws[i]
            for p in zip(w, w[1:]):
                pairs[p] -= cs[i]
                where[p].discard(i)
            o, k = [], 0
            while k < len(w):
                if k + 1 < len(w) and w[k] == a and w[k + 1] == b:
                    o.append(ab)
                    k += 2
                else:
                    o.append(w[k])
                    k += 1
            ws[i] = o
            for p in zip(o, o[1:]):
                pairs[p] += cs[i]
                where[p].add(i)
        pairs.pop((a, b), None)
    toks = {a + b for a, b in merges} | set(B2U.values())
    for f in func:
        if enc(f) in toks:
            merges.append((SP, enc(f)))
        else:
            print("func word is no token:", f)
    vocab = [B2U[b] for b in sorted(B2U, key=lambda b: B2U[b])]
    for a, b in merges:
        if a + b not in vocab:
            vocab.append(a + b)
    while len(vocab) < n_vocab - len(SPECIAL):
        vocab.append(f"<|unused_{len(vocab)}|>")
    assert len(vocab) == n_vocab - len(SPECIAL), len(vocab)
    return {"vocab": vocab + SPECIAL, "merges": [list(m) for m in merges]}


class Tok:
    def __init__(s, path):
        d = json.load(open(path))
        s.vocab = d["vocab"]
        s.merges = d["merges"]
        s.id = {t: i for i, t in enumerate(s.vocab)}
        s.rank = {tuple(m): i for i, m in enumerate(s.merges)}
        s.cache = {}
        s.sp = re.compile("(" + "|".join(re.escape(t) for t in SPECIAL) + ")")

    def word(s, w):
        r = s.cache.get(w)
        if r is not None:
            return r
        x = list(enc(w))
        while len(x) > 1:
            best, bi = None, -1
            for i in range(len(x) - 1):
                k = s.rank.get((x[i], x[i + 1]))
                if k is not None and (best is None or k < best):
                    best, bi = k, i
            if best is None:
                break
            x[bi : bi + 2] = [x[bi] + x[bi + 1]]
        r = [s.id[t] for t in x]
        s.cache[w] = r
        return r

    def text(s, t):
        out = []
        for w in pre(t):
            out += s.word(w)
        return out

    def full(s, t):
        out = []
        for p in s.sp.split(t):
            if p in s.id and p in SPECIAL:
                out.append(s.id[p])
            elif p:
                out += s.text(p)
        return out

    def decode(s, ids):
        return b"".join(
            s.vocab[i].encode() if s.vocab[i] in SPECIAL else bytes(U2B[c] for c in s.vocab[i]) for i in ids
        ).decode(errors="replace")
