"""Stage (a): joint embedding. Loss: symmetric InfoNCE (nets.info_nce) of image and text embeddings, learned
temperature. STEPS batches. `joint.py text` trains the text tower on captions alone; `joint.py frozen` trains the heads
on cached grids of the ImageNet trunk; `joint.py final` goes on from the CoCa stage on grids of the final trunk;
`joint.py embed` then embeds photos and captions for the decoders."""

import os
import sys
import time

import numpy as np
import torch
import torch.nn.functional as F
from common import (
    DEVICE,
    EMA,
    SEED,
    Best,
    Optimizers,
    Running,
    bf16,
    descend,
    done,
    encode,
    from_array,
    grids_of,
    lengths_of,
    load,
    metrics,
    pad,
    save,
    seed,
    take,
    trapezoid,
)
from data import BOS, EOS, flickr8k, photos, text_groups
from nets import LM, ImagePool, TextTower, info_nce

MORE = int(os.environ.get("MORE", 256))  # caption groups without photos in each batch


class Joint(torch.nn.Module):
    def __init__(self):
        super().__init__()
        self.pool, self.text = ImagePool(), TextTower()
        self.logit_scale = torch.nn.Parameter(torch.tensor(2.66))


def new_joint():
    j, lm = Joint(), LM()
    lm.load_state_dict(load("lm")["lm"])
    j.text.body.load_state_dict(lm.gpt.state_dict())
    torch.nn.init.eye_(j.text.proj.weight)
    if done("text"):
        j.text.load_state_dict(load("text")["text"])
    for m in j.pool.modules():
        if isinstance(m, torch.nn.Linear):
            torch.nn.init.normal_(m.weight, std=m.in_features**-0.5)
            torch.nn.init.zeros_(m.bias)
    if os.environ.get(
        "GAP"
    ):  # photos begin far from captions, and a fixed high scale leaves them there (arXiv 2203.02053)
        j.pool.mean.bias.data = float(os.environ["GAP"]) * torch.randn_like(j.pool.mean.bias)
        j.logit_scale.data.fill_(4.6)
        j.logit_scale.requires_grad_(False)
    return j


def wte():
    return load("lm")["lm"]["wte.weight"]


def text_batch(seqs, table, rng=None, drop=0.1):
    if rng is not None:
        seqs = [[t for t, keep in zip(s, rng.random(len(s)) > drop) if keep] or s for s in seqs]
    ids = pad([[BOS] + s + [EOS] for s in seqs])
    return table[ids], lengths_of(seqs)


@torch.no_grad()
def embed_texts(joint, seqs, table, size=512):
    joint.eval()
    order = sorted(range(len(seqs)), key=lambda i: len(seqs[i]))
    res = torch.zeros(len(seqs), table.shape[1])
    for i in range(0, len(order), size):
        idx = order[i : i + size]
        x, eos = text_batch([seqs[j] for j in idx], table)
        with bf16():
            e = joint.text(x, eos)
        res[idx] = F.normalize(e.float(), dim=-1)
    return res


@torch.no_grad()
def embed_grids(joint, grids, size=256):
    joint.eval()
    return torch.cat(
        [F.normalize(joint.pool(take(grids, slice(i, i + size))).float(), dim=-1) for i in range(0, len(grids), size)]
    )


def recall(images, texts, owner):
    """image->text and text->image recall at 1, 5, 10; texts row i belongs to image owner[i]."""
    sim = images @ texts.T
    owner = torch.tensor(owner)
    out = []
    rank = sim.argsort(1, descending=True)
    hit = owner[rank] == torch.arange(len(images))[:, None]
    for k in (1, 5, 10):
        out.append(hit[:, :k].any(1).float().mean().item() * 100)
    r2 = sim.T.argsort(1, descending=True)
    for k in (1, 5, 10):
        out.append((r2[:, :k] == owner[:, None]).any(1).float().mean().item() * 100)
    return [round(x, 1) for x in out]


def measure(joint, grids, table):
    names, _ = photos()
    _, held = flickr8k()
    return measure_grids(joint, grids[:, [names[r["image"]] for r in held]], table)


def measure_grids(joint, grids, table):
    """Recall on the held-out photos from their grids [views,N,49,1280]; an embedding is the mean of its views."""
    _, held = flickr8k()
    seqs = encode([c for r in held for c in r["captions"]])
    owner = [i for i, r in enumerate(held) for _ in r["captions"]]
    return recall(
        F.normalize(sum(embed_grids(joint, view) for view in grids), dim=-1), embed_texts(joint, seqs, table), owner
    )


def pair_loss(joint, images, captions, others, more=None):
    """InfoNCE of the photo with a caption and with another one of its captions, and (half as strong) of the two
    captions with each other. `more`: pairs of captions of other photos, which are not seen: further wrong answers for
    the photos, and pairs for each other."""
    scale = joint.logit_scale
    texts = 0.5 * info_nce(captions, others, scale)
    if more is not None:
        texts = texts + 0.5 * info_nce(*more.chunk(2), scale)
    return (info_nce(images, captions, scale, more) + info_nce(images, others, scale, more)) / 2 + texts


class Groups:
    """Caption groups of Flickr8k (training), Flickr30k and COCO as token rows; `pairs(rng, n)`: a caption of each of n
    groups, then another of each."""

    def __init__(self):
        groups = [
            g
            for g in [[*r["captions"]] for r in flickr8k()[0]] + [g for gs in text_groups().values() for g in gs]
            if len(g) > 1
        ]
        self.seqs = encode([c for g in groups for c in g])
        self.first = np.cumsum([0] + [len(g) for g in groups])

    def pairs(self, rng, n):
        two = [
            self.first[i] + rng.permutation(self.first[i + 1] - self.first[i])[:2]
            for i in rng.choice(len(self.first) - 1, n, replace=False)
        ]
        return [self.seqs[p[k]][:20] for k in (0, 1) for p in two]


def pretrain_text(steps, size=int(os.environ.get("PAIRS", 768))):
    """The text tower on captions alone, from the language model: two captions of one photo find each other among those
    of `size` photos."""
    seed()
    joint, table, groups = new_joint(), wte(), Groups()
    _, held = flickr8k()
    a, b = (encode([r["captions"][k] for r in held]) for k in (0, 1))
    opt = Optimizers([joint.text, Scale(joint)], 1e-3, float(os.environ.get("MUON", 0)), decay=0.1)
    ema = EMA([joint], 0.99)
    run = Running("text", {"joint": joint, "optimizers": opt, "average": ema})
    rng = np.random.default_rng([SEED, run.step])
    for step in range(run.step, steps):
        joint.train()
        with bf16():
            c = embed_training_texts(joint, groups.pairs(rng, size), table, rng)
        loss = info_nce(*c.chunk(2), joint.logit_scale)
        descend(loss, trapezoid(step, steps), opt)
        ema.update()
        run.tick(step + 1)
        if (step + 1) % 100 == 0 or step + 1 == steps:
            ema.swap()
            r = recall(embed_texts(joint, a, table), embed_texts(joint, b, table), range(len(held)))
            ema.swap()
            print(
                "text",
                step + 1,
                f"{run.seconds:.0f}s loss {loss.item():.3f} held-out caption to another of its photo {r[:3]}",
                flush=True,
            )
    ema.swap()
    save("text", {"text": joint.text.state_dict(), "seconds": run.seconds})
    metrics("text", steps=steps, seconds=round(run.seconds), heldOutCaptionRecall=r[:3])
    run.finish()


def embed_training_texts(joint, seqs, table, rng):
    """Rows of `seqs` embedded for training (words dropped), short and long ones apart, so that little is padding."""
    if DEVICE != "cpu":
        return joint.text(*text_batch(seqs, table, rng))  # padding costs a GPU less than three calls
    order = sorted(range(len(seqs)), key=lambda i: len(seqs[i]))
    third = -(-len(order) // 3)
    back = torch.empty(len(order), dtype=torch.long)
    back[torch.tensor(order)] = torch.arange(len(order))
    return torch.cat(
        [
            joint.text(*text_batch([seqs[i] for i in order[k : k + third]], table, rng))
            for k in range(0, len(order), third)
        ]
    )[back]


def train(joint, grids, steps, lr_head, lr_text, name, size=int(os.environ.get("BATCH", 256))):
    """Photos in any of their views with 25 of the 49 grid tokens, two captions each. The average with the best held-out
    recall is kept."""
    seed()
    table = wte()
    names, _ = photos()
    rows, _ = flickr8k()
    idx = np.array([names[r["image"]] for r in rows])
    seqs = encode([c for r in rows for c in r["captions"]])
    off = np.cumsum([0] + [len(r["captions"]) for r in rows])
    groups = Groups()
    head = Optimizers([joint.pool, Scale(joint)], lr_head, decay=0.1)
    text = Optimizers([joint.text], lr_text, float(os.environ.get("MUON", 0)), decay=0.1)
    ema = EMA([joint], 0.99)
    best = Best()
    run = Running(name, {"joint": joint, "head": head, "text": text, "average": ema, "best": best})
    rng = np.random.default_rng([SEED, run.step])
    if run.step == 0:
        r = measure(joint, grids[:2], table)
        best.offer(sum(r), joint, {"recall": r, "step": 0})
        print(name, 0, r, flush=True)
    for step in range(run.step, steps):
        b = rng.permutation(len(rows))[:size]
        keep = rng.permutation(49)[:25]
        joint.train()
        g = take(grids, rng.integers(grids.shape[0], size=size), idx[b])[:, keep]
        two = [off[j] + rng.permutation(off[j + 1] - off[j])[:2] for j in b]
        with bf16():
            c = embed_training_texts(
                joint, [seqs[p[k % len(p)]][:20] for k in (0, 1) for p in two] + groups.pairs(rng, MORE), table, rng
            )
            a = joint.pool(g, from_array(keep))
        loss = pair_loss(joint, a, *c[: 2 * size].split(size), c[2 * size :])
        descend(loss, trapezoid(step, steps), head, text)
        ema.update()
        run.tick(step + 1)
        if (step + 1) % 100 == 0 or step + 1 == steps:
            ema.swap()
            r = measure(joint, grids[:2], table)
            best.offer(sum(r), joint, {"recall": r, "step": step + 1})
            ema.swap()
            print(name, step + 1, f"{run.seconds:.0f}s loss {loss.item():.3f} recall {r} sum {sum(r):.1f}", flush=True)
    joint.load_state_dict(best.state)
    save(name, {"joint": best.state, **best.facts, "seconds": run.seconds})
    metrics(
        name, steps=steps, seconds=round(run.seconds), keptStep=best.facts["step"], heldOutRecall=best.facts["recall"]
    )
    run.finish()


class Scale(torch.nn.Module):
    """The learned temperature alone, as a module for an optimizer."""

    def __init__(self, joint):
        super().__init__()
        self.logit_scale = joint.logit_scale


def embeddings(joint, grids):
    """Unit embeddings that the frozen decoders train on: photos [views, N, D], captions of the training photos and
    those of Flickr30k and COCO, and the modality offset mean(image) - mean(text)."""
    table = wte()
    names, _ = photos()
    rows, held = flickr8k()
    start = time.time()
    f8 = encode([c for r in rows for c in r["captions"]])
    more = encode([c for g in text_groups()["flickr30k"] for c in g])
    images = torch.stack([embed_grids(joint, grids[v]) for v in range(grids.shape[0])])
    coco = encode([c for g in text_groups()["coco"] for c in g])
    f8e, moree, cocoe = (embed_texts(joint, x, table) for x in (f8, more, coco))
    offset = images[:, [names[r["image"]] for r in rows]].mean((0, 1)) - f8e.mean(0)
    own = (images[0, [names[r["image"]] for r in rows for _ in r["captions"]]] * f8e).sum(1).mean()
    print("gap", offset.norm().item(), "cosine of a training photo with its captions", own.item(), flush=True)
    out = os.environ.get("OUT", "embeddings")
    metrics(
        out,
        modalityGap=round(offset.norm().item(), 3),
        cosineOfTrainingPairs=round(own.item(), 3),
        seconds=round(time.time() - start),
    )
    save(
        out,
        {
            "images": images,
            "f8": f8,
            "f8e": f8e,
            "more": more,
            "moree": moree,
            "coco": coco,
            "cocoe": cocoe,
            "offset": offset,
        },
    )


if __name__ == "__main__":
    seed()
    stage = sys.argv[1]
    steps = int(os.environ.get("STEPS", 600))
    if stage == "text":
        pretrain_text(steps)
    elif stage == "frozen":
        train(
            new_joint(),
            grids_of(os.environ.get("FEATURES", "features-imagenet")),
            steps,
            1e-3,
            4e-4,
            os.environ.get("OUT", "joint-frozen"),
        )
    else:
        grids = grids_of("features-final")
        j = Joint()
        if stage == "final":
            j.load_state_dict(load("coca-pixels")["joint"])
            train(j, grids, steps, 7e-4, 3e-4, "joint")
        else:
            j.load_state_dict(load(os.environ.get("JOINT", "joint"))["joint"])
            embeddings(j, grids)
