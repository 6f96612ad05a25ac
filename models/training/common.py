"""What every stage shares: the device, seeds, schedules, optimizers, batches of ids, checkpoints, metrics."""

import json
import math
import os
import random
import time

import numpy as np
import torch
from data import RUNS
from tokenizers import Tokenizer

torch.set_num_threads(int(os.environ.get("THREADS", 2)))
SEED = int(os.environ.get("SEED", 0))
DEVICE = os.environ.get("DEVICE") or ("cuda" if torch.cuda.is_available() else "cpu")
if DEVICE != "cpu":
    torch.set_default_device(DEVICE)  # every tensor that a recipe makes lies there; arrays come through `from_array`
    torch.backends.cudnn.benchmark = True
    torch.set_float32_matmul_precision("high")


def from_array(array):
    """A NumPy array (memory-mapped or not) as a tensor on the device, in its own type. A GPU is not waited for."""
    return torch.from_numpy(np.array(array)).to(DEVICE, non_blocking=True)


def grids_of(name):
    """The cache of grids [views,N,49,1280] fp16: memory-mapped on a CPU, on a GPU in its memory."""
    array = np.load(os.path.join(RUNS, name + ".npy"), mmap_mode="r")
    return array if DEVICE == "cpu" else from_array(array)


def take(grids, *index):
    """fp32 rows of a cache of grids on the device; index: an integer, list or array for each leading dimension."""
    plain = lambda i: isinstance(i, (int, slice))
    if isinstance(grids, np.ndarray):
        return from_array(grids[tuple(i if plain(i) else np.asarray(i) for i in index)]).float()
    return grids[tuple(i if plain(i) else from_array(i) for i in index)].float()


def seed(n=SEED):
    random.seed(n)
    np.random.seed(n)
    torch.manual_seed(n)


def tokenizer():
    return Tokenizer.from_file(os.path.join(RUNS, "tokenizer.json"))


def encode(texts, tok=None):
    return [e.ids[:28] for e in (tok or tokenizer()).encode_batch(texts)]


def pad(seqs):
    out = np.zeros((len(seqs), max(map(len, seqs))), np.int64)
    for i, s in enumerate(seqs):
        out[i, : len(s)] = s
    return from_array(out)


def lengths_of(seqs):
    """Tokens of each row with one more (its <bos> or <eos>), int64 [B]."""
    return from_array([len(s) + 1 for s in seqs])


def trapezoid(step, total, warm=20, cool=0.4):
    """Factor of the learning rate: up over `warm` steps, one, then down to zero over the last share `cool` of `total`
    steps. A run can be made longer without starting again: only the end depends on the total (arXiv 2405.18392)."""
    return min(1.0, (step + 1) / warm, (total - step) / max(1.0, cool * total))


def orthogonal(g, rounds=5):
    """Nearly the nearest semi-orthogonal matrix of g [..., rows, columns]: Newton-Schulz steps whose singular values
    end within 0.7 to 1.2."""
    x = g.bfloat16() if g.device.type != "cpu" else g
    tall = x.shape[-2] > x.shape[-1]
    if tall:
        x = x.mT
    x = x / (x.norm(dim=(-2, -1), keepdim=True) + 1e-7)
    for _ in range(rounds):
        a = x @ x.mT
        x = 3.4445 * x + (-4.7750 * a + 2.0315 * a @ a) @ x
    return (x.mT if tall else x).to(g.dtype)


class Muon(torch.optim.Optimizer):
    """Momentum made orthogonal (Keller Jordan, github.com/KellerJordan/Muon), for the weight matrices of blocks; equal
    shapes go through the iteration together. Learning rates are its own: 0.02 where AdamW takes 2e-3."""

    def __init__(self, params, lr=0.02, momentum=0.95, weight_decay=0.01):
        super().__init__(list(params), {"lr": lr, "momentum": momentum, "weight_decay": weight_decay})

    @torch.no_grad()
    def step(self):
        for group in self.param_groups:
            shapes = {}
            for p in group["params"]:
                if p.grad is None:
                    continue
                state = self.state[p]
                m = state.setdefault("momentum", torch.zeros_like(p))
                m.lerp_(p.grad, 1 - group["momentum"])
                shapes.setdefault(p.shape, []).append((p, p.grad.lerp(m, group["momentum"])))  # Nesterov
            for shape, pairs in shapes.items():
                updates = orthogonal(torch.stack([u for _, u in pairs]))
                scale = max(1.0, shape[0] / shape[1]) ** 0.5
                for (p, _), u in zip(pairs, updates):
                    p.mul_(1 - group["lr"] * group["weight_decay"]).add_(u, alpha=-group["lr"] * scale)


class Optimizers:
    """Muon for the matrices of transformer blocks (peak rate `muon`; 0: AdamW takes them too), AdamW for everything
    else (`adam`)."""

    def __init__(self, modules, adam, muon=0.0, decay=0.05):
        named = [(n, p) for m in modules for n, p in m.named_parameters() if p.requires_grad]
        blocks = [p for n, p in named if muon and p.ndim == 2 and "blocks." in n]
        rest = [p for n, p in named if not (muon and p.ndim == 2 and "blocks." in n)]
        groups = [
            {"params": [p for p in rest if p.ndim > 1], "weight_decay": decay},
            {"params": [p for p in rest if p.ndim <= 1], "weight_decay": 0.0},
        ]
        self.parts = (
            [(torch.optim.AdamW([g for g in groups if g["params"]], lr=adam, betas=(0.9, 0.98)), adam)] if rest else []
        )
        if blocks:
            self.parts.append((Muon(blocks, muon), muon))
        self.params = [p for _, p in named]

    def state_dict(self):
        return [o.state_dict() for o, _ in self.parts]

    def load_state_dict(self, states):
        for (o, _), state in zip(self.parts, states, strict=True):
            o.load_state_dict(state)


def descend(loss, factor, *optimizers, clip=1.0):
    """One step down the gradient of `loss`, at `factor` of every peak rate; each Optimizers' gradient is clipped by its
    own norm."""
    for o in optimizers:
        for p in o.params:
            p.grad = None
    loss.backward()
    for o in optimizers:
        torch.nn.utils.clip_grad_norm_([p for p in o.params if p.grad is not None], clip)
        for part, peak in o.parts:
            set_lr(part, peak * factor)
            part.step()


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
            tmp = p.data.clone()
            p.data.copy_(a)
            a.copy_(tmp)

    def state_dict(self):
        return {"average": self.avg, "steps": self.n}

    def load_state_dict(self, state):
        self.avg, self.n = state["average"], state["steps"]


def set_lr(opt, lr):
    for g in opt.param_groups:
        g["lr"] = lr * g.get("scale", 1.0)


def save(name, obj):
    path = os.path.join(RUNS, name + ".pt")
    torch.save(obj, path + ".tmp")
    os.replace(path + ".tmp", path)


def load(name):
    return torch.load(os.path.join(RUNS, name + ".pt"), map_location=DEVICE, weights_only=False)


def done(name):
    return os.path.exists(os.path.join(RUNS, name + ".pt"))


class Best:
    """The weights with the greatest value offered so far, and what was known of them."""

    def __init__(self):
        self.value, self.state, self.facts = -math.inf, None, {}

    def offer(self, value, module, facts):
        if value >= self.value:
            self.value, self.state, self.facts = (
                value,
                {k: v.detach().clone() for k, v in module.state_dict().items()},
                facts,
            )

    def state_dict(self):
        return {"value": self.value, "state": self.state, "facts": self.facts}

    def load_state_dict(self, state):
        self.value, self.state, self.facts = state["value"], state["state"], state["facts"]


class Running:
    """The checkpoint of a run under way: `Running(name, parts)` goes on from it if there is one; `tick(step)` writes it
    every CHECKPOINT seconds (default 120), `finish()` removes it. `parts` maps names to modules, optimizers or averages
    (anything with state_dict)."""

    def __init__(self, name, parts):
        self.name, self.parts, self.step, self.spent = name + "-running", parts, 0, 0.0
        if done(self.name):
            c = load(self.name)
            self.step, self.spent = c["step"], c["seconds"]
            for k, part in parts.items():
                part.load_state_dict(c[k])
            print(name, "goes on from step", self.step, flush=True)
        self.start = time.time() - self.spent
        self.last = time.time()

    @property
    def seconds(self):
        return time.time() - self.start

    def tick(self, step):
        if time.time() - self.last > float(os.environ.get("CHECKPOINT", 120)):
            save(
                self.name, {**{k: p.state_dict() for k, p in self.parts.items()}, "step": step, "seconds": self.seconds}
            )
            self.last = time.time()

    def finish(self):
        if done(self.name):
            os.remove(os.path.join(RUNS, self.name + ".pt"))


def metrics(name, **figures):
    """Writes runs/NAME.metrics.json: what a stage reached, in how many steps and seconds."""
    path = os.path.join(RUNS, name + ".metrics.json")
    with open(path + ".tmp", "w") as f:
        json.dump({"stage": name, "seed": SEED, "threads": torch.get_num_threads(), **figures}, f, indent=2)
    os.replace(path + ".tmp", path)


def bfloat16_pays():
    """Whether products in bfloat16 are faster here than in float32: not on every CPU that can do them. BF16=0 or 1
    decides instead."""
    if "BF16" in os.environ:
        return os.environ["BF16"] == "1"
    if DEVICE != "cpu":
        return True
    seconds = {}
    for dtype in (torch.float32, torch.bfloat16):
        a, b = torch.randn(1024, 1024).to(dtype), torch.randn(1024, 1024).to(dtype)
        a @ b
        seconds[dtype] = min(timed(lambda: a @ b) for _ in range(5))
    return seconds[torch.bfloat16] < seconds[torch.float32]


def timed(work):
    t = time.perf_counter()
    work()
    return time.perf_counter() - t


BF16 = bfloat16_pays()
bf16 = lambda: torch.autocast(DEVICE, torch.bfloat16, enabled=BF16)
