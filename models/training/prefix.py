"""What ClipCap, CapDec and DeCap share: a prefix from a unit embedding e, then next-token cross entropy

    L = -1/T sum_t log p(w_t | prefix(e), w_<t) over w1 .. wn <eos>,

with the language model's blocks fine-tuned and its token table frozen."""

import math
import os

import numpy as np
import torch
import torch.nn.functional as F
from common import (
    EMA,
    SEED,
    Best,
    Optimizers,
    Running,
    bf16,
    descend,
    encode,
    from_array,
    lengths_of,
    load,
    metrics,
    pad,
    save,
    trapezoid,
)
from data import EOS, flickr8k, photos, text_groups
from nets import LM, Prefix


def new_decoder(prefixes, hidden, drop=0.0):
    lm = LM()
    lm.load_state_dict(load("lm")["lm"])
    net = Prefix(prefixes, hidden, drop)
    net.gpt.load_state_dict(lm.gpt.state_dict())
    torch.nn.init.normal_(net.fc2.weight, std=0.3 * net.fc2.in_features**-0.5)
    torch.nn.init.zeros_(net.fc2.bias)
    if os.environ.get(
        "INIT"
    ):  # a second round with a fresh schedule; `name:last` starts from the last step instead of the kept one
        name, _, which = os.environ["INIT"].partition(":")
        net.load_state_dict(load(name)[which or "net"])
    return net, lm.wte.weight.detach()


def loss_of(net, e, seqs, table, smoothing=0.0):
    ids = pad([s + [EOS] for s in seqs])
    lengths = lengths_of(seqs)
    mask = torch.arange(ids.shape[1]) < lengths[:, None]
    with bf16():
        logits = net(e, table[ids[:, :-1]])[mask] @ table.T
    return F.cross_entropy(logits.float(), ids[mask], label_smoothing=smoothing)


def held_set(e):
    """Held-out photos' embeddings (plain view) and captions."""
    names, _ = photos()
    _, held = flickr8k()
    return e["images"][0, [names[r["image"]] for r in held for _ in r["captions"][:2]]], encode(
        [c for r in held for c in r["captions"][:2]]
    )


def train(
    name,
    net,
    table,
    sample,
    held,
    steps=int(os.environ.get("STEPS", 600)),
    lr=float(os.environ.get("LR", 8e-4)),
    muon=float(os.environ.get("MUON", 0)),
    batch=int(os.environ.get("BATCH", 128)),
    smoothing=0.05,
    extra=None,
):
    """`sample(rng, n)` -> (embeddings, sequences). Batches are cut from a sorted pool, so that little is padding. The
    exponential average with the best held-out loss is kept. FREEZE_LM=1 trains the mapper alone (ClipCap's frozen
    variant)."""
    if os.environ.get("FREEZE_LM"):
        net.gpt.requires_grad_(False)
    opt = Optimizers([net], lr, muon)
    ema = EMA([net], 0.99)
    best = Best()
    run = Running(name, {"net": net, "optimizers": opt, "average": ema, "best": best})
    rng = np.random.default_rng([SEED, run.step])

    @torch.no_grad()
    def measure():
        net.eval()
        return sum(
            loss_of(net, held[0][i : i + 250], held[1][i : i + 250], table).item() for i in range(0, len(held[1]), 250)
        ) / math.ceil(len(held[1]) / 250)

    def batches():
        while True:
            e, seqs = sample(rng, batch * 8)
            order = sorted(range(len(seqs)), key=lambda i: len(seqs[i]))
            parts = [order[i : i + batch] for i in range(0, len(order), batch)]
            for k in rng.permutation(len(parts)):
                yield e[from_array(parts[k])], [seqs[i] for i in parts[k]]

    for step, (e, seqs) in zip(range(run.step, steps), batches()):
        net.train()
        loss = loss_of(net, e, seqs, table, smoothing)
        descend(loss, trapezoid(step, steps), opt)
        ema.update()
        run.tick(step + 1)
        if (step + 1) % 50 == 0 or step + 1 == steps:
            ema.swap()
            h = measure()
            best.offer(-h, net, {"held": h, "step": step + 1})
            last = {k: v.detach().clone() for k, v in net.state_dict().items()}
            ema.swap()
            print(name, step + 1, f"{run.seconds:.0f}s loss {loss.item():.3f} held {h:.4f}", flush=True)
    print(name, "kept", best.facts, flush=True)
    save(name, {"net": best.state, "last": last, **best.facts, "seconds": run.seconds, **(extra or {})})
    metrics(
        name,
        steps=steps,
        seconds=round(run.seconds),
        keptStep=best.facts["step"],
        heldOutLoss=round(best.facts["held"], 4),
    )
    run.finish()


def project(e, memory, tau):
    return F.normalize((e @ memory.T / tau).softmax(-1) @ memory, dim=-1)


def siblings():
    """Of each caption of Flickr8k, then of Flickr30k and COCO, the first and the end of its group, as rows of `f8`,
    `more` and `coco`."""
    out = []
    for groups in ([r["captions"] for r in flickr8k()[0]], text_groups()["flickr30k"], text_groups()["coco"]):
        ends = np.cumsum([len(g) for g in groups])
        out.append(np.repeat(np.stack([ends - [len(g) for g in groups], ends], 1), [len(g) for g in groups], 0))
    return out


def text_sample(
    e,
    variance,
    memory=None,
    sibling=float(os.environ.get("SIBLING", 0)),
    projected=float(os.environ.get("PROJECTED", 0)),
):
    """Captions with their own text embedding + N(0, variance), renormalised; SHARE gives how many are Flickr8k's,
    Flickr30k's and COCO's. With probability `sibling` the caption to write is another one of the group (of the same
    photo, which is not seen): what the text says, not how. With probability `projected` the embedding is projected onto
    `memory` first, as a photo's is at inference (DeCap)."""
    shares = [float(x) for x in os.environ.get("SHARE", "0.6,0.3,0.1").split(",")]
    sets = [("f8", "f8e"), ("more", "moree"), ("coco", "cocoe")]
    groups = siblings() if sibling else None

    def target(rng, rows, which):
        if not sibling:
            return rows
        other = rng.integers(groups[which][rows, 0], groups[which][rows, 1])
        return np.where(rng.random(len(rows)) < sibling, other, rows)

    def sample(rng, n):
        counts = [round(n * share) for share in shares[1:]]
        picks = [rng.integers(len(e[seqs]), size=count) for (seqs, _), count in zip(sets, [n - sum(counts), *counts])]
        x = torch.cat([e[name][from_array(p)] for (_, name), p in zip(sets, picks)])
        if projected:
            x = torch.where(torch.rand(n, 1) < projected, project(x, memory, 0.04), x)
        if variance:
            x = F.normalize(x + torch.randn(x.shape) * variance**0.5, dim=-1)
        return x, [e[seqs][i] for which, ((seqs, _), p) in enumerate(zip(sets, picks)) for i in target(rng, p, which)]

    return sample
