"""Questions about, and edits of, inferno.yaml."""

from .sample import A, U, jn
from .words import NUMW, pseudo

QUANT = ["Q4_K_M", "Q8_0", "Q5_K_M", "Q4_0", "F16", "Q6_K", "Q3_K_M", "IQ4_XS"]


def t_yaml(x):
    n = x.r.choices((1, 2, 3), (6, 2, 1))[0]
    ms, ds = [], []
    for _ in range(n):
        nm = x.c(
            x.w("object"),
            x.w("animal"),
            x.w("color"),
            x.w("company").lower(),
            "ember",
            "qwen",
            "llama",
            "phi",
            "gemma",
            "mistral",
            pseudo(x.r),
        ) + x.c("", "", "-" + x.c("small", "large", "chat", "code", "mini"), "-" + str(x.i(1, 70)) + "b")
        m = {"name": nm}
        parts = []
        opt = [
            (
                "path",
                lambda: x.c("./models/", "models/", "/data/", "/opt/models/", "")
                + nm
                + x.c("", "", "-" + x.c("q4", "q8", "f16"))
                + ".gguf",
            ),
            ("context", lambda: x.c(512, 1024, 2048, 4096, 8192, 16384, 32768)),
            ("gpuLayers", lambda: x.c(0, x.i(1, 80), x.i(1, 40))),
            ("quantization", lambda: x.r.choice(QUANT)),
        ]
        for k, v in opt:
            if x.p(0.72):
                m[k] = v()
        ms.append(m)
        desc = {
            "path": ["at {}", "with path {}", "path {}"],
            "context": ["with context {}", "context {}", "a context of {}"],
            "gpuLayers": ["{} gpu layers", "gpuLayers {}", "with {} GPU layers"],
            "quantization": ["quantization {}", "with {} quantization", "quantized as {}"],
        }
        for k in m:
            if k != "name":
                parts.append(x.r.choice(desc[k]).format(m[k]))
        ds.append(
            (f"{x.c('a model named', 'the model', 'model')} {nm}" if n == 1 else nm)
            + ("" if not parts else " " + ", ".join(parts))
        )
    d = jn(ds, ", and") if n == 1 else "; ".join(ds)
    q = (
        x.c(
            f"Write an inferno.yaml for {d}.",
            f"Write inferno.yaml with {d}.",
            f"Create an inferno.yaml for {d}",
            f"Give me the inferno.yaml for {d}.",
            f"Config for {d} in inferno.yaml please.",
        )
        if n == 1
        else x.c(
            f"Write an inferno.yaml with these models: {d}.",
            f"Create inferno.yaml with {NUMW[n]} models: {d}",
            f"Write an inferno.yaml for the models {d}.",
        )
    )
    if x.p(0.2):
        q = q[:-1] if q.endswith(".") else q + "."
    y = "models:\n" + "\n".join("  - " + "\n    ".join(f"{k}: {v}" for k, v in m.items()) for m in ms)
    return [U(q), A(y)]
