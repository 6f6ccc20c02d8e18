#!/usr/bin/python3
"""convert.py CKPT.pt TOK.json NAME OUTPREFIX f32|f16|q8_0 ... : writes GGUF files (qwen3 architecture). Needs gguf-py on PYTHONPATH."""

import sys, json, os, numpy as np, torch, gguf, tok
from gguf import quants, GGMLQuantizationType as Q

ck, tj, name, pre, kinds = sys.argv[1], sys.argv[2], sys.argv[3], sys.argv[4], sys.argv[5:]
z = torch.load(ck)
c = z["cfg"]
sd = {k: v.float().numpy() for k, v in z["sd"].items()}
T = json.load(open(tj))
H, K, D, ff = c["heads"], c["kv"], c["hd"], c["ff"]
t = {"token_embd.weight": sd["emb.weight"], "output_norm.weight": sd["norm.weight"]}
for i in range(c["layers"]):
    s, b = f"blocks.{i}.", f"blk.{i}."
    qkv, gu = sd[s + "qkv.weight"], sd[s + "gu.weight"]
    t.update(
        {
            b + "attn_norm.weight": sd[s + "n1.weight"],
            b + "attn_q.weight": qkv[: H * D],
            b + "attn_k.weight": qkv[H * D : (H + K) * D],
            b + "attn_v.weight": qkv[(H + K) * D :],
            b + "attn_output.weight": sd[s + "o.weight"],
            b + "attn_q_norm.weight": sd[s + "qn.weight"],
            b + "attn_k_norm.weight": sd[s + "kn.weight"],
            b + "ffn_norm.weight": sd[s + "n2.weight"],
            b + "ffn_gate.weight": gu[:ff],
            b + "ffn_up.weight": gu[ff:],
            b + "ffn_down.weight": sd[s + "down.weight"],
        }
    )
for kind in kinds:
    out = f"{pre}-{kind}.gguf"
    w = gguf.GGUFWriter(out + ".tmp", "qwen3")
    n = sum(v.size for v in t.values())
    w.add_name(name)
    w.add_description("A tiny chat model that ships with Inferno, trained from scratch on a synthetic corpus")
    w.add_license("apache-2.0")
    w.add_basename(name)
    w.add_size_label(f"{n/1e6:.1f}M")
    w.add_organization("Inferno")
    w.add_type("model") if hasattr(w, "add_type") else None
    w.add_languages(["en"])
    w.add_context_length(c["ctx"])
    w.add_embedding_length(c["d"])
    w.add_block_count(c["layers"])
    w.add_feed_forward_length(ff)
    w.add_head_count(H)
    w.add_head_count_kv(K)
    w.add_key_length(D)
    w.add_value_length(D)
    w.add_layer_norm_rms_eps(c["eps"])
    w.add_rope_freq_base(c["theta"])
    w.add_vocab_size(c["vocab"])
    w.add_file_type(
        {
            "f32": gguf.LlamaFileType.ALL_F32,
            "f16": gguf.LlamaFileType.MOSTLY_F16,
            "q8_0": gguf.LlamaFileType.MOSTLY_Q8_0,
        }[kind]
    )
    w.add_quantization_version(2)
    w.add_tokenizer_model("gpt2")
    w.add_tokenizer_pre("smollm")
    w.add_token_list(T["vocab"])
    w.add_token_merges([a + " " + b for a, b in T["merges"]])
    ud = {"<tool_call>", "</tool_call>", "<tool_response>", "</tool_response>", "<tools>", "</tools>"}
    w.add_token_types(
        [4 if v in ud else 3 if v in tok.SPECIAL else 5 if v.startswith("<|unused_") else 1 for v in T["vocab"]]
    )
    I = {v: i for i, v in enumerate(T["vocab"])}
    w.add_bos_token_id(I["<|endoftext|>"])
    w.add_eos_token_id(I["<|im_end|>"])
    w.add_pad_token_id(I["<|endoftext|>"])
    w.add_eot_token_id(I["<|im_end|>"])
    w.add_add_bos_token(False)
    w.add_add_eos_token(False) if hasattr(w, "add_add_eos_token") else None
    for k, v in (
        ("fim_pre", "<|fim_prefix|>"),
        ("fim_suf", "<|fim_suffix|>"),
        ("fim_mid", "<|fim_middle|>"),
        ("fim_pad", "<|fim_pad|>"),
    ):
        w.add_uint32(f"tokenizer.ggml.{k}_token_id", I[v])
    w.add_chat_template(
        open(os.path.join(os.path.dirname(os.path.abspath(__file__)), "chat_template.jinja")).read().rstrip("\n")
    )
    for k, v in t.items():
        v = np.ascontiguousarray(v)
        if v.ndim == 1 or kind == "f32":
            w.add_tensor(k, v.astype(np.float32))
        elif kind == "f16":
            w.add_tensor(k, v.astype(np.float16))
        else:
            w.add_tensor(k, quants.quantize(v.astype(np.float32), Q.Q8_0), raw_dtype=Q.Q8_0)
    w.write_header_to_file()
    w.write_kv_data_to_file()
    w.write_tensors_to_file()
    w.close()
    os.replace(out + ".tmp", out)
    print(out, os.path.getsize(out), n, "params")
