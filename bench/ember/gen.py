#!/usr/bin/env python3
"""Ember corpus generator. Seeded; every sample is composed here from word lists and templates, nothing is downloaded.

usage: gen.py train N SEED OUT.jsonl | gen.py eval PER_TASK SEED OUT.jsonl | gen.py arith N SEED OUT.jsonl
A sample is {"task", "messages", "tools"} or {"task": "fim", "prefix", "suffix", "middle"}.
5% of the instances (by a hash of the instance key) belong to eval and are never in train; 5% of the words too.
"""

import os
import random
import sys

from corpus.arithmetic import t_arith
from corpus.sample import Ctx, J, is_held, key_of
from corpus.tasks import TASKS, make
from corpus.text import t_sort


def main():
    mode, n, seed, out = sys.argv[1], int(sys.argv[2]), int(sys.argv[3]), sys.argv[4]
    r = random.Random(seed)
    with open(out, "w") as f:
        if mode == "arith":  # dense practice: several sums in one dialogue
            for _ in range(n):
                ms = []
                for _ in range(r.randint(3, 6)):
                    while True:
                        x = Ctx(r, False)
                        x.hard = True
                        q = t_arith(x) if r.random() < 0.85 else t_sort(x)
                        if not is_held(key_of(x, "sort", q)):
                            break
                    ms += q
                f.write(J({"task": "arith_multi", "messages": ms}) + "\n")
        elif mode == "train":
            over = dict(
                p.split("=") for p in os.environ.get("TASKW", "").split(",") if p
            )  # e.g. TASKW=retrieval=20,long=1.5
            names = list(TASKS)
            wts = [float(over.get(t, TASKS[t][1])) for t in names]
            for _ in range(n):
                f.write(J(make(r, r.choices(names, wts)[0], False)[0]) + "\n")
        else:
            seen = set()
            cnt = {}
            for t in TASKS:
                for _ in range(n * 4):
                    d, x = make(r, t, True)
                    tt = d["task"]
                    if cnt.get(tt, 0) >= n:
                        if t != "tool" or min(cnt.get(q, 0) for q in ("tool", "no_tool", "tool_answer")) >= n:
                            break
                        continue
                    s = J(d)
                    if s in seen:
                        continue
                    seen.add(s)
                    cnt[tt] = cnt.get(tt, 0) + 1
                    row = {"id": f"{tt}-{cnt[tt]}", "task": tt, "novel": bool(x.used)}
                    if tt == "fim":
                        row.update(prefix=d["prefix"], suffix=d["suffix"], expected=d["middle"])
                    else:
                        m = d["messages"]
                        row["messages"] = m[:-1]
                        last = m[-1]
                        if "tools" in d:
                            row["tools"] = d["tools"]
                        if last.get("tool_calls"):
                            row["expected_call"] = last["tool_calls"][0]["function"]
                        else:
                            row["expected"] = last["content"]
                        if x.must is not None and tt == "story":
                            row["must"] = x.must
                    f.write(J(row) + "\n")


if __name__ == "__main__":
    main()
