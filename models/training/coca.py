"""Stage (f): CoCa (arXiv 2205.01917). One forward for both losses: L = 2 * L_cap + L_con, with
L_cap = -sum_t log p(w_t | w_<t, image tokens) and L_con = symmetric InfoNCE of the contrast-pooled image and the class token of the
unimodal half. `pixels` fine-tunes every layer of the trunk from its ImageNet weights (text half from the language model: single-modality
towers), and carries the joint embedding's InfoNCE along so that one trunk serves both; `heads` goes on with the trunk frozen."""
import os, sys, time
import numpy as np, torch, torch.nn.functional as F
from common import *
from data import flickr8k, photos, BOS, EOS
from nets import CoCa, LM, info_nce
from backbone import cache, imagenet_trunk, to_input
from augment import augment
from joint import Joint, text_batch, wte, measure

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
        rows = held[i:i + 100]; g = torch.from_numpy(grids[0, [names[r['image']] for r in rows]]).float()
        if blind: g = torch.zeros_like(g)
        out.append(losses(coca, g, encode([r['captions'][0] for r in rows]), table)[0].item())
    return sum(out) / len(out)

def pixels(seconds):
    seed(); table = wte(); trunk = imagenet_trunk(); lm = LM(); lm.load_state_dict(load('lm')['lm'])
    coca = CoCa().from_lm(lm); joint = Joint(); joint.load_state_dict(load('joint-frozen')['joint'])
    for a in (coca.contrast, coca.caption): a.proj.load_state_dict(joint.pool.proj.state_dict()); a.pos.data.copy_(joint.pool.pos); a.norm.load_state_dict(joint.pool.norm.state_dict())
    names, px = photos(); px = np.asarray(px); rows, _ = flickr8k(); rng = np.random.default_rng(SEED)
    idx = np.array([names[r['image']] for r in rows]); seqs = encode([c for r in rows for c in r['captions']]); off = np.cumsum([0] + [len(r['captions']) for r in rows])
    ot, oj, oc = adamw([trunk], 1, 0.01), adamw([joint], 1, 0.1), adamw([coca], 1, 0.05)
    start = time.time(); step = 0; n = 96
    # the new poolers and cross-attention first meet the frozen trunk (cached grids), then the trunk joins
    frozen = np.load(os.path.join(RUNS, 'features-imagenet.npy'), mmap_mode='r')
    warm = seconds * 0.12
    while time.time() - start < seconds:
        order = rng.permutation(len(rows))
        for i in range(0, len(order) - n + 1, n):
            t = time.time() - start
            if t > seconds: break
            warming = t < warm; b = order[i:i + n]
            f = (t / warm) if warming else 0.03 + 0.97 * 0.5 * (1 + math.cos(math.pi * (t - warm) / (seconds - warm)))
            set_lr(oc, 8e-4 * (min(1, (step + 1) / 30) if warming else f)); set_lr(oj, 0 if warming else 1e-4 * f); set_lr(ot, 0 if warming else 1.5e-4 * f)
            trunk.train(); joint.train(); coca.train()
            s = [seqs[rng.integers(off[j], off[j + 1])] for j in b]
            if warming:
                g = torch.from_numpy(frozen[rng.integers(2, size=n), idx[b]]).float()
            else:
                with bf16(): g = trunk(augment(to_input(px[idx[b]]), rng)).float()
            cap, con = losses(coca, g, s, table); loss = 2 * cap + con
            if not warming:
                x, eos = text_batch(s, table, rng)
                with bf16(): a, c = joint.pool(g), joint.text(x, eos)
                j = info_nce(a, c, joint.logit_scale); loss = loss + j
            for o in (ot, oj, oc): o.zero_grad()
            loss.backward()
            for m in (trunk, joint, coca): torch.nn.utils.clip_grad_norm_(m.parameters(), 1.0)
            oc.step(); 
            if not warming: ot.step(); oj.step()
            step += 1
            if step % 20 == 0: print(step, f'{t:.0f}s cap {cap.item():.3f} con {con.item():.3f} joint {0 if warming else j.item():.3f}', flush=True)
    save('coca-pixels', {'trunk': trunk.state_dict(), 'joint': joint.state_dict(), 'coca': coca.state_dict(), 'steps': step, 'seconds': time.time() - start})

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
            set_lr(opt, 5e-4 * min(1, (step + 1) / 40) * (0.03 + 0.97 * 0.5 * (1 + math.cos(math.pi * t / seconds))))
            coca.train(); b = order[i:i + n]; keep = torch.tensor(np.sort(rng.permutation(49)[:36]))
            g = torch.from_numpy(grids[rng.integers(grids.shape[0], size=n), idx[b]][:, keep.numpy()]).float()
            cap, con = losses(coca, g, [seqs[rng.integers(off[j], off[j + 1])][:20] for j in b], table, keep)
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
