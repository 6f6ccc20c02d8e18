"""prep.py tok CORPUS.jsonl VOCAB TOK.json | prep.py enc CORPUS.jsonl TOK.json OUT.npz"""

import sys, json, collections, numpy as np, time
import tok, render, re

SPX = re.compile("(" + "|".join(re.escape(t) for t in tok.SPECIAL) + ")")
if sys.argv[1] == "tok":
    c = collections.Counter()
    for l in open(sys.argv[2]):
        for p in SPX.split(render.text(json.loads(l))):
            if p and p not in tok.SPECIAL:
                for w in tok.pre(p):
                    c[w] += 1
    print("pretokens", len(c), sum(c.values()))
    json.dump(tok.train(c, int(sys.argv[3])), open(sys.argv[4], "w"), ensure_ascii=False)
else:
    T = tok.Tok(sys.argv[3])
    ids, mask, off = [], [], [0]
    t0 = time.time()
    by = collections.Counter()
    byn = collections.Counter()
    chars = 0
    ids = np.zeros(1 << 26, np.uint16)
    mask = np.zeros(1 << 26, np.uint8)
    n = 0
    for l in open(sys.argv[2]):
        d = json.loads(l)
        n0 = n
        # the text is tokenized as a whole, as at inference; a target never starts or ends inside a token because it is next to a special token or a newline
        render.SPLIT_CALLS = n % 8 != 0
        for t, tg in render.segments(d):
            x = T.full(t)
            ids[n : n + len(x)] = x
            mask[n : n + len(x)] = tg
            n += len(x)
            chars += len(t)
        if n - n0 > 2000:
            n = n0
            continue
        off.append(n)
        by[d["task"]] += n - n0
        byn[d["task"]] += 1
    np.savez(sys.argv[4], ids=ids[:n], mask=mask[:n], off=np.array(off))
    print(
        f"{len(off)-1} samples, {n} tokens, targets {mask[:n].mean():.3f}, chars/token {chars/n:.2f}, {time.time()-t0:.0f}s"
    )
    print({k: (byn[k], by[k] // byn[k], round(by[k] / n, 3)) for k in by})
