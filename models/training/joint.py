"""Stage (a): joint embedding. Loss: symmetric InfoNCE (nets.info_nce) of image and text embeddings, learned temperature.
`joint.py frozen` trains the heads on cached grids of the ImageNet trunk; `joint.py final` goes on from the CoCa stage on grids of the final trunk;
`joint.py embed` then embeds photos and captions for the decoders."""
import os, sys, time
import numpy as np, torch, torch.nn.functional as F
from common import *
from data import flickr8k, photos, text_groups, BOS, EOS
from nets import ImagePool, TextTower, LM, info_nce
from backbone import cache, imagenet_trunk

class Joint(torch.nn.Module):
    def __init__(self):
        super().__init__()
        self.pool, self.text = ImagePool(), TextTower()
        self.logit_scale = torch.nn.Parameter(torch.tensor(2.66))

def new_joint():
    j, lm = Joint(), LM(); lm.load_state_dict(load('lm')['lm'])
    j.text.body.load_state_dict(lm.gpt.state_dict()); torch.nn.init.eye_(j.text.proj.weight)
    for m in j.pool.modules():
        if isinstance(m, torch.nn.Linear): torch.nn.init.normal_(m.weight, std=m.in_features ** -0.5); torch.nn.init.zeros_(m.bias)
    return j

def wte():
    return load('lm')['lm']['wte.weight']

def text_batch(seqs, table, rng=None, drop=0.1):
    if rng is not None: seqs = [[t for t in s if rng.random() > drop] or s for s in seqs]
    ids = pad([[BOS] + s + [EOS] for s in seqs])
    return table[ids], torch.tensor([len(s) + 1 for s in seqs])

@torch.no_grad()
def embed_texts(joint, seqs, table, size=512):
    joint.eval(); out = []
    order = sorted(range(len(seqs)), key=lambda i: len(seqs[i])); res = torch.zeros(len(seqs), table.shape[1])
    for i in range(0, len(order), size):
        idx = order[i:i + size]; x, eos = text_batch([seqs[j] for j in idx], table)
        with bf16(): e = joint.text(x, eos)
        res[idx] = F.normalize(e.float(), dim=-1)
    return res

@torch.no_grad()
def embed_grids(joint, grids, size=256):
    joint.eval()
    return torch.cat([F.normalize(joint.pool(from_array(grids[i:i + size]).float()).float(), dim=-1) for i in range(0, len(grids), size)])

def recall(images, texts, owner):
    """image->text and text->image recall at 1, 5, 10; texts row i belongs to image owner[i]."""
    sim = images @ texts.T; owner = torch.tensor(owner); out = []
    rank = sim.argsort(1, descending=True)
    hit = owner[rank] == torch.arange(len(images))[:, None]
    for k in (1, 5, 10): out.append(hit[:, :k].any(1).float().mean().item() * 100)
    r2 = sim.T.argsort(1, descending=True)
    for k in (1, 5, 10): out.append((r2[:, :k] == owner[:, None]).any(1).float().mean().item() * 100)
    return [round(x, 1) for x in out]

def measure(joint, grids, table):
    names, _ = photos(); _, held = flickr8k()
    return measure_grids(joint, grids[:, [names[r['image']] for r in held]], table)

def measure_grids(joint, grids, table):
    """Recall on the held-out photos from their grids [views,N,49,1280]; an embedding is the mean of its views."""
    _, held = flickr8k()
    seqs = encode([c for r in held for c in r['captions']]); owner = [i for i, r in enumerate(held) for _ in r['captions']]
    return recall(F.normalize(sum(embed_grids(joint, view) for view in grids), dim=-1), embed_texts(joint, seqs, table), owner)

def train(joint, grids, seconds, lr_head, lr_text, name):
    seed(); table = wte(); names, _ = photos(); rows, _ = flickr8k(); rng = np.random.default_rng(SEED)
    idx = np.array([names[r['image']] for r in rows]); seqs = encode([c for r in rows for c in r['captions']]); off = np.cumsum([0] + [len(r['captions']) for r in rows])
    opt = adamw([joint.pool], lr_head, 0.1); opt2 = adamw([joint.text], lr_text, 0.1)
    opt.add_param_group({'params': [joint.logit_scale], 'weight_decay': 0.0})
    ema = EMA([joint], 0.99); best = (0, None); start = time.time(); step = 0; next_eval = 60
    while time.time() - start < seconds:
        order = rng.permutation(len(rows))
        for i in range(0, len(order) - 255, 256):
            t = time.time() - start
            if t > seconds: break
            f = min(1, (step + 1) / 60) * (0.03 + 0.97 * 0.5 * (1 + math.cos(math.pi * t / seconds)))
            set_lr(opt, lr_head * f); set_lr(opt2, lr_text * f)
            b = order[i:i + 256]; keep = rng.permutation(49)[:25]
            joint.train()
            g = from_array(grids[rng.integers(grids.shape[0], size=256), idx[b]][:, keep]).float()
            s = sorted(((seqs[rng.integers(off[j], off[j + 1])][:20], k) for k, j in enumerate(b)), key=lambda p: len(p[0]))
            with bf16():  # short and long captions apart, so that little is padding
                c = torch.cat([joint.text(*text_batch([p[0] for p in part], table, rng)) for part in (s[:100], s[100:190], s[190:])])
                a = joint.pool(g, from_array(keep))[[p[1] for p in s]]
            loss = info_nce(a, c, joint.logit_scale)
            opt.zero_grad(); opt2.zero_grad(); loss.backward()
            torch.nn.utils.clip_grad_norm_(joint.parameters(), 1.0); opt.step(); opt2.step(); ema.update(); step += 1
            if t > next_eval:
                next_eval += 60; ema.swap(); r = measure(joint, grids, table)
                if sum(r) > best[0]: best = (sum(r), {k: v.clone() for k, v in joint.state_dict().items()}, r, step)
                ema.swap(); print(name, step, f'{t:.0f}s loss {loss.item():.3f} recall {r} sum {sum(r):.1f}', flush=True)
    ema.swap(); r = measure(joint, grids, table); print(name, 'end', step, r, sum(r), flush=True)
    if sum(r) >= best[0]: best = (sum(r), joint.state_dict(), r, step)
    joint.load_state_dict(best[1])
    save(name, {'joint': joint.state_dict(), 'recall': best[2], 'step': best[3], 'seconds': time.time() - start})

def embeddings(joint, grids):
    """Unit embeddings that the frozen decoders train on: photos [views, N, D], captions of the training photos and those of
    Flickr30k, and the modality offset mean(image) - mean(text)."""
    table = wte(); names, _ = photos(); rows, held = flickr8k()
    f8 = encode([c for r in rows for c in r['captions']]); more = encode([c for g in text_groups()['flickr30k'] for c in g])
    images = torch.stack([embed_grids(joint, grids[v]) for v in range(grids.shape[0])])
    f8e = embed_texts(joint, f8, table); moree = embed_texts(joint, more, table)
    offset = images[:, [names[r['image']] for r in rows]].mean((0, 1)) - f8e.mean(0)
    own = (images[0, [names[r['image']] for r in rows for _ in r['captions']]] * f8e).sum(1).mean()
    print('gap', offset.norm().item(), 'cosine of a training photo with its captions', own.item(), flush=True)
    save('embeddings', {'images': images, 'f8': f8, 'f8e': f8e, 'more': more, 'moree': moree, 'offset': offset})


if __name__ == '__main__':
    seed(); stage = sys.argv[1]; budget = float(os.environ.get('BUDGET', 300))
    if stage == 'frozen':
        train(new_joint(), cache(imagenet_trunk(), 'features-imagenet'), budget, 1e-3, 4e-4, 'joint-frozen')
    else:
        grids = np.load(os.path.join(RUNS, 'features-final.npy'), mmap_mode='r'); j = Joint()
        if stage == 'final':
            j.load_state_dict(load('coca-pixels')['joint']); train(j, grids, budget, 7e-4, 3e-4, 'joint')
        else:
            j.load_state_dict(load('joint')['joint']); embeddings(j, grids)
