"""What every stage shares: the device, seeds, schedules, batches of ids, checkpoints."""
import math, os, random, time
import numpy as np
import torch
from tokenizers import Tokenizer
from data import BOS, EOS, PAD, RUNS

torch.set_num_threads(int(os.environ.get('THREADS', 2)))
SEED = int(os.environ.get('SEED', 0))
DEVICE = os.environ.get('DEVICE') or ('cuda' if torch.cuda.is_available() else 'cpu')
if DEVICE != 'cpu':
    torch.set_default_device(DEVICE)  # every tensor that a recipe makes lies there; arrays come through `from_array`


def from_array(array):
    """A NumPy array (memory-mapped or not) as a tensor on the device, in its own type."""
    return torch.from_numpy(np.array(array)).to(DEVICE)



def seed(n=SEED):
    random.seed(n); np.random.seed(n); torch.manual_seed(n)


def tokenizer():
    return Tokenizer.from_file(os.path.join(RUNS, 'tokenizer.json'))


def encode(texts, tok=None):
    return [e.ids[:28] for e in (tok or tokenizer()).encode_batch(texts)]


def pad(seqs):
    out = np.zeros((len(seqs), max(map(len, seqs))), np.int64)
    for i, s in enumerate(seqs):
        out[i, : len(s)] = s
    return from_array(out)


def cosine_lr(step, total, peak, warm=60):
    if step < warm:
        return peak * (step + 1) / warm
    return peak * (0.03 + 0.97 * 0.5 * (1 + math.cos(math.pi * min(1, (step - warm) / max(1, total - warm)))))


def adamw(modules, lr, decay=0.05, frozen=()):
    ps = [p for m in modules for p in m.parameters() if p.requires_grad]
    return torch.optim.AdamW([{'params': [p for p in ps if p.ndim > 1], 'weight_decay': decay}, {'params': [p for p in ps if p.ndim <= 1], 'weight_decay': 0.0}], lr=lr, betas=(0.9, 0.98))


class EMA:
    """Exponential average of parameters; `swap` puts it in place for measuring or saving."""
    def __init__(self, modules, decay=0.995):
        self.ps = [p for m in modules for p in m.parameters()]
        self.avg, self.decay, self.n = [p.detach().clone() for p in self.ps], decay, 0
    def update(self):
        self.n += 1
        d = min(self.decay, (1 + self.n) / (10 + self.n))
        torch._foreach_mul_(self.avg, d)
        torch._foreach_add_(self.avg, [p.detach() for p in self.ps], alpha=1 - d)
    def swap(self):
        for p, a in zip(self.ps, self.avg):
            tmp = p.data.clone(); p.data.copy_(a); a.copy_(tmp)


def set_lr(opt, lr):
    for g in opt.param_groups:
        g['lr'] = lr * g.get('scale', 1.0)


def save(name, obj):
    path = os.path.join(RUNS, name + '.pt')
    torch.save(obj, path + '.tmp'); os.replace(path + '.tmp', path)


def load(name):
    return torch.load(os.path.join(RUNS, name + '.pt'), map_location=DEVICE, weights_only=False)


def done(name):
    return os.path.exists(os.path.join(RUNS, name + '.pt'))


bf16 = lambda: torch.autocast(DEVICE, torch.bfloat16)
