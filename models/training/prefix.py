"""What ClipCap, CapDec and DeCap share: a prefix from a unit embedding e, then next-token cross entropy
L = -1/T sum_t log p(w_t | prefix(e), w_<t) over w1 .. wn <eos>, with the language model's blocks fine-tuned and its token table frozen."""
import math, os, time
import numpy as np, torch, torch.nn.functional as F
from common import *
from data import EOS, flickr8k, photos, text_groups
from nets import LM, Prefix


def new_decoder(prefixes, hidden, drop=0.0):
    lm = LM(); lm.load_state_dict(load('lm-flickr8k' if done('lm-flickr8k') else 'lm')['lm'])
    net = Prefix(prefixes, hidden, drop); net.gpt.load_state_dict(lm.gpt.state_dict())
    torch.nn.init.normal_(net.fc2.weight, std=0.3 * net.fc2.in_features ** -0.5); torch.nn.init.zeros_(net.fc2.bias)
    if os.environ.get('INIT'):  # a second round with a fresh schedule; `name:last` starts from the last step instead of the kept one
        name, _, which = os.environ['INIT'].partition(':'); net.load_state_dict(load(name)[which or 'net'])
    return net, lm.wte.weight.detach()


def loss_of(net, e, seqs, table, smoothing=0.0):
    ids = pad([s + [EOS] for s in seqs]); lengths = torch.tensor([len(s) + 1 for s in seqs])
    mask = torch.arange(ids.shape[1]) < lengths[:, None]
    with bf16():
        logits = net(e, table[ids[:, :-1]])[mask] @ table.T
    return F.cross_entropy(logits.float(), ids[mask], label_smoothing=smoothing)


def held_set(e):
    """Held-out photos' embeddings (plain view) and captions."""
    names, _ = photos(); _, held = flickr8k()
    return e['images'][0, [names[r['image']] for r in held for _ in r['captions'][:2]]], encode([c for r in held for c in r['captions'][:2]])


def train(name, net, table, sample, held, seconds, lr=float(os.environ.get('LR', 8e-4)), batch=128, smoothing=0.05, extra=None):
    """`sample(rng, n)` -> (embeddings, sequences). Batches are cut from a sorted pool, so that little is padding. The exponential
    average with the best held-out loss is kept."""
    rng = np.random.default_rng(SEED); opt = adamw([net], lr, 0.05); ema = EMA([net], 0.99)
    start = time.time(); step = 0; best = (9.0, None, 0); next_eval = 60

    @torch.no_grad()
    def measure():
        net.eval()
        return sum(loss_of(net, held[0][i:i + 250], held[1][i:i + 250], table).item() for i in range(0, len(held[1]), 250)) / math.ceil(len(held[1]) / 250)

    while time.time() - start < seconds:
        e, seqs = sample(rng, batch * 8)
        order = sorted(range(len(seqs)), key=lambda i: len(seqs[i])); parts = [order[i:i + batch] for i in range(0, len(order), batch)]
        for k in rng.permutation(len(parts)):
            t = time.time() - start
            if t > seconds: break
            set_lr(opt, lr * min(1, (step + 1) / 30) * (0.03 + 0.97 * 0.5 * (1 + math.cos(math.pi * t / seconds))))
            net.train(); part = parts[k]
            loss = loss_of(net, e[part], [seqs[i] for i in part], table, smoothing)
            opt.zero_grad(); loss.backward(); torch.nn.utils.clip_grad_norm_(net.parameters(), 1.0); opt.step(); ema.update(); step += 1
            if t > next_eval:
                next_eval += 60; ema.swap(); h = measure()
                if h < best[0]: best = (h, {k: v.clone() for k, v in net.state_dict().items()}, step)
                ema.swap(); print(name, step, f'{t:.0f}s loss {loss.item():.3f} held {h:.4f}', flush=True)
    ema.swap(); h = measure()
    if h <= best[0]: best = (h, net.state_dict(), step)
    print(name, 'end', step, f'held {h:.4f}, kept {best[0]:.4f} of step {best[2]}', flush=True)
    save(name, {'net': best[1], 'last': net.state_dict(), 'held': best[0], 'step': best[2], 'seconds': time.time() - start, **(extra or {})})


def siblings():
    """Of each caption of Flickr8k, then of Flickr30k, the first and the end of its group, as rows of `f8` and of `more`."""
    out = []
    for groups in ([r['captions'] for r in flickr8k()[0]], text_groups()['flickr30k']):
        ends = np.cumsum([len(g) for g in groups]); out.append(np.repeat(np.stack([ends - [len(g) for g in groups], ends], 1), [len(g) for g in groups], 0))
    return out


def text_sample(e, variance, share=float(os.environ.get('SHARE', 2 / 3)), sibling=float(os.environ.get('SIBLING', 0))):
    """Captions with their own text embedding + N(0, variance), renormalised; most from Flickr8k. With probability `sibling` the caption to
    write is another one of the group (of the same photo, which is not seen): what the text says, not how."""
    groups = siblings() if sibling else None
    def target(rng, rows, which):
        if not sibling: return rows
        other = rng.integers(groups[which][rows, 0], groups[which][rows, 1])
        return np.where(rng.random(len(rows)) < sibling, other, rows)
    def sample(rng, n):
        a, b = rng.integers(len(e['f8']), size=int(n * share)), rng.integers(len(e['more']), size=n - int(n * share))
        x = torch.cat([e['f8e'][a], e['moree'][b]])
        if variance: x = F.normalize(x + torch.randn(x.shape) * variance ** 0.5, dim=-1)
        return x, [e['f8'][i] for i in target(rng, a, 0)] + [e['more'][i] for i in target(rng, b, 1)]
    return sample
