#!/usr/bin/python3
"""train.py NAME MINUTES OUT.pt SHARD.npz... : two single-threaded workers, shared weights, Muon for the matrices and AdamW for the rest.
The learning rate follows the wall clock, so training ends on time with the rate at zero."""

import os, sys, time, math, json

os.environ.setdefault("OMP_NUM_THREADS", "1")
import numpy as np, torch, torch.multiprocessing as mp, torch.nn.functional as F
import model

NAME, MIN, OUT, SHARDS = sys.argv[1], float(sys.argv[2]), sys.argv[3], sys.argv[4:]
TOK = int(os.environ.get("TOK", "3072"))
MB = int(os.environ.get("MB", "2"))
W = int(os.environ.get("WORKERS", "2"))
LRM = float(os.environ.get("LRM", "4e-3"))
LRA = float(os.environ.get("LRA", "3e-3"))
PROMPT_P = 0.1
PAD = 1520
WARM = int(os.environ.get("WARM", "100"))
LR0 = float(os.environ.get("LR0", "-1"))
LR1 = float(os.environ.get("LR1", "0"))
SHORT = int(os.environ.get("SHORT", "0"))
KEEP = float(os.environ.get("KEEP", "1"))
F0 = float(os.environ.get("F0", "0"))
SEED = int(os.environ.get("SEED", "1"))
INIT = os.environ.get("INIT", "")


def load():
    ids, mask, off = [], [], [np.zeros(1, np.int64)]
    b = 0
    for s in SHARDS:
        z = np.load(s)
        ids.append(z["ids"])
        mask.append(z["mask"])
        off.append(z["off"][1:] + b)
        b += len(ids[-1])
    return np.concatenate(ids), np.concatenate(mask), np.concatenate(off)


def batches(off, seed):
    r = np.random.default_rng(seed)
    L = np.diff(off)
    while True:
        order = r.permutation(len(L))
        if SHORT:
            order = order[(L[order] <= SHORT) | (r.random(len(L)) < KEEP)]  # a phase with few long samples
        for c in range(0, len(order), 4000):
            ch = order[c : c + 4000]
            ch = ch[np.argsort(L[ch] + r.random(len(ch)))]
            out, cur, mx = [], [], 0
            for i in ch:
                if cur and max(mx, L[i]) * (len(cur) + 1) > TOK:
                    out.append(cur)
                    cur, mx = [], 0
                cur.append(i)
                mx = max(mx, L[i])
            if cur:
                out.append(cur)
            # pairs of about equal length: one for each worker, so that no worker waits for the other
            pr = [out[i : i + W] for i in range(0, len(out) - W + 1, W)]
            r.shuffle(pr)
            yield from pr


def ns(G):
    X = G.bfloat16()
    t = X.shape[0] > X.shape[1]
    if t:
        X = X.t().contiguous()
    X = X / (X.float().norm() + 1e-7).bfloat16()
    for _ in range(5):
        A = X @ X.t()
        B = -4.7750 * A + 2.0315 * (A @ A)
        X = 3.4445 * X + B @ X
    return (X.t() if t else X).float()


def worker(rank, m, grads, stat, bar, t0):
    torch.set_num_threads(1)
    torch.manual_seed(SEED * 100 + rank)
    ids, mask, off = load()
    gen = batches(off, SEED)
    ps = list(m.parameters())
    names = [n for n, _ in m.named_parameters()]
    sizes = [p.numel() for p in ps]
    offs = np.cumsum([0] + sizes)
    mu = [i for i, n in enumerate(names) if "blocks" in n and ps[i].dim() == 2]
    ad = [i for i in range(len(ps)) if i not in mu]
    cost = lambda i: ps[i].numel() * min(ps[i].shape)
    # split the update work between the workers
    load_, mine = [0.0] * W, [[] for _ in range(W)]
    for i in sorted(mu, key=cost, reverse=True):
        k = int(np.argmin(load_))
        mine[k].append(i)
        load_[k] += cost(i)
    for j, i in enumerate(sorted(ad, key=lambda i: -sizes[i])):
        mine[j % W].append(i)
    st = {i: [torch.zeros_like(ps[i]), torch.zeros_like(ps[i])] for i in mine[rank]}
    step, ema, ntok, last, saved = 0, None, 0, time.time(), time.time()
    log = open(OUT + ".log", "a") if rank == 0 else None
    while True:
        fr = min(1.0, F0 + (1 - F0) * (time.time() - t0) / (MIN * 60))
        if rank == 0:
            stat[W * 4] = 1.0 if fr >= 1 else 0.0
            stat[W * 4 + 1] = fr
        tot = cnt = pad = 0
        for mb in range(MB):
            b = next(gen)[rank]
            L = max(off[i + 1] - off[i] for i in b)
            x = np.full((len(b), L), PAD, np.int64)
            y = np.full((len(b), L), -1, np.int64)
            for r_, i in enumerate(b):
                s, e = off[i], off[i + 1]
                n = e - s
                x[r_, :n] = ids[s:e]
                mk = mask[s + 1 : e].astype(bool) | (np.random.rand(n - 1) < PROMPT_P)
                y[r_, : n - 1][mk] = ids[s + 1 : e][mk]
            x, y = torch.from_numpy(x), torch.from_numpy(y).view(-1)
            sel = (y >= 0).nonzero()[:, 0]
            y = y[sel]
            loss = F.cross_entropy(m(x, sel), y, reduction="sum")
            fl = torch.cat([g.reshape(-1) for g in torch.autograd.grad(loss, ps)])
            grads[rank].copy_(fl) if mb == 0 else grads[rank].add_(fl)
            tot += float(loss)
            cnt += len(y)
            pad += x.numel()
        stat[rank * 4] = tot
        stat[rank * 4 + 1] = cnt
        stat[rank * 4 + 2] = pad
        bar.wait()
        n = sum(float(stat[k * 4 + 1]) for k in range(W))
        tl = sum(float(stat[k * 4]) for k in range(W)) / n
        ntok += int(sum(float(stat[k * 4 + 2]) for k in range(W)))
        fr = float(stat[W * 4 + 1])
        stop = float(stat[W * 4]) > 0
        lr = min(1, (step + 1) / WARM) * (
            LR0 + (LR1 - LR0) * min(1.0, max(0.0, fr)) if LR0 >= 0 else min(1.0, max(0.0, (1 - fr)) / 0.65)
        )
        with torch.no_grad():
            for i in mine[rank]:
                g = grads[:, offs[i] : offs[i + 1]].sum(0).view_as(ps[i]) / n
                m1, m2 = st[i]
                if i in mu:
                    m1.mul_(0.95).add_(g)
                    u = g + 0.95 * m1
                    rows = ps[i].shape[0]
                    parts = 2 if ".gu." in names[i] else 1  # gate and up apart
                    if ".qkv." in names[i]:
                        c = m.c
                        sp = [c["heads"] * c["hd"], c["kv"] * c["hd"], c["kv"] * c["hd"]]
                    else:
                        sp = [rows // parts] * parts
                    o = torch.cat([ns(q) * 0.2 * math.sqrt(max(q.shape)) for q in u.split(sp)])
                    ps[i].mul_(1 - LRM * lr * 0.02).sub_(o, alpha=LRM * lr)
                else:
                    m1.mul_(0.9).add_(g, alpha=0.1)
                    m2.mul_(0.97).addcmul_(g, g, value=0.03)
                    k = step + 1
                    ps[i].addcdiv_(m1 / (1 - 0.9**k), (m2 / (1 - 0.97**k)).sqrt_().add_(1e-9), value=-LRA * lr)
        bar.wait()
        step += 1
        if rank == 0:
            ema = tl if ema is None else 0.98 * ema + 0.02 * tl
            if step % 20 == 0:
                print(
                    f"step {step} loss {ema:.4f} tok {ntok/1e6:.2f}M lr {lr:.3f} frac {fr:.3f} {(time.time()-last)/20:.3f}s/step",
                    file=log,
                    flush=True,
                )
                last = time.time()
            if stop or time.time() - saved > 120:
                torch.save({"cfg": m.c, "sd": m.state_dict(), "step": step, "tok": ntok, "loss": ema}, OUT + ".tmp")
                os.replace(OUT + ".tmp", OUT)
                saved = time.time()
        if stop:
            break


if __name__ == "__main__":
    torch.manual_seed(SEED)
    m = model.Ember(model.CFG[NAME])
    if INIT:
        m.load_state_dict(torch.load(INIT)["sd"])
    m.share_memory()
    n = sum(p.numel() for p in m.parameters())
    grads = torch.zeros(W, n).share_memory_()
    stat = torch.zeros(W * 4 + 2).share_memory_()
    ctx = mp.get_context("fork")
    bar = ctx.Barrier(W)
    t0 = time.time()
    pr = [ctx.Process(target=worker, args=(k, m, grads, stat, bar, t0)) for k in range(W)]
    [p.start() for p in pr]
    [p.join() for p in pr]
