"""Self-critical fine-tuning (SCST, arXiv 1612.00563, with the mean of the other samples as baseline: arXiv 2003.09971)
of a decoder that cross entropy has trained. For K sampled captions c_k of one input, with reward r_k and baseline b_k =
mean of the other K-1 rewards:

    L = -1/(NK) sum_k (r_k - b_k) sum_t log p(c_k,t | input, c_k,<t)  +  XE * cross entropy of a human caption.

Reward: CIDEr-D against human captions, the end counted as a word, document frequencies of the training captions; plus
COSINE times the cosine of the caption's own text embedding with the input embedding, which keeps captions apart (off by
default). Captions are drawn from, and their probabilities taken of, the distribution sharpened by TEMPERATURE: at 1 the
small models' samples are mostly noise.

`selfcritical.py clipcap|coca`: photos; references are the photo's five captions.
`selfcritical.py capdec|decap`: text only; the input is one caption's text embedding (CapDec: plus noise; DeCap: half of
them projected onto the memory, as photos are at inference), references are the *other* captions of its group: no photo
is seen."""

import collections
import math
import os
import sys

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
    from_array,
    grids_of,
    lengths_of,
    load,
    metrics,
    pad,
    save,
    seed,
    take,
    tokenizer,
    trapezoid,
)
from data import BOS, EOS, clean, flickr8k, photos, text_groups
from evaluate import CiderD, Steps, grams
from nets import CoCa, Prefix
from prefix import project


class Reward(CiderD):
    """CIDEr-D of many captions against the references of their group; groups' vectors are made when first asked for."""

    def __init__(self, groups):
        self.groups = [[c.split() + ["<eos>"] for c in g] for g in groups]
        self.df = collections.Counter(g for cs in self.groups for g in {g for c in cs for g in grams(c)})
        self.n, self.kept = math.log(len(groups)), {}

    def references(self, group, skip):
        if group not in self.kept:
            self.kept[group] = [self.vector(grams(c)) for c in self.groups[group]]
        return [v for i, v in enumerate(self.kept[group]) if i != skip]

    def __call__(self, texts, groups, skips):
        out = []
        for text, group, skip in zip(texts, groups, skips):
            self.vecs = [self.references(group, skip)]
            out.append(super().__call__([text]))
        return np.array(out, np.float32)


@torch.no_grad()
def draw(steps, h, table, temperature, limit=22):
    """One sample from each row (temperature 0: the likeliest token each time): token rows (without <eos>) and whether
    each ended. h [N,D]: state that predicts the first token."""
    live, drawn = torch.ones(len(h), dtype=torch.bool), []
    for step in range(limit):
        logits = (h @ table.T).float()
        logits[:, :2] = -1e9
        if step < 3:
            logits[:, EOS] = -1e9
        token = torch.multinomial((logits / temperature).softmax(-1), 1)[:, 0] if temperature else logits.argmax(-1)
        live = live & (token != EOS)
        drawn.append(torch.where(live, token, -1))
        if step % 4 == 3 and not live.any():
            break  # asked seldom: a GPU would wait for the answer
        h = steps.feed(table[token[:, None]])[:, -1]
    return [[t for t in row if t >= 0] for row in torch.stack(drawn, 1).tolist()], (~live).tolist()


class PrefixPolicy:
    def __init__(self, net, table):
        self.net, self.table = net, table

    def begin(self, e, k):
        steps = Steps(self.net.gpt)
        h = steps.feed(self.net.prefix(e))[:, -1]
        index = torch.arange(len(e)).repeat_interleave(k)
        steps.reorder(index)
        return steps, h[index]

    def logits(self, e, k, seqs):
        """Logits of all tokens of all rows [sum T,V], their targets, and the row of each."""
        ids = pad([s + [EOS] for s in seqs])
        mask = torch.arange(ids.shape[1]) < lengths_of(seqs)[:, None]
        return (
            self.net(e.repeat_interleave(k, 0), self.table[ids[:, :-1]])[mask] @ self.table.T,
            ids[mask],
            mask.nonzero()[:, 0],
        )


class CocaPolicy:
    def __init__(self, net, table):
        self.net, self.table = net, table

    def begin(self, grid, k):
        tokens = self.net.caption(grid).repeat_interleave(k, 0)
        steps = Steps(self.net, tokens)
        return steps, steps.feed(self.table[torch.full((len(tokens), 1), BOS)])[:, -1]

    def logits(self, grid, k, seqs):
        ids = pad([[BOS] + s + [EOS] for s in seqs])
        lengths = lengths_of(seqs)
        mask = torch.arange(ids.shape[1] - 1) < lengths[:, None]
        states, _ = self.net.text(self.table[ids[:, :-1]], lengths, self.net.caption(grid).repeat_interleave(k, 0))
        return states[mask] @ self.table.T, ids[:, 1:][mask], mask.nonzero()[:, 0]


def text_pool(e):
    """Caption groups with their rows of embeddings; SHARE (default 0.6,0.4,0) tells how many of a batch are Flickr8k's,
    Flickr30k's and COCO's."""
    more = text_groups()
    sets = [
        ([r["captions"] for r in flickr8k()[0]], "f8", "f8e"),
        (more["flickr30k"], "more", "moree"),
        (more["coco"], "coco", "cocoe"),
    ]
    used = [
        (*one, share) for one, share in zip(sets, map(float, os.environ.get("SHARE", "0.6,0.4,0").split(","))) if share
    ]
    groups, owner, usable = [], [], []
    for texts, *_ in used:
        first = len(owner)
        owner += [(len(groups) + i, k) for i, g in enumerate(texts) for k in range(len(g))]
        groups += texts
        usable.append(np.array([row for row in range(first, len(owner)) if len(groups[owner[row][0]]) > 2]))
    emb = torch.cat([e[name] for _, _, name, _ in used])
    seqs = [s for _, name, _, _ in used for s in e[name]]
    assert len(emb) == len(owner)

    def pick(rng, n):
        counts = [round(n * share) for *_, share in used[1:]]
        return np.concatenate([rng.choice(rows, count) for rows, count in zip(usable, [n - sum(counts), *counts])])

    return groups, np.array(owner), emb, seqs, pick


def main(
    decoder,
    steps=int(os.environ.get("STEPS", 150)),
    lr=float(os.environ.get("LR", 1.5e-4)),
    k=int(os.environ.get("SAMPLES", 5)),
    n=int(os.environ.get("PHOTOS", 32)),
):
    seed()
    name = os.environ["INIT"]
    out = os.environ.get("OUT", decoder + "-scst")
    tok = tokenizer()
    table = load(os.environ.get("LM", "lm"))["lm"]["wte.weight"]
    file, _, which = name.partition(":")
    start_state = load(file)
    xe, cosine, temperature = (float(os.environ.get(*p)) for p in (("XE", 0.2), ("COSINE", 0), ("TEMPERATURE", 0.6)))
    noise = float(os.environ.get("NOISE", 0.0004)) ** 0.5
    e = load(os.environ.get("EMBEDDINGS", "embeddings"))
    names, _ = photos()
    rows, _ = flickr8k()
    index = np.array([names[r["image"]] for r in rows])
    variance = start_state.get("variance", float(os.environ.get("VARIANCE", 0.001)))
    if decoder == "coca":
        net = CoCa()
        net.load_state_dict(start_state[which or "coca"])
        policy = CocaPolicy(net, table)
        grids = grids_of(os.environ.get("FEATURES", "features-final"))
    else:
        net = Prefix(*((1, None) if decoder == "decap" else (10, 384)), 0.0)
        net.load_state_dict(start_state[which or "net"])
        policy = PrefixPolicy(net, table)
    f8_of = np.cumsum([0] + [len(r["captions"]) for r in rows])
    if decoder in ("clipcap", "coca"):
        groups = [r["captions"] for r in rows]

        def batch():
            g = rng.integers(len(rows), size=n)
            view = rng.integers(e["images"].shape[0], size=(2, n))
            human = [e["f8"][rng.integers(f8_of[i], f8_of[i + 1])] for i in g]
            unit = F.normalize(e["images"][from_array(view), from_array(index[g])].mean(0), dim=-1)
            if decoder == "coca":
                return take(grids, rng.integers(grids.shape[0], size=n), index[g]), unit, g, np.full(n, -1), human
            return F.normalize(unit + torch.randn(unit.shape) * noise, dim=-1), unit, g, np.full(n, -1), human
    else:
        groups, owner, emb, seqs, pick = text_pool(e)
        memory = load("memory")["embeddings"] if decoder == "decap" else None

        def batch():
            i = pick(rng, n)
            unit = emb[i]
            x = unit
            if decoder == "capdec":
                x = F.normalize(x + torch.randn(x.shape) * variance**0.5, dim=-1)
            else:
                x = torch.where(torch.rand(n, 1) < 0.5, project(x, memory, 0.04), x)
            return x, unit, owner[i, 0], owner[i, 1], [seqs[j] for j in i]

    held = flickr8k()[1]
    shown = [names[r["image"]] for r in held]
    judge = CiderD([r["captions"] for r in held])
    if decoder == "coca":
        shown = take(grids, 0, shown)
    else:
        shown = F.normalize(e["images"][:2, shown].mean(0), dim=-1)
        if decoder == "capdec":
            shown = F.normalize(shown - e["offset"], dim=-1)
        if decoder == "decap":
            shown = project(shown, memory, 0.04)

    def held_score():
        """CIDEr-D of the held-out photos' greedy captions."""
        with torch.no_grad(), bf16():
            return judge([clean(tok.decode(c)) for c in draw(*policy.begin(shown, 1), table, 0)[0]])

    reward = Reward(groups)
    tower = None
    if cosine:
        from joint import Joint, embed_texts

        tower = Joint()
        tower.load_state_dict(load("joint")["joint"])
        tower.eval()
    opt = Optimizers([net], lr, decay=0.0)
    ema = EMA([net], 0.98)
    best = Best()
    run = Running(out, {"net": net, "optimizers": opt, "average": ema, "best": best})
    rng = np.random.default_rng([SEED, run.step])
    total = np.zeros(4)
    net.eval()
    for step in range(run.step, steps):
        x, unit, g, skip, human = batch()
        with torch.no_grad(), bf16():
            captions, ended = draw(*policy.begin(x, k), table, temperature)
        texts = [tok.decode(c).strip() + (" <eos>" if done_ else "") for c, done_ in zip(captions, ended)]
        r = raw = reward(texts, np.repeat(g, k), np.repeat(skip, k))
        if tower:
            r = raw + cosine * (embed_texts(tower, captions, table) * unit.repeat_interleave(k, 0)).sum(1).cpu().numpy()
        r = from_array(r).view(-1, k)
        advantage = (r - (r.sum(1, keepdim=True) - r) / (k - 1)).reshape(-1)
        with bf16():
            logits, target, row = policy.logits(x, k, captions)
            human_logits, human_target, _ = policy.logits(x, 1, human)
        logp = -F.cross_entropy(logits.float() / temperature, target, reduction="none")
        keep = torch.tensor(ended)[row] | (target != EOS)  # a caption cut at the limit did not choose its end
        loss = -(advantage[row] * logp * keep).sum() / len(captions) / 10 + xe * F.cross_entropy(
            human_logits.float(), human_target
        )
        descend(loss, trapezoid(step, steps), opt)
        ema.update()
        run.tick(step + 1)
        total += [raw.mean(), np.mean([len(c) for c in captions]), -logp.mean().item(), 1]
        if (step + 1) % 50 == 0 or step + 1 == steps:
            ema.swap()
            h = held_score()
            best.offer(h, net, {"held": h, "step": step + 1})
            ema.swap()
            print(
                out,
                step + 1,
                f"{run.seconds:.0f}s reward {total[0] / total[3]:.4f} tokens {total[1] / total[3]:.1f} "
                f"entropy {total[2] / total[3]:.2f} held-out, greedy: CIDEr-D {h:.4f}",
                flush=True,
            )
            total[:] = 0
    ema.swap()
    key = "coca" if decoder == "coca" else "net"
    save(
        out,
        {
            **{k: v for k, v in start_state.items() if k in ("variance",)},
            key: best.state,
            "last": net.state_dict(),
            **best.facts,
            "seconds": run.seconds,
        },
    )
    metrics(
        out,
        steps=steps,
        seconds=round(run.seconds),
        keptStep=best.facts["step"],
        heldOutGreedyCiderD=round(best.facts["held"], 4),
    )
    run.finish()


if __name__ == "__main__":
    main(sys.argv[1])
