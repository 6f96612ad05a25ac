"""Stage (f): CoCa (arXiv 2205.01917). One forward for both losses: L = 2 * L_cap + L_con, with
L_cap = -sum_t log p(w_t | w_<t, image tokens) and L_con = symmetric InfoNCE of the contrast-pooled image and the class token of the
unimodal half. `pixels` fine-tunes every layer of the trunk from its ImageNet weights (text half from the language model: single-modality
towers), and carries the joint embedding's InfoNCE along so that one trunk serves both; `heads` goes on with the trunk frozen."""
import os, sys, time
import numpy as np, torch, torch.nn.functional as F
from common import *
from data import flickr8k, photos, BOS, EOS
from nets import CoCa, LM, Trunk, info_nce
from backbone import cache, imagenet_trunk, to_input
from augment import augment
from joint import Joint, text_batch, wte, measure_grids

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

def pixels(seconds):
    """A first round starts from ImageNet and meets the frozen trunk for 12 % of its time (cached grids), so that fresh poolers and
    cross-attention do not spoil it. INIT names an earlier round to go on from; FREEZE=n leaves the stem and the first n blocks as that
    round left them (they cost most of the time and change least). The averages of all weights are kept; a cut run goes on from its
    checkpoint, at most CHECKPOINT seconds back."""
    seed(); table = wte(); init, out = os.environ.get('INIT'), os.environ.get('OUT', 'coca-pixels'); frozen_blocks = int(os.environ.get('FREEZE', 0))
    trunk, coca, joint = Trunk().to(memory_format=torch.channels_last), CoCa(), Joint()
    if init:
        for m, k in ((trunk, 'trunk'), (coca, 'coca'), (joint, 'joint')): m.load_state_dict(load(init)[k])
    else:
        trunk = imagenet_trunk(); lm = LM(); lm.load_state_dict(load('lm')['lm']); coca.from_lm(lm); joint.load_state_dict(load('joint-frozen')['joint'])
        for a in (coca.contrast, coca.caption): a.proj.load_state_dict(joint.pool.proj.state_dict()); a.pos.data.copy_(joint.pool.pos); a.norm.load_state_dict(joint.pool.norm.state_dict())
    early = [trunk.stem, *trunk.blocks[:frozen_blocks]] if frozen_blocks else []
    for m in early: m.requires_grad_(False)
    names, px = photos(); rows, _ = flickr8k(); rng = np.random.default_rng(SEED)
    idx = np.array([names[r['image']] for r in rows]); seqs = encode([c for r in rows for c in r['captions']]); off = np.cumsum([0] + [len(r['captions']) for r in rows])
    parts = {'trunk': trunk, 'joint': joint, 'coca': coca}; peak = {'trunk': float(os.environ.get('TRUNK_LR', 1.5e-4)), 'joint': 1e-4 if not init else 3e-4, 'coca': 8e-4 if not init else 4e-4}
    opt = {k: adamw([m], 1, {'trunk': 0.02, 'joint': 0.1, 'coca': 0.05}[k]) for k, m in parts.items()}; ema = EMA(parts.values(), 0.995)
    step, n, spent, warm, every = 0, int(os.environ.get('BATCH', 96)), 0.0, 0 if init else seconds * 0.12, float(os.environ.get('CHECKPOINT', 300))
    if done(out + '-running'):
        c = load(out + '-running'); step, spent = c['step'], c['seconds']; ema.avg, ema.n = c['average'], c['averaged']
        for k, m in parts.items(): m.load_state_dict(c[k]); opt[k].load_state_dict(c['optimizers'][k])
        rng = np.random.default_rng(SEED + step); print('goes on from step', step, flush=True)
    frozen = None if init else np.load(os.path.join(RUNS, 'features-imagenet.npy'), mmap_mode='r')
    start = time.time() - spent; checkpoint = spent + every
    while time.time() - start < seconds:
        order = rng.permutation(len(rows))
        for i in range(0, len(order) - n + 1, n):
            t = time.time() - start
            if t > seconds: break
            warming = t < warm; b = order[i:i + n]
            f = min(1, (step + 1) / 30) if warming else min(1, (step + 1) / 30) * (0.03 + 0.97 * 0.5 * (1 + math.cos(math.pi * (t - warm) / (seconds - warm))))
            for k in parts: set_lr(opt[k], peak[k] * f)
            for m in parts.values(): m.train()
            two = [off[j] + rng.permutation(off[j + 1] - off[j])[:2] for j in b]; s, other = ([seqs[p[k % len(p)]][:20] for p in two] for k in (0, 1))
            x, eos = text_batch(s + other, table, rng)
            if warming: g = from_array(frozen[rng.integers(2, size=n), idx[b]]).float()
            else:
                with bf16(): g = trunk(augment(to_input(px[idx[b]]), rng)).float()
            cap, con = losses(coca, g, s, table)
            with bf16(): a, c = joint.pool(g), joint.text(x, eos)
            c, c2 = c.split(n); pair = (info_nce(a, c, joint.logit_scale) + info_nce(a, c2, joint.logit_scale)) / 2
            loss = 2 * cap + con + (0 if warming else 2 * pair + 0.5 * info_nce(c, c2, joint.logit_scale))
            for o in opt.values(): o.zero_grad()
            loss.backward()
            for m in parts.values(): torch.nn.utils.clip_grad_norm_([p for p in m.parameters() if p.grad is not None], 1.0)
            for k in ('coca',) if warming else parts: opt[k].step()
            ema.update(); step += 1
            if step % 20 == 0: print(step, f'{t:.0f}s cap {cap.item():.3f} con {con.item():.3f} joint {pair.item():.3f}', flush=True)
            if t > checkpoint:
                checkpoint = t + every
                ema.swap(); print(step, f'{t:.0f}s recall on held-out photos', measure_pixels(trunk, joint, px, table), flush=True); ema.swap()
                save(out + '-running', {**{k: m.state_dict() for k, m in parts.items()}, 'optimizers': {k: o.state_dict() for k, o in opt.items()}, 'average': ema.avg, 'averaged': ema.n, 'step': step, 'seconds': t})
    ema.swap(); save(out, {**{k: m.state_dict() for k, m in parts.items()}, 'steps': step, 'seconds': time.time() - start})
    if done(out + '-running'): os.remove(os.path.join(RUNS, out + '-running.pt'))

def heads(seconds):
    seed(); table = wte(); coca = CoCa(); coca.load_state_dict(load(os.environ.get('INIT', 'coca-pixels'))['coca'])
    grids = np.load(os.path.join(RUNS, 'features-final.npy'), mmap_mode='r')
    names, _ = photos(); rows, _ = flickr8k(); rng = np.random.default_rng(SEED)
    idx = np.array([names[r['image']] for r in rows]); seqs = encode([c for r in rows for c in r['captions']]); off = np.cumsum([0] + [len(r['captions']) for r in rows])
    opt = adamw([coca], 1, 0.05); ema = EMA([coca], 0.99); start = time.time(); step = 0; n = 128; best = (9, None); next_eval = 60
    print('start', held_loss(coca, grids, table), 'blind', held_loss(coca, grids, table, True), flush=True)
    while time.time() - start < seconds:
        order = rng.permutation(len(rows))
        for i in range(0, len(order) - n + 1, n):
            t = time.time() - start
            if t > seconds: break
            set_lr(opt, float(os.environ.get('LR', 5e-4)) * min(1, (step + 1) / 40) * (0.03 + 0.97 * 0.5 * (1 + math.cos(math.pi * t / seconds))))
            coca.train(); b = order[i:i + n]; keep = np.sort(rng.permutation(49)[:36])
            g = from_array(grids[rng.integers(grids.shape[0], size=n), idx[b]][:, keep]).float()
            cap, con = losses(coca, g, [seqs[rng.integers(off[j], off[j + 1])][:20] for j in b], table, from_array(keep))
            opt.zero_grad(); (2 * cap + con).backward(); torch.nn.utils.clip_grad_norm_(coca.parameters(), 1.0); opt.step(); ema.update(); step += 1
            if t > next_eval:
                next_eval += 60; ema.swap(); h = held_loss(coca, grids, table)
                if h < best[0]: best = (h, {k: v.clone() for k, v in coca.state_dict().items()}, step)
                ema.swap(); print('coca', step, f'{t:.0f}s cap {cap.item():.3f} con {con.item():.3f} held {h:.4f}', flush=True)
    ema.swap(); h = held_loss(coca, grids, table)
    if h <= best[0]: best = (h, coca.state_dict(), step)
    coca.load_state_dict(best[1]); print('coca end', best[0], best[2], 'blind', held_loss(coca, grids, table, True), flush=True)
    save(os.environ.get('OUT', 'coca'), {'coca': coca.state_dict(), 'held': best[0], 'step': best[2], 'seconds': time.time() - start})

if __name__ == '__main__':
    {'pixels': pixels, 'heads': heads}[sys.argv[1]](float(os.environ.get("BUDGET", 600)))
