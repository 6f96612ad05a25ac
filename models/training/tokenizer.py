"""Stage 0: a byte-level BPE of 6,000 entries on the caption text."""

import json
import os
import sys

from common import metrics
from data import RUNS, flickr8k, text_groups
from tokenizers import Tokenizer, decoders, models, normalizers, pre_tokenizers, trainers

V = 6000


def train(out):
    t = Tokenizer(models.BPE())
    t.normalizer = normalizers.Lowercase()
    t.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=True)
    t.decoder = decoders.ByteLevel()
    tr = trainers.BpeTrainer(
        vocab_size=V, special_tokens=["<pad>", "<bos>", "<eos>"], initial_alphabet=pre_tokenizers.ByteLevel.alphabet()
    )
    a, _ = flickr8k()
    g = text_groups()
    t.train_from_iterator(
        (c for rows in ([r["captions"] for r in a], g["flickr30k"], g["coco"]) for cs in rows for c in cs), tr
    )
    t.save(out)
    json.dump(
        {
            "tokenizer_class": "PreTrainedTokenizerFast",
            "bos_token": "<bos>",
            "eos_token": "<eos>",
            "pad_token": "<pad>",
            "clean_up_tokenization_spaces": False,
            "model_max_length": 64,
        },
        open(os.path.join(os.path.dirname(out), "tokenizer_config.json"), "w"),
    )
    return t


if __name__ == "__main__":
    t = train(sys.argv[1] if len(sys.argv) > 1 else os.path.join(RUNS, "tokenizer.json"))
    held = [c for r in flickr8k()[1] for c in r["captions"]]
    metrics(
        "tokenizer",
        entries=t.get_vocab_size(),
        heldOutTokensPerWord=round(sum(len(t.encode(c).ids) for c in held) / sum(len(c.split()) for c in held), 3),
    )
    e = t.encode("a brown dog is running through the snow")
    print(t.get_vocab_size(), e.tokens, t.decode(e.ids))
