"""Stage (e): DeCap (arXiv 2303.03032). `train`: reconstruct a caption from its own text embedding (one linear prefix,
no noise). `memory`: the support set, sentences sampled from our own language model (seeded, nucleus), exact training
captions removed, embedded by the text tower: ROWS (12,000) of one that speaks as Flickr's captions do, and COCO_ROWS
(4,000) of one that speaks as COCO's (lm.py CORPUS=coco), so that kitchens, trains and food have sentences near them. At
inference e' = normalise(sum_i softmax_i(e . m_i / tau) m_i)."""

import os
import sys
import time

import numpy as np
import torch
from common import DEVICE, SEED, encode, load, metrics, save, seed, tokenizer
from data import BOS, EOS, clean, flickr8k, lines, text_groups
from nets import LM
from prefix import held_set, new_decoder, project, text_sample, train


@torch.no_grad()
def covering(memory, e, n, voters):
    """The n rows of `memory` that are most often the nearest one of a training caption (voters: sets of embeddings and
    what one of their captions counts), in the order in which they were sampled: what people say, not what was drawn by
    chance."""
    votes = torch.zeros(len(memory))
    for name, weight in voters.items():
        for rows in e[name].split(4096):
            top = (rows @ memory.T).topk(3, -1).indices.flatten()
            votes.index_add_(0, top, torch.full(top.shape, weight))
    return votes.argsort(descending=True)[:n].sort().values.tolist()


@torch.no_grad()
def sentences(n, top_p=0.92, temperature=0.85, size=2000 if DEVICE != "cpu" else 500):
    """Distinct new sentences of 6 to 16 words from the language model, in the order in which they were sampled."""
    from evaluate import Steps

    lm = LM()
    lm.load_state_dict(load(os.environ.get("LM", "lm"))["lm"])
    lm.eval()
    tok = tokenizer()
    table = lm.wte.weight
    known = {c for r in flickr8k()[0] for c in r["captions"]} | {
        c for gs in text_groups().values() for g in gs for c in g
    }
    out, generator = {}, torch.Generator(DEVICE).manual_seed(SEED)
    while len(out) < n:
        body = Steps(lm.gpt)
        h = body.feed(table[torch.full((size, 1), BOS)])
        rows = [[] for _ in range(size)]
        live = torch.ones(size, dtype=torch.bool)
        for _ in range(22):
            p = (h[:, -1] @ table.T / temperature).softmax(-1)
            p[:, :2] = 0
            top, ids = p.topk(300, -1)
            top[(top.cumsum(-1) - top) > top_p] = 0
            token = ids.gather(1, torch.multinomial(top, 1, generator=generator))[:, 0]
            live &= token != EOS
            for row, word, going in zip(rows, token.tolist(), live.tolist()):
                if going:
                    row.append(word)
            if not live.any():
                break
            h = body.feed(table[token[:, None]])
        for r, unfinished in zip(rows, live.tolist()):
            s = clean(tok.decode(r))
            w = s.split()
            if (
                not unfinished
                and 6 <= len(w) <= 16
                and s not in known
                and all(a != b for a, b in zip(w, w[1:]))
                and len({*zip(w, w[1:])}) == len(w) - 1
            ):
                out[s] = 1
    return list(out)[:n]


if __name__ == "__main__":
    seed()
    start = time.time()
    if sys.argv[1] == "sentences":
        out, found = os.environ.get("OUT", "sentences"), sentences(int(os.environ.get("SAMPLED", 60000)))
        save(out, found)
        metrics(
            out,
            sentences=len(found),
            words=round(np.mean([len(s.split()) for s in found]), 1),
            seconds=round(time.time() - start),
        )
    elif sys.argv[1] == "memory":
        from joint import Joint, embed_texts, wte

        j = Joint()
        j.load_state_dict(load("joint")["joint"])
        e = load(os.environ.get("EMBEDDINGS", "embeddings"))
        texts, rows = [], []
        measured = {c for r in flickr8k()[1] for c in r["captions"]} | {
            clean(c) for file in ("flickr8k/val.jsonl", "coco/val.jsonl") for r in lines(file) for c in r["captions"]
        }
        for source, count, voters in (
            ("sentences", int(os.environ.get("ROWS", 12000)), {"f8e": 1.0, "moree": 1.0, "cocoe": 0.25}),
            ("sentences-coco", int(os.environ.get("COCO_ROWS", 4000)), {"cocoe": 1.0}),
        ):
            known = set(texts)
            s = [
                x for x in load(source) if x not in measured and x not in known
            ]  # nor captions of photos that are measured on
            m = embed_texts(j, encode(s), wte())
            kept = covering(m, e, count, voters)
            texts += [s[i] for i in kept]
            rows.append(m[kept])
        rows = torch.cat(rows)
        save("memory", {"sentences": texts, "embeddings": rows})
        nearest = {
            name: round((embed_texts(j, encode(some), wte()) @ rows.T).max(1).values.mean().item(), 3)
            for name, some in (
                ("flickr8k", [r["captions"][0] for r in flickr8k()[1]]),
                ("coco", [g[0] for g in text_groups()["coco"][:500]]),
            )
        }
        metrics("memory", rows=len(texts), cosineOfNearestRow=nearest, seconds=round(time.time() - start))
    else:
        e = load(os.environ.get("EMBEDDINGS", "embeddings"))
        net, table = new_decoder(1, None)
        x, seqs = held_set(e)
        held = project(x, load("memory")["embeddings"], 0.04), seqs
        train(
            os.environ.get("OUT", "decap"), net, table, text_sample(e, 0.0, memory=load("memory")["embeddings"]), held
        )
