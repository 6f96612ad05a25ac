"""Stage (f): CoCa (arXiv 2205.01917). One forward for both losses: L = 2 * L_cap + L_con, with
L_cap = -sum_t log p(w_t | w_<t, image tokens) and L_con = symmetric InfoNCE of the contrast-pooled image and the class
token of the unimodal half. `heads` trains poolers and text half (which starts as the language model) on cached grids;
`pixels` fine-tunes every layer of the trunk from its ImageNet weights, and carries the joint embedding's InfoNCE along
so that one trunk serves both. STEPS batches each."""

import os
import sys

import numpy as np
import torch
import torch.nn.functional as F
from augment import augment
from backbone import imagenet_trunk, to_input
from common import (
    DEVICE,
    EMA,
    SEED,
    Best,
    Optimizers,
    Running,
    bf16,
    descend,
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
from data import BOS, EOS, flickr8k, photos
from joint import MORE, Groups, Joint, embed_training_texts, measure_grids, pair_loss, wte
from nets import LM, TRUNK_NAME, CoCa, Trunk, info_nce


def caption_batch(seqs, table):
    ids = pad([[BOS] + s + [EOS] for s in seqs])
    lengths = lengths_of(seqs)  # inputs: bos w1..wn
    return ids, table[ids[:, :-1]], lengths


def losses(coca, grid, seqs, table, keep=None):
    ids, x, lengths = caption_batch(seqs, table)
    with bf16():
        tokens = coca.caption(grid, keep)
        image = coca.contrast(grid, keep)[:, 0]
        states, latent = coca.text(x, lengths, tokens)
        mask = torch.arange(ids.shape[1] - 1) < lengths[:, None]
        logits = states[mask] @ table.T
    cap = F.cross_entropy(logits.float(), ids[:, 1:][mask], label_smoothing=0.05 if coca.training else 0.0)
    return cap, info_nce(image, latent, coca.logit_scale)


def held_rows():
    names, _ = photos()
    return [names[r["image"]] for r in flickr8k()[1]]


@torch.no_grad()
def held_loss(coca, grids, table, blind=False):
    """Caption loss on the held-out photos from their grids [N,49,1280]; `blind`: from grids of zeros."""
    coca.eval()
    seqs = encode([r["captions"][0] for r in flickr8k()[1]])
    out = []
    for i in range(0, len(seqs), 100):
        g = grids[i : i + 100] * (0 if blind else 1)
        out.append(losses(coca, g, seqs[i : i + 100], table)[0].item())
    return sum(out) / len(out)


@torch.no_grad()
def measure_pixels(trunk, joint, coca, px, table):
    """Recall and CoCa's caption loss on the held-out photos."""
    trunk.eval()
    rows = held_rows()
    grids = []
    with bf16():
        for i in range(0, len(rows), 64):
            grids.append(trunk(to_input(px, rows[i : i + 64])).float())
    grids = torch.cat(grids)
    return measure_grids(joint, grids[None], table), held_loss(coca, grids, table)


def new_coca():
    """From the language model, with the joint embedding's own projection of the grid in both poolers (single-modality
    towers first)."""
    coca, lm, joint = CoCa(), LM(), load("joint-frozen")["joint"]
    lm.load_state_dict(load("lm")["lm"])
    coca.from_lm(lm)
    for pooler in (coca.contrast, coca.caption):
        pooler.load_state_dict(
            {
                k.removeprefix("pool."): v
                for k, v in joint.items()
                if k.startswith(("pool.proj.", "pool.pos", "pool.norm."))
            },
            strict=False,
        )
    return coca


def training_set():
    """Rows of the photo cache, all captions, and the first caption of each photo."""
    names, px = photos()
    rows, _ = flickr8k()
    return (
        np.array([names[r["image"]] for r in rows]),
        px,
        encode([c for r in rows for c in r["captions"]]),
        np.cumsum([0] + [len(r["captions"]) for r in rows]),
    )


def pixels(steps, n=int(os.environ.get("PIXELS", 96 if DEVICE == "cpu" else 256))):
    """Every layer of the trunk from augmented pixels, with `coca-frozen` and `joint-frozen` (or what INIT names) going
    on at lower rates: fresh heads would spoil the trunk. FREEZE=k leaves the stem and the first k blocks as INIT left
    them (they cost most and change least)."""
    seed()
    table = wte()
    init, out = os.environ.get("INIT"), os.environ.get("OUT", "coca-pixels")
    frozen_blocks = int(os.environ.get("FREEZE", 0))
    coca, joint = CoCa(), Joint()
    state = (
        load(init)
        if init
        else {
            "kind": TRUNK_NAME,
            "trunk": imagenet_trunk().state_dict(),
            "coca": load("coca-frozen")["coca"],
            "joint": load("joint-frozen")["joint"],
        }
    )
    trunk = Trunk(state["kind"]).skip_blocks(0.1).to(memory_format=torch.channels_last)
    parts = {"trunk": trunk, "joint": joint, "coca": coca}
    for k, m in parts.items():
        m.load_state_dict(state[k])
    if frozen_blocks:
        trunk.stem.requires_grad_(False), trunk.blocks[:frozen_blocks].requires_grad_(False)
    idx, px, seqs, off = training_set()
    px = px if DEVICE == "cpu" else from_array(px)
    groups, best, n = Groups(), Best(), min(n, len(idx))
    opt = {
        "trunk": Optimizers([trunk], float(os.environ.get("TRUNK_LR", 2e-4)), decay=0.02),
        "joint": Optimizers([joint], 2e-4, decay=0.1),
        "coca": Optimizers([coca], 3e-4),
    }
    whole = torch.nn.ModuleDict(parts)
    ema = EMA(parts.values(), 0.99)
    run = Running(out, {**parts, **{"optimizer-" + k: o for k, o in opt.items()}, "average": ema, "best": best})
    rng = np.random.default_rng([SEED, run.step])
    for step in range(run.step, steps):
        b = rng.permutation(len(idx))[:n]
        for m in parts.values():
            m.train()
        two = [off[j] + rng.permutation(off[j + 1] - off[j])[:2] for j in b]
        s, other = ([seqs[p[k % len(p)]][:20] for p in two] for k in (0, 1))
        with bf16():
            g = trunk(augment(to_input(px, idx[b]), rng)).float()
            a, c = joint.pool(g), embed_training_texts(joint, s + other + groups.pairs(rng, MORE), table, rng)
        cap, con = losses(coca, g, s, table)
        pair = pair_loss(joint, a, *c[: 2 * n].split(n), c[2 * n :])
        descend(2 * cap + con + 2 * pair, trapezoid(step, steps), *opt.values())
        ema.update()
        run.tick(step + 1)
        if (step + 1) % 20 == 0:
            print(
                out,
                step + 1,
                f"{run.seconds:.0f}s cap {cap.item():.3f} con {con.item():.3f} joint {pair.item():.3f}",
                flush=True,
            )
        if (step + 1) % 100 == 0 or step + 1 == steps:
            ema.swap()
            r, held = measure_pixels(trunk, joint, coca, px, table)
            best.offer(sum(r), whole, {"recall": r, "held": held, "step": step + 1})
            ema.swap()
            print(
                out,
                step + 1,
                f"{run.seconds:.0f}s held-out photos: recall {r} sum {sum(r):.1f}, caption loss {held:.4f}",
                flush=True,
            )
    kept = {k: {n.removeprefix(k + "."): v for n, v in best.state.items() if n.startswith(k + ".")} for k in parts}
    save(out, {**kept, **best.facts, "kind": trunk.kind, "steps": steps, "seconds": run.seconds})
    metrics(
        out,
        steps=steps,
        seconds=round(run.seconds),
        keptStep=best.facts["step"],
        heldOutRecall=best.facts["recall"],
        heldOutLoss=round(best.facts["held"], 4),
    )
    run.finish()


def heads(steps, n=int(os.environ.get("BATCH", 128))):
    """The trunk frozen, grids from the cache FEATURES (default features-final), from INIT (default `coca-pixels`;
    INIT=lm: from the language model). CONTRASTIVE=0 leaves the contrastive loss out."""
    seed()
    table = wte()
    init, out = os.environ.get("INIT", "coca-pixels"), os.environ.get("OUT", "coca")
    weight = float(os.environ.get("CONTRASTIVE", 1))
    if init == "lm":
        coca = new_coca()
    else:
        coca = CoCa()
        coca.load_state_dict(load(init)["coca"])
    grids = grids_of(os.environ.get("FEATURES", "features-final"))
    idx, _, seqs, off = training_set()
    shown = take(grids, 0, held_rows())
    opt = Optimizers([coca], float(os.environ.get("LR", 5e-4)), float(os.environ.get("MUON", 0)))
    ema = EMA([coca], 0.99)
    best = Best()
    run = Running(out, {"coca": coca, "optimizers": opt, "average": ema, "best": best})
    rng = np.random.default_rng([SEED, run.step])
    if run.step == 0:
        h = held_loss(coca, shown, table)
        best.offer(-h, coca, {"held": h, "step": 0})
        print(out, 0, f"held {h:.4f}", flush=True)
    for step in range(run.step, steps):
        coca.train()
        b = rng.permutation(len(idx))[:n]
        keep = np.sort(rng.permutation(49)[:36])
        g = take(grids, rng.integers(grids.shape[0], size=n), idx[b])[:, keep]
        cap, con = losses(coca, g, [seqs[rng.integers(off[j], off[j + 1])][:20] for j in b], table, from_array(keep))
        descend(2 * cap + weight * con, trapezoid(step, steps), opt)
        ema.update()
        run.tick(step + 1)
        if (step + 1) % 50 == 0 or step + 1 == steps:
            ema.swap()
            h = held_loss(coca, shown, table)
            best.offer(-h, coca, {"held": h, "step": step + 1})
            ema.swap()
            print(
                out, step + 1, f"{run.seconds:.0f}s cap {cap.item():.3f} con {con.item():.3f} held {h:.4f}", flush=True
            )
    coca.load_state_dict(best.state)
    blind = held_loss(coca, shown, table, True)
    print(out, "kept", best.facts, "without its photo", blind, flush=True)
    save(out, {"coca": best.state, **best.facts, "seconds": run.seconds})
    metrics(
        out,
        steps=steps,
        seconds=round(run.seconds),
        keptStep=best.facts["step"],
        heldOutLoss=round(best.facts["held"], 4),
        heldOutLossWithoutPhoto=round(blind, 4),
    )
    run.finish()


if __name__ == "__main__":
    {"pixels": pixels, "heads": heads}[sys.argv[1]](int(os.environ.get("STEPS", 300)))
