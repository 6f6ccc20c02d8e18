"""Ember in PyTorch: the qwen3 architecture (RMSNorm, GQA, q/k norm, NEOX RoPE, SwiGLU, tied embeddings), linears in bf16."""

import math, torch, torch.nn as nn, torch.nn.functional as F

CFG = {
    "ember": dict(vocab=1536, d=256, layers=4, heads=8, kv=2, hd=32, ff=512, ctx=2048, theta=10000.0, eps=1e-6),
    "draft": dict(vocab=1536, d=128, layers=2, heads=4, kv=1, hd=32, ff=192, ctx=2048, theta=10000.0, eps=1e-6),
}


class BLin(torch.autograd.Function):
    @staticmethod
    def forward(ctx, x, w):  # x bf16 [N, k], w fp32 [n, k]
        wb = w.bfloat16()
        ctx.save_for_backward(x, wb)
        return x @ wb.t()

    @staticmethod
    def backward(ctx, g):
        x, wb = ctx.saved_tensors
        return g @ wb, (g.t() @ x).float()


class Lin(nn.Module):
    def __init__(s, i, o, std):
        super().__init__()
        s.weight = nn.Parameter(torch.randn(o, i) * std)

    def forward(s, x, bf):
        return BLin.apply(x, s.weight) if bf else x @ s.weight.t()


class RMS(torch.autograd.Function):
    @staticmethod
    def forward(ctx, x, w, eps):
        r = torch.rsqrt((x * x).mean(-1, keepdim=True) + eps)
        n = x * r
        ctx.save_for_backward(n, r, w)
        return n * w

    @staticmethod
    def backward(ctx, g):
        n, r, w = ctx.saved_tensors
        gw = (g * n).reshape(-1, n.shape[-1]).sum(0)
        gn = g * w
        return r * (gn - n * (gn * n).mean(-1, keepdim=True)), gw, None


class Norm(nn.Module):
    def __init__(s, n, eps):
        super().__init__()
        s.weight = nn.Parameter(torch.ones(n))
        s.eps = eps

    def forward(s, x):
        return RMS.apply(x, s.weight, s.eps)


class SwiGLU(torch.autograd.Function):
    @staticmethod
    def forward(ctx, h):
        a, b = h.chunk(2, -1)
        sg = torch.sigmoid(a)
        s = a * sg
        ctx.save_for_backward(a, b, sg, s)
        return s * b

    @staticmethod
    def backward(ctx, g):
        a, b, sg, s = ctx.saved_tensors
        return torch.cat([g * b * (sg + s - s * sg), g * s], -1)


def attend(q, k, v, mask, C=128):
    """causal attention in blocks of C queries, so that no block looks at keys after it. q [N,G,T,D] k [N,D,T] v [N,T,D]"""
    N, G, T, D = q.shape
    out = []
    for s in range(0, T, C):
        e = min(T, s + C)
        if T - e < C // 4:
            e = T
        a = torch.bmm(q[:, :, s:e].reshape(N, G * (e - s), D), k[:, :, :e]).view(N, G, e - s, e)
        a = torch.softmax(a + mask[s:e, :e], -1).view(N, G * (e - s), e)
        out.append(torch.bmm(a, v[:, :e]).view(N, G, e - s, D))
        if e == T:
            break
    return out[0] if len(out) == 1 else torch.cat(out, 2)


class Block(nn.Module):
    def __init__(s, c):
        super().__init__()
        s.c = c
        d, o = c["d"], 0.02 / math.sqrt(2 * c["layers"])
        s.n1, s.n2, s.qn, s.kn = (
            Norm(d, c["eps"]),
            Norm(d, c["eps"]),
            Norm(c["hd"], c["eps"]),
            Norm(c["hd"], c["eps"]),
        )
        s.qkv = Lin(d, (c["heads"] + 2 * c["kv"]) * c["hd"], d**-0.5)
        s.o = Lin(c["heads"] * c["hd"], d, o)
        s.gu = Lin(d, 2 * c["ff"], d**-0.5)
        s.down = Lin(c["ff"], d, o)

    def forward(s, x, cos, sin, mask, bf):
        c = s.c
        B, T, d = x.shape
        H, K, D = c["heads"], c["kv"], c["hd"]
        cast = (lambda t: t.bfloat16()) if bf else (lambda t: t)
        h = cast(s.n1(x)).view(B * T, d)
        qkv = s.qkv(h, bf).float().view(B, T, H + 2 * K, D)
        q, k, v = s.qn(qkv[:, :, :H]), s.kn(qkv[:, :, H : H + K]), qkv[:, :, H + K :]

        def rope(t):
            a, b = t[..., : D // 2], t[..., D // 2 :]
            return torch.cat([a * cos - b * sin, b * cos + a * sin], -1)

        q, k = rope(q) * D**-0.5, rope(k)
        G = H // K
        q = cast(q).view(B, T, K, G, D).permute(0, 2, 3, 1, 4).reshape(B * K, G * T, D)
        k = cast(k).permute(0, 2, 3, 1).reshape(B * K, D, T)
        v = cast(v).permute(0, 2, 1, 3).reshape(B * K, T, D)
        y = (
            attend(q.view(B * K, G, T, D), k, v, mask)
            .view(B, K, G, T, D)
            .permute(0, 3, 1, 2, 4)
            .reshape(B * T, H * D)
        )
        x = x + s.o(y, bf).float().view(B, T, d)
        h = cast(s.n2(x)).view(B * T, d)
        return x + s.down(SwiGLU.apply(s.gu(h, bf)), bf).float().view(B, T, d)


class Ember(nn.Module):
    def __init__(s, c):
        super().__init__()
        s.c = c
        s.emb = nn.Embedding(c["vocab"], c["d"])
        nn.init.normal_(s.emb.weight, std=0.02)
        s.blocks = nn.ModuleList(Block(c) for _ in range(c["layers"]))
        s.norm = Norm(c["d"], c["eps"])
        f = c["theta"] ** (-torch.arange(0, c["hd"], 2).float() / c["hd"])
        t = torch.arange(c["ctx"]).float()[:, None] * f[None]
        s.register_buffer("cos", t.cos(), False)
        s.register_buffer("sin", t.sin(), False)
        s.masks = {}

    def forward(s, ids, sel=None, bf=True):
        B, T = ids.shape
        x = s.emb(ids)
        dt = torch.bfloat16 if bf else torch.float32
        m = s.masks.get((T, dt))
        if m is None:
            m = s.masks[T, dt] = torch.full((T, T), float("-inf")).triu(1).to(dt)
        cos, sin = s.cos[None, :T, None], s.sin[None, :T, None]
        for b in s.blocks:
            x = b(x, cos, sin, m, bf)
        x = s.norm(x).view(B * T, -1)
        if sel is not None:
            x = x[sel]
        return BLin.apply(x.bfloat16(), s.emb.weight).float() if bf else x @ s.emb.weight.t()
