#!/usr/bin/env bash
# Trains Ember from nothing: corpus, tokens, weights, GGUF files.
#   bench/ember/train.sh MINUTES [FOLDER]
# The learning rate follows the clock, so training ends on time with the rate at zero. INIT=checkpoint.pt goes on from one.
# Needs python3 with numpy, PyTorch and gguf (see README.md).
set -euo pipefail

minutes=${1:?usage: train.sh MINUTES [FOLDER]}
here=$(cd "$(dirname "$0")" && pwd)
out=${2:-$here/work}
mkdir -p "$out"
cd "$here"

if [[ ! -f $out/corpus.npz ]]; then
  python3 gen.py train "${DIALOGUES:-380000}" "${SEED:-1}" "$out/corpus.jsonl"
  python3 prep.py enc "$out/corpus.jsonl" tok.json "$out/corpus.npz"
  rm "$out/corpus.jsonl"
fi
# Without these two, glibc gives every freed batch back to the system and takes it again.
export MALLOC_MMAP_THRESHOLD_=268435456 MALLOC_TRIM_THRESHOLD_=1073741824
python3 train.py ember "$minutes" "$out/ember.pt" "$out/corpus.npz"
python3 convert.py "$out/ember.pt" tok.json Ember "$out/ember" f32 f16 q8_0
echo "Evaluate it: npm run bench -- ember --model $out/ember-q8_0.gguf"
