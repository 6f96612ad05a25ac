"""Stage (b): language model on caption text. Loss: mean over tokens of -log p(w_t | <bos> w_<t), next-token cross
entropy. STEPS batches of 256 captions (default 800), the last TAIL of them (default 120) of Flickr8k and Flickr30k
only, so that the end of the schedule speaks of the photos that will be seen. CORPUS=coco trains on COCO's captions
alone (from INIT): it samples memory sentences of things that Flickr's captions seldom name. A cut run goes on from its
checkpoint."""

import math
import os
import random

import torch
import torch.nn.functional as F
from common import (
    EMA,
    SEED,
    Optimizers,
    Running,
    bf16,
    descend,
    encode,
    lengths_of,
    load,
    metrics,
    pad,
    save,
    seed,
    tokenizer,
    trapezoid,
)
from data import BOS, EOS, flickr8k, text_groups
from nets import LM


def corpus():
    a, b = flickr8k()
    g = text_groups()
    tok = tokenizer()
    if os.environ.get("CORPUS") == "coco":
        own = encode([c for x in g["coco"] for c in x], tok)
        return own, own, encode([c for r in b for c in r["captions"]], tok)
    f8 = [c for r in a for c in r["captions"]]
    f30 = [c for x in g["flickr30k"] for c in x]
    return (
        encode(f8 * 2 + f30 + [c for x in g["coco"] for c in x], tok),
        encode(f8 * 2 + f30, tok),
        encode([c for r in b for c in r["captions"]], tok),
    )


def batches(seqs, size, rng):
    """Batches of captions of nearly one length, so that little is padding, in random order; for ever."""
    while True:
        order = list(range(len(seqs)))
        rng.shuffle(order)
        for i in range(0, max(1, len(order) - size * 40 + 1), size * 40):
            chunk = sorted(order[i : i + size * 40], key=lambda j: len(seqs[j]))
            parts = [chunk[k : k + size] for k in range(0, len(chunk), size)]
            rng.shuffle(parts)
            for part in parts:
                yield [seqs[j] for j in part]


def loss_of(model, seqs):
    x = pad([[BOS] + s + [EOS] for s in seqs])
    lengths = lengths_of(seqs)
    target = x[:, 1:].clone()
    mask = torch.arange(target.shape[1]) < lengths[:, None]
    with bf16():
        h = model.gpt(model.wte(x[:, :-1]))
        logits = h[mask] @ model.wte.weight.T
    return F.cross_entropy(logits.float(), target[mask])


def perplexity(model, seqs):
    """exp of the mean over tokens."""
    model.eval()
    total = tokens = 0
    with torch.no_grad():
        for i in range(0, len(seqs), 250):
            n = sum(len(s) + 1 for s in seqs[i : i + 250])
            total += loss_of(model, seqs[i : i + 250]).item() * n
            tokens += n
    model.train()
    return math.exp(total / tokens)


def main(
    steps=int(os.environ.get("STEPS", 800)), tail=int(os.environ.get("TAIL", 120)), out=os.environ.get("OUT", "lm")
):
    seed()
    train, late, held = corpus()
    print(len(train), "captions", flush=True)
    model = LM()
    if os.environ.get("INIT"):
        model.load_state_dict(load(os.environ["INIT"])["lm"])
    model.wte.weight.requires_grad_(not os.environ.get("FREEZE_TABLE"))
    for m in model.modules():
        if isinstance(m, torch.nn.Dropout):
            m.p = 0.0  # less than one pass over the text
    opt = Optimizers([model], float(os.environ.get("LR", 4e-3)), float(os.environ.get("MUON", 0.02)))
    ema = EMA([model], 0.98)
    run = Running(out, {"lm": model, "optimizers": opt, "average": ema})
    early, end = batches(train, 256, random.Random(SEED + run.step)), batches(late, 256, random.Random(SEED + run.step))
    for step in range(run.step, steps):
        loss = loss_of(model, next(end if step >= steps - tail else early))
        descend(loss, trapezoid(step, steps), opt)
        ema.update()
        run.tick(step + 1)
        if (step + 1) % 50 == 0:
            print(
                out,
                step + 1,
                f"{run.seconds:.0f}s loss {loss.item():.3f}",
                f"held-out perplexity {perplexity(model, held[:500]):.2f}" if (step + 1) % 100 == 0 else "",
                flush=True,
            )
    ema.swap()
    reached = perplexity(model, held)
    print(out, "held-out perplexity", reached, flush=True)
    save(out, {"lm": model.state_dict(), "steps": steps, "perplexity": reached, "seconds": run.seconds})
    metrics(out, steps=steps, seconds=round(run.seconds), heldOutPerplexity=round(reached, 2))
    run.finish()


if __name__ == "__main__":
    main()
