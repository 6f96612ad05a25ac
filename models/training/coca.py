"""Stage (f): CoCa (arXiv 2205.01917). One forward for both losses: L = 2 * L_cap + L_con, with
L_cap = -sum_t log p(w_t | w_<t, image tokens) and L_con = symmetric InfoNCE of the contrast-pooled image and the class token of the
unimodal half. `heads` trains poolers and text half (which starts as the language model) on cached grids; `pixels` fine-tunes every layer of
the trunk from its ImageNet weights, and carries the joint embedding's InfoNCE along so that one trunk serves both. STEPS batches each."""
import os, sys
import numpy as np, torch, torch.nn.functional as F
from common import *
from data import flickr8k, photos, BOS, EOS
from nets import TRUNK_NAME, CoCa, LM, Trunk, info_nce
from backbone import imagenet_trunk, to_input
from augment import augment
from joint import Joint, embed_training_texts, measure_grids, pair_loss, wte

def caption_batch(seqs, table):
    ids = pad([[BOS] + s + [EOS] for s in seqs]); lengths = torch.tensor([len(s) + 1 for s in seqs])  # inputs: bos w1..wn
    return ids, table[ids[:, :-1]], lengths

def losses(coca, grid, seqs, table, keep=None):
    ids, x, lengths = caption_batch(seqs, table)
    with bf16():
        tokens = coca.caption(grid, keep); image = coca.contrast(grid, keep)[:, 0]
        states, latent = coca.text(x, lengths, tokens)
        mask = torch.arange(ids.shape[1] - 1) < lengths[:, None]
        logits = states[mask] @ table.T
    cap = F.cross_entropy(logits.float(), ids[:, 1:][mask], label_smoothing=0.05 if coca.training else 0.0)
    return cap, info_nce(image, latent, coca.logit_scale)

@torch.no_grad()
def held_loss(coca, grids, table, blind=False):
    coca.eval(); names, _ = photos(); _, held = flickr8k(); out = []
    for i in range(0, len(held), 100):
        rows = held[i:i + 100]; g = from_array(grids[0, [names[r['image']] for r in rows]]).float()
        if blind: g = torch.zeros_like(g)
        out.append(losses(coca, g, encode([r['captions'][0] for r in rows]), table)[0].item())
    return sum(out) / len(out)

@torch.no_grad()
def measure_pixels(trunk, joint, px, table):
    trunk.eval(); names, _ = photos(); _, held = flickr8k(); index = [names[r['image']] for r in held]; grids = {}
    with bf16():
        for i in range(0, len(index), 32):
            for k, g in zip(index[i:i + 32], trunk(to_input(px[index[i:i + 32]])).float().cpu().numpy()): grids[k] = g
    return measure_grids(joint, np.stack([grids[k] for k in index])[None], table)

def new_coca():
    """From the language model, with the joint embedding's own projection of the grid in both poolers (single-modality towers first)."""
    coca, lm, joint = CoCa(), LM(), load('joint-frozen')['joint']; lm.load_state_dict(load('lm')['lm']); coca.from_lm(lm)
    for pooler in (coca.contrast, coca.caption):
        pooler.load_state_dict({k.removeprefix('pool.'): v for k, v in joint.items() if k.startswith(('pool.proj.', 'pool.pos', 'pool.norm.'))}, strict=False)
    return coca


def training_set():
    """Rows of the photo cache, all captions, and the first caption of each photo."""
    names, px = photos(); rows, _ = flickr8k()
    return np.array([names[r['image']] for r in rows]), px, encode([c for r in rows for c in r['captions']]), np.cumsum([0] + [len(r['captions']) for r in rows])


def pixels(steps, n=int(os.environ.get('BATCH', 96))):
    """Every layer of the trunk from augmented pixels, with `coca-frozen` and `joint-frozen` (or what INIT names) going on at lower rates:
    fresh heads would spoil the trunk. FREEZE=k leaves the stem and the first k blocks as INIT left them (they cost most and change least)."""
    seed(); table = wte(); init, out = os.environ.get('INIT'), os.environ.get('OUT', 'coca-pixels'); frozen_blocks = int(os.environ.get('FREEZE', 0))
    coca, joint = CoCa(), Joint()
    state = load(init) if init else {'kind': TRUNK_NAME, 'trunk': imagenet_trunk().state_dict(), 'coca': load('coca-frozen')['coca'], 'joint': load('joint-frozen')['joint']}
    trunk = Trunk(state['kind']).to(memory_format=torch.channels_last); parts = {'trunk': trunk, 'joint': joint, 'coca': coca}
    for k, m in parts.items(): m.load_state_dict(state[k])
    if frozen_blocks: trunk.stem.requires_grad_(False), trunk.blocks[:frozen_blocks].requires_grad_(False)
    idx, px, seqs, off = training_set()
    opt = {'trunk': Optimizers([trunk], float(os.environ.get('TRUNK_LR', 1e-4)), decay=0.02), 'joint': Optimizers([joint], 1e-4, decay=0.1), 'coca': Optimizers([coca], 3e-4)}
    ema = EMA(parts.values(), 0.99); run = Running(out, {**parts, **{'optimizer-' + k: o for k, o in opt.items()}, 'average': ema}); rng = np.random.default_rng([SEED, run.step])
    for step in range(run.step, steps):
        b = rng.permutation(len(idx))[:n]
        for m in parts.values(): m.train()
        two = [off[j] + rng.permutation(off[j + 1] - off[j])[:2] for j in b]; s, other = ([seqs[p[k % len(p)]][:20] for p in two] for k in (0, 1))
        with bf16():
            g = trunk(augment(to_input(px[idx[b]]), rng)).float(); a, c = joint.pool(g), embed_training_texts(joint, s + other, table, rng)
        cap, con = losses(coca, g, s, table); pair = pair_loss(joint, a, *c.split(n))
        descend(2 * cap + con + 2 * pair, trapezoid(step, steps), *opt.values()); ema.update(); run.tick(step + 1)
        if (step + 1) % 20 == 0: print(out, step + 1, f'{run.seconds:.0f}s cap {cap.item():.3f} con {con.item():.3f} joint {pair.item():.3f}', flush=True)
        if (step + 1) % 100 == 0 or step + 1 == steps:
            ema.swap(); r = measure_pixels(trunk, joint, px, table); print(out, step + 1, f'{run.seconds:.0f}s recall on held-out photos', r, flush=True)
            last = {k: {n: v.detach().clone() for n, v in m.state_dict().items()} for k, m in parts.items()}; ema.swap()
    save(out, {**last, 'kind': trunk.kind, 'steps': steps, 'seconds': run.seconds}); metrics(out, steps=steps, seconds=round(run.seconds), heldOutRecall=r); run.finish()


def heads(steps, n=128):
    """The trunk frozen, grids from the cache FEATURES (default features-final), from INIT (default `coca-pixels`; INIT=lm: from the
    language model). CONTRASTIVE=0 leaves the contrastive loss out."""
    seed(); table = wte(); init, out = os.environ.get('INIT', 'coca-pixels'), os.environ.get('OUT', 'coca'); weight = float(os.environ.get('CONTRASTIVE', 1))
    if init == 'lm': coca = new_coca()
    else: coca = CoCa(); coca.load_state_dict(load(init)['coca'])
    grids = np.load(os.path.join(RUNS, os.environ.get('FEATURES', 'features-final') + '.npy'), mmap_mode='r'); idx, _, seqs, off = training_set()
    opt = Optimizers([coca], float(os.environ.get('LR', 5e-4)), float(os.environ.get('MUON', 0))); ema = EMA([coca], 0.99); best = Best(); run = Running(out, {'coca': coca, 'optimizers': opt, 'average': ema, 'best': best}); rng = np.random.default_rng([SEED, run.step])
    for step in range(run.step, steps):
        coca.train(); b = rng.permutation(len(idx))[:n]; keep = np.sort(rng.permutation(49)[:36])
        g = from_array(grids[rng.integers(grids.shape[0], size=n), idx[b]][:, keep]).float()
        cap, con = losses(coca, g, [seqs[rng.integers(off[j], off[j + 1])][:20] for j in b], table, from_array(keep))
        descend(2 * cap + weight * con, trapezoid(step, steps), opt); ema.update(); run.tick(step + 1)
        if (step + 1) % 50 == 0 or step + 1 == steps:
            ema.swap(); h = held_loss(coca, grids, table); best.offer(-h, coca, {'held': h, 'step': step + 1}); ema.swap()
            print(out, step + 1, f'{run.seconds:.0f}s cap {cap.item():.3f} con {con.item():.3f} held {h:.4f}', flush=True)
    coca.load_state_dict(best.state); blind = held_loss(coca, grids, table, True); print(out, 'kept', best.facts, 'without its photo', blind, flush=True)
    save(out, {'coca': best.state, **best.facts, 'seconds': run.seconds}); metrics(out, steps=steps, seconds=round(run.seconds), keptStep=best.facts['step'], heldOutLoss=round(best.facts['held'], 4), heldOutLossWithoutPhoto=round(blind, 4)); run.finish()


if __name__ == '__main__':
    {'pixels': pixels, 'heads': heads}[sys.argv[1]](int(os.environ.get('STEPS', 300)))
