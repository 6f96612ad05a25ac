"""Measures and chooses on the held-out photos: CIDEr-D, the decoders' searches (cached steps, fp32), sweeps of their
settings. `evaluate.py clipcap|capdec|decap|coca|iterative [key=value,...]` prints CIDEr-D for each value of the
settings and some captions."""

import collections
import itertools
import json
import math
import os
import sys
import time

import torch
import torch.nn.functional as F
from common import grids_of, load, pad, take, tokenizer
from data import BOS, EOS, clean, flickr8k, photos
from nets import LM, CoCa, Prefix
from prefix import project


# ---- CIDEr-D (arXiv 1411.5726; COCO's code: sigma 6, n 1..4, document frequencies of the references)
def grams(words):
    return collections.Counter(tuple(words[i : i + n]) for n in range(1, 5) for i in range(len(words) - n + 1))


class CiderD:
    def __init__(self, references):
        self.refs = [[grams(c.split()) for c in cs] for cs in references]
        self.df = collections.Counter(g for cs in self.refs for g in {g for c in cs for g in c})
        self.n = math.log(len(references))
        self.vecs = [[self.vector(c) for c in cs] for cs in self.refs]

    def vector(self, counts):
        v = [{} for _ in range(4)]
        for g, c in counts.items():
            v[len(g) - 1][g] = c * (self.n - math.log(max(1, self.df[g])))
        return (
            v,
            [math.sqrt(sum(x * x for x in d.values())) for d in v],
            sum(c for g, c in counts.items() if len(g) == 2),
        )

    def __call__(self, captions):
        total = 0.0
        for caption, refs in zip(captions, self.vecs):
            v, norm, length = self.vector(grams(caption.split()))
            for rv, rnorm, rlength in refs:
                decay = math.exp(-((length - rlength) ** 2) / 72)
                for n in range(4):
                    if norm[n] and rnorm[n]:
                        total += (
                            decay
                            * sum(min(x, rv[n].get(g, 0.0)) * rv[n].get(g, 0.0) for g, x in v[n].items())
                            / (norm[n] * rnorm[n])
                            / 4
                            / len(refs)
                        )
        return 10 * total / len(captions)


# ---- cached steps
def split(x, heads=4):
    return x.view(len(x), -1, heads, x.shape[-1] // heads).transpose(1, 2)


class Steps:
    """A GPT body (or CoCa's decoder with its image tokens) that remembers keys and values. `feed` takes token
    embeddings."""

    def __init__(self, body, tokens=None):
        self.body, self.past, self.length = body, [None] * len(body.blocks), 0
        self.cross = [
            (split(b.xattn.k(tokens)), split(b.xattn.v(tokens))) if hasattr(b, "xattn") else None for b in body.blocks
        ]

    def feed(self, x, keep=True):
        t = x.shape[1]
        x = x + self.body.wpe.weight[self.length : self.length + t]
        for i, b in enumerate(self.body.blocks):
            q, k, v = (split(y) for y in b.attn.qkv(b.ln_1(x)).split(x.shape[-1], 2))
            if self.past[i] is not None:
                k, v = torch.cat([self.past[i][0], k], 2), torch.cat([self.past[i][1], v], 2)
            if keep:
                self.past[i] = (k, v)
            mask = torch.ones(t, k.shape[2], dtype=torch.bool).tril(k.shape[2] - t) if t > 1 else None
            x = x + b.attn.out(F.scaled_dot_product_attention(q, k, v, attn_mask=mask).transpose(1, 2).reshape(x.shape))
            if self.cross[i]:
                a = F.scaled_dot_product_attention(split(b.xattn.q(b.ln_x(x))), *self.cross[i])
                x = x + b.xattn.out(a.transpose(1, 2).reshape(x.shape))
            x = x + b.mlp(b.ln_2(x))
        if keep:
            self.length += t
        return self.body.ln_f(x)

    def reorder(self, index):
        self.past = [(k[index], v[index]) for k, v in self.past]
        self.cross = [c and (c[0][index], c[1][index]) for c in self.cross]


def blocked(rows, norepeat):
    """(row, token) pairs that would repeat a word at once or an n-gram of `norepeat` tokens."""
    for i, r in enumerate(rows):
        if r:
            yield i, r[-1]
            if norepeat >= 2:
                head = r[len(r) - norepeat + 1 :]
                for k in range(len(r) - norepeat + 1):
                    if r[k : k + norepeat - 1] == head:
                        yield i, r[k + norepeat - 1]


@torch.no_grad()
def search(
    steps, first, table, beam=5, alpha=0.7, norepeat=2, mintokens=3, limit=24, rescore=None, propose=None, choose=None
):
    """Beam search with a heap of finished captions; score log p / length^alpha (length with <eos>). `rescore(rows,
    parents, candidates)` -> [rows, propose] is added to the score (the iterative decoder's beta * cosine); `choose(i,
    [(score, tokens)])` picks among the best `beam` finished captions of photo i, the best by score without it."""
    n = len(first)
    h = first[:, -1]
    rows = [[] for _ in range(n)]
    scores = torch.zeros(n, 1)
    width = 1
    done = [[] for _ in range(n)]
    settled = [False] * n
    for step in range(limit):
        lp = (h @ table.T).log_softmax(-1)
        lp[:, :2] = -1e9
        for i, t in blocked(rows, norepeat):
            lp[i, t] = -1e9
        if step < mintokens:
            lp[:, EOS] = -1e9
        k = propose or 2 * beam
        top, ids = lp.topk(k, -1)  # [n*width, k]
        total = top + scores.view(-1, 1)
        rank = total / (step + 1) ** alpha
        if rescore:
            rank = rank + rescore(rows, ids)
        rank, order = (x.cpu() for x in rank.view(n, -1).sort(-1, descending=True))
        new_rows, parents, tokens, new_scores = [], [], [], []
        total, ids = total.view(n, -1).cpu(), ids.view(n, -1).cpu()
        for i in range(n):
            live = []
            for place in range(order.shape[1]):
                j = int(order[i, place])
                parent = i * width + j // k
                token = int(ids[i, j])
                if rank[i, place] < -1e6:
                    continue
                if token == EOS:
                    if place < beam and not settled[i]:
                        done[i].append((float(rank[i, place]), rows[parent]))
                else:
                    live.append((parent, token, float(total[i, j])))
                if len(live) == beam:
                    break
            best = sorted((d[0] for d in done[i]), reverse=True)[:beam]
            if (
                rescore
                and len(best) == beam
                and best[-1] >= float(rank[i][[int(t) != EOS for t in ids[i, order[i]]]].max())
            ):
                settled[i] = True
            while len(live) < beam:
                live.append(live[-1] if live else (i * width, EOS, -1e9))
            for parent, token, s in live:
                parents.append(parent)
                tokens.append(token)
                new_scores.append(s)
                new_rows.append(rows[parent] + [token])
        worst = lambda d: sorted((x[0] for x in d), reverse=True)[beam - 1]
        over = not rescore and all(
            len(d) >= beam and max(new_scores[i * beam : i * beam + beam]) / limit**alpha <= worst(d)
            for i, d in enumerate(done)
        )
        if over or step == limit - 1:
            rows = new_rows
            break
        steps.reorder(torch.tensor(parents))
        h = steps.feed(table[torch.tensor(tokens)[:, None]])[:, -1]
        if rescore:
            rescore.advance(parents, tokens)
        rows, scores, width = new_rows, torch.tensor(new_scores), beam
        if rescore and all(settled):
            break
    choose = choose or (lambda i, finished: finished[0][1])
    return [choose(i, sorted(d, reverse=True)[:beam]) if d else rows[i * beam] for i, d in enumerate(done)]


class Cosine:
    """beta * cos(text(<bos> words <eos>), image) of every candidate; the tower's keys and values of the shared
    beginning are kept."""

    def __init__(self, tower, images, table, beta):
        self.tower, self.table, self.beta, self.n = tower, table, beta, len(images)
        self.images = images
        self.steps = Steps(tower.body)
        self.steps.feed(table[torch.full((len(images), 1), BOS)])

    def __call__(self, rows, ids):
        width = len(rows) // self.n
        k = ids.shape[1]
        keep = self.steps.past, self.steps.length
        repeat = torch.arange(len(rows)).repeat_interleave(k)
        flat = ids.reshape(-1)
        words = flat != EOS
        out = torch.zeros(len(flat), self.table.shape[1])
        eos = self.steps.feed(self.table[torch.full((len(rows), 1), EOS)], keep=False)[:, 0]
        out[~words] = eos[repeat[~words]]
        self.steps.reorder(repeat[words])
        x = torch.stack([flat[words], torch.full_like(flat[words], EOS)], 1)
        out[words] = self.steps.feed(self.table[x], keep=False)[:, 1]
        self.steps.past, self.steps.length = keep
        e = F.normalize(self.tower.proj(out), dim=-1).view(self.n, width * k, -1)
        return self.beta * torch.einsum("nkd,nd->nk", e, self.images).reshape(-1, k)

    def advance(self, parents, tokens):
        self.steps.reorder(torch.tensor(parents))
        self.steps.feed(self.table[torch.tensor(tokens)[:, None]])


def ranked_by(*scorers):
    """Chooses among finished captions by score + the sum of weight * cosine; scorers: (weight, cosines of photo i and
    rows)."""

    def choose(i, finished):
        total = torch.tensor([score for score, _ in finished]) + sum(
            weight * cosines(i, [row for _, row in finished]).cpu() for weight, cosines in scorers
        )
        return finished[int(total.argmax())][1]

    return choose if scorers else None


def by_contrast(coca, grids, table, weight):
    """CoCa's contrastive half: cosine of the photo's latent and the caption's."""
    images = F.normalize(coca.contrast(grids)[:, 0], dim=-1)

    def cosines(i, rows):
        ids = pad([[BOS] + row for row in rows])
        lengths = torch.tensor([len(row) + 1 for row in rows])
        return (
            F.normalize(
                coca.text(table[ids], lengths, coca.caption(grids[i : i + 1]).expand(len(rows), -1, -1))[1], dim=-1
            )
            @ images[i]
        )

    return weight, cosines


def by_joint(images, table, weight):
    """The joint embedding: cosine of the photo's unit embedding and the caption's."""
    from joint import Joint, embed_texts

    j = Joint()
    j.load_state_dict(load("joint")["joint"])
    j.eval()
    return weight, lambda i, rows: embed_texts(j, rows, table) @ images[i]


# ---- the five decoders on held-out photos
def table_of():
    return load("lm")["lm"]["wte.weight"]


def held_images():
    names, _ = photos()
    _, held = flickr8k()
    return held, [names[r["image"]] for r in held]


def prefix_captions(name, e, chunk=125, images=None, joint=0, **search_options):
    """Captions of embeddings e as the decoder reads them; with `joint`, its weight, those of `images`, the photos' own,
    choose among the finished ones."""
    net = Prefix(10, 384) if name.startswith(("clipcap", "capdec")) else Prefix(1)
    name, _, which = name.partition(":")  # decap:last is the last step instead of the kept one
    net.load_state_dict(load(name)[which or "net"])
    net.eval()
    table = table_of()
    out = []
    for i in range(0, len(e), chunk):
        steps = Steps(net.gpt)
        choose = ranked_by(by_joint(images[i : i + chunk], table, joint)) if joint else None
        out += search(steps, steps.feed(net.prefix(e[i : i + chunk])), table, choose=choose, **search_options)
    return out


def captions(decoder, limit=None, **o):
    """Token rows of the held-out photos' captions under settings o."""
    held, index = held_images()
    held, index = held[:limit], index[:limit]
    table = table_of()
    which = o.pop("net", decoder)
    with torch.no_grad():
        e = load(os.environ.get("EMBEDDINGS", "embeddings"))
        x = F.normalize(
            e["images"][: o.pop("views", 2), index].mean(0), dim=-1
        )  # the shipped tower averages a photo and its mirror image
        if decoder == "coca":
            net = CoCa()
            net.load_state_dict(load(which)["coca"])
            net.eval()
            out = []
            grids = grids_of("features-final")
            blind, weight, joint = o.pop("blind", False), o.pop("rerank", 0), o.pop("joint", 0)
            for i in range(0, len(index), 125):
                g = take(grids, 0, index[i : i + 125])
                tokens = net.caption(g)
                tokens = tokens * 0 if blind else tokens
                steps = Steps(net, tokens)
                choose = ranked_by(
                    *([by_contrast(net, g, table, weight)] if weight else []),
                    *([by_joint(x[i : i + 125], table, joint)] if joint else []),
                )
                out += search(steps, steps.feed(table[torch.full((len(tokens), 1), BOS)]), table, choose=choose, **o)
            return out
        if decoder == "iterative":
            from joint import Joint

            j = Joint()
            j.load_state_dict(load("joint")["joint"])
            j.eval()
            lm = LM()
            lm.load_state_dict(load(which if which != "iterative" else "lm")["lm"])
            lm.eval()
            beta, out = o.pop("guidance", 7.0), []
            for y in x.split(25):
                steps = Steps(lm.gpt)
                first = steps.feed(table[torch.full((len(y), 1), BOS)])
                out += search(
                    steps, first, table, rescore=Cosine(j.text, y, table, beta), propose=16, **{"beam": 4, **o}
                )
            return out
        images = x
        if o.pop("offset", False):
            x = F.normalize(x - e["offset"], dim=-1)
        tau = o.pop("tau", 0.04)
        if decoder == "decap" and o.pop("projection", True):
            x = project(x, load("memory")["embeddings"], tau)
        return prefix_captions(which, x, images=images, **o)


def main():
    decoder = sys.argv[1]
    axes = [
        (k, [json.loads(v) if v[:1] in '-0123456789tf"' else v for v in vs.split(",")])
        for k, vs in (a.split("=") for a in sys.argv[2:])
    ]
    limit = dict(axes).get("limit", [None])[0]
    tok = tokenizer()
    held, _ = held_images()
    held = held[:limit]
    cider = CiderD([r["captions"] for r in held])
    for values in itertools.product(*(vs for _, vs in axes)):
        options = dict(zip((k for k, _ in axes), values))
        t = time.time()
        text = [clean(tok.decode(r)) for r in captions(decoder, **dict(options))]
        words = collections.Counter(w for c in text for w in c.split())
        print(
            decoder,
            options,
            f"CIDEr-D {cider(text):.4f} words {sum(words.values()) / len(text):.1f} "
            f"distinct captions {len(set(text))} distinct words {len(words)} {time.time() - t:.0f}s",
            flush=True,
        )
        if "SAVE" in os.environ:
            json.dump({r["image"]: {decoder: c} for r, c in zip(held, text)}, open(os.environ["SAVE"], "w"))
    for i in range(0, min(len(text), 200), 20):
        print("  ", held[i]["image"], "|", text[i], "|", held[i]["captions"][0])


if __name__ == "__main__":
    main()
