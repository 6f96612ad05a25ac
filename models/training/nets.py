"""The networks of the pocket family; parameter names are the keys of docs/pocket-layout.md."""

import torch
import torch.nn as nn
import torch.nn.functional as F

# At these lengths plain products are faster on CPU than the flash kernel, above all backward.
attend = lambda q, k, v, causal=False: (
    plain(q, k, v, causal) if q.device.type == "cpu" else F.scaled_dot_product_attention(q, k, v, is_causal=causal)
)


def plain(q, k, v, causal):
    w = q @ k.transpose(-1, -2) * q.shape[-1] ** -0.5
    if causal:
        w = w.masked_fill(torch.ones(w.shape[-2:], dtype=torch.bool, device=w.device).triu(1), float("-inf"))
    return w.softmax(-1).to(v.dtype) @ v


D, HEADS, LAYERS, V, POS = 256, 4, 4, 6000, 64
gelu = lambda x: F.gelu(x, approximate="tanh")


class SelfAttention(nn.Module):
    def __init__(self, width=D, heads=HEADS, causal=True):
        super().__init__()
        self.heads, self.causal = heads, causal
        self.qkv, self.out = nn.Linear(width, 3 * width), nn.Linear(width, width)

    def forward(self, x):  # [B,T,D]
        b, t, d = x.shape
        q, k, v = (y.view(b, t, self.heads, d // self.heads).transpose(1, 2) for y in self.qkv(x).split(d, 2))
        return self.out(attend(q, k, v, self.causal).transpose(1, 2).reshape(b, t, d))


class CrossAttention(nn.Module):
    def __init__(self, width=D, heads=HEADS):
        super().__init__()
        self.heads = heads
        self.q, self.k, self.v, self.out = (nn.Linear(width, width) for _ in range(4))

    def forward(self, x, tokens):  # [B,T,D], [B,N,D]
        b, t, d = x.shape
        split = lambda y: y.view(b, -1, self.heads, d // self.heads).transpose(1, 2)
        return self.out(
            attend(split(self.q(x)), split(self.k(tokens)), split(self.v(tokens))).transpose(1, 2).reshape(b, t, d)
        )


class MLP(nn.Module):
    def __init__(self, width=D, hidden=4 * D):
        super().__init__()
        self.fc, self.proj = nn.Linear(width, hidden), nn.Linear(hidden, width)

    def forward(self, x):
        return self.proj(gelu(self.fc(x)))


class Block(nn.Module):
    def __init__(self, cross=False, drop=0.1):
        super().__init__()
        self.ln_1, self.attn, self.ln_2, self.mlp = nn.LayerNorm(D), SelfAttention(), nn.LayerNorm(D), MLP()
        self.drop = nn.Dropout(drop)
        if cross:
            self.ln_x, self.xattn = nn.LayerNorm(D), CrossAttention()

    def forward(self, x, tokens=None):
        x = x + self.drop(self.attn(self.ln_1(x)))
        if tokens is not None:
            x = x + self.drop(self.xattn(self.ln_x(x), tokens))
        return x + self.drop(self.mlp(self.ln_2(x)))


class GPT(nn.Module):
    """Body without the token table, which is shared: rows of embeddings in, final-norm states out."""

    def __init__(self, drop=0.1):
        super().__init__()
        self.wpe = nn.Embedding(POS, D)
        self.blocks = nn.ModuleList(Block(drop=drop) for _ in range(LAYERS))
        self.ln_f = nn.LayerNorm(D)
        nn.init.normal_(self.wpe.weight, std=0.02)

    def forward(self, x):  # [B,T,D]
        x = x + self.wpe.weight[: x.shape[1]]
        for block in self.blocks:
            x = block(x)
        return self.ln_f(x)


def init(module):
    for m in module.modules():
        if isinstance(m, nn.Linear):
            nn.init.normal_(m.weight, std=0.02 if m.in_features == D else m.in_features**-0.5)
            if m.bias is not None:
                nn.init.zeros_(m.bias)
    return module


class LM(nn.Module):
    def __init__(self):
        super().__init__()
        self.wte = nn.Embedding(V, D)
        nn.init.normal_(self.wte.weight, std=0.05)
        self.gpt = init(GPT())

    def forward(self, ids):
        return self.gpt(self.wte(ids)) @ self.wte.weight.T


# ---- image
class ConvAct(nn.Conv2d):
    """A convolution with its BatchNorm folded in, then ReLU6 unless `act` is off. TensorFlow's SAME padding, of even
    sizes at stride 2."""

    def __init__(self, i, o, k=1, s=1, groups=1, act=True):
        super().__init__(i, o, k, s, 0 if s == 2 else k // 2, groups=groups)
        # SAME at stride 2 on an even size pads k - 2 in all, the odd one after: (0, 1) for 3x3, (1, 2) for 5x5.
        self.act, self.same = act, ((k - 2) // 2, (k - 1) // 2) * 2 if s == 2 else None

    def forward(self, x):
        if self.same:
            x = F.pad(x, self.same)
        x = super().forward(x)
        return F.relu6(x) if self.act else x


class Inverted(nn.Module):
    def __init__(self, i, o, t, k, s):
        super().__init__()
        h = i * t
        if t > 1:
            self.expand = ConvAct(i, h)
        self.depthwise, self.project = ConvAct(h, h, k, s, h), ConvAct(h, o, act=False)
        self.residual, self.skip = s == 1 and i == o, 0.0

    def forward(self, x):
        y = self.expand(x) if hasattr(self, "expand") else x
        y = self.project(self.depthwise(y))
        if not self.residual:
            return y
        if self.training and self.skip:  # stochastic depth (arXiv 1603.09382)
            y = y * ((torch.rand(len(y), 1, 1, 1, device=y.device) >= self.skip) / (1 - self.skip)).to(y.dtype)
        return x + y


# Of each trunk (models/networks/trunks.ts) its stages: expansion, channels, blocks, kernel, stride of the first block.
TRUNKS = {
    # Width 1.1 and depth 1.2 of Lite0, but for the stem, the head and the first and last stage's depth, which the Lite
    # family does not scale.
    "efficientnet-lite2": (
        (1, 16, 1, 3, 1),
        (6, 24, 3, 3, 2),
        (6, 48, 3, 5, 2),
        (6, 88, 4, 3, 2),
        (6, 120, 4, 5, 1),
        (6, 208, 5, 5, 2),
        (6, 352, 1, 3, 1),
    ),
    "mobilenet-v2": (
        (1, 16, 1, 3, 1),
        (6, 24, 2, 3, 2),
        (6, 32, 3, 3, 2),
        (6, 64, 4, 3, 2),
        (6, 96, 3, 3, 1),
        (6, 160, 3, 3, 2),
        (6, 320, 1, 3, 1),
    ),
}
# What a new training starts from; a family names its own in its manifest, none being mobilenet-v2.
TRUNK_NAME = "efficientnet-lite2"


class Trunk(nn.Module):
    """A convolutional image network without its classifier, [B,3,224,224] in [-1,1] -> [B,49,1280]."""

    def __init__(self, kind=TRUNK_NAME):
        super().__init__()
        self.kind, self.stem = kind, ConvAct(3, 32, 3, 2)
        blocks, c = [], 32
        for t, o, n, k, s in TRUNKS[kind]:
            for j in range(n):
                blocks.append(Inverted(c, o, t, k, s if j == 0 else 1))
                c = o
        self.blocks, self.head = nn.ModuleList(blocks), ConvAct(c, 1280)

    def skip_blocks(self, share):
        """Training leaves out residual blocks at random, the last with probability `share`, earlier ones less."""
        for i, b in enumerate(self.blocks):
            b.skip = share * (i + 1) / len(self.blocks)
        return self

    def forward(self, x):
        x = self.stem(x)
        for b in self.blocks:
            x = b(x)
        return self.head(x).flatten(2).transpose(1, 2)


class Pooler(nn.Module):
    """Attention pooling of the grid by learned queries. norm_out for CoCa's poolers only."""

    def __init__(self, queries, out_norm):
        super().__init__()
        self.proj, self.pos, self.norm = nn.Linear(1280, D), nn.Parameter(torch.zeros(49, D)), nn.LayerNorm(D)
        self.query, self.attn = nn.Parameter(torch.randn(queries, D) * 0.5), CrossAttention(D, 8)
        if out_norm:
            self.norm_out = nn.LayerNorm(D)

    def forward(self, g, keep=None):  # [B,49,1280] -> [B,n,D]; keep: indices of grid tokens (patch drop)
        pos = self.pos if keep is None else self.pos[keep]
        t = self.norm(self.proj(g) + pos)
        a = self.attn(self.query.expand(len(g), -1, -1), t)
        return self.norm_out(a) if hasattr(self, "norm_out") else a


class PoolMLP(nn.Module):
    def __init__(self):
        super().__init__()
        self.norm, self.fc1, self.fc2 = nn.LayerNorm(D), nn.Linear(D, 512), nn.Linear(512, D)


class ImagePool(Pooler):
    """Raw image embedding: attention pooling + linear of the mean feature + residual MLP."""

    def __init__(self, drop=0.2):
        super().__init__(1, False)
        self.mean, self.mlp, self.drop = nn.Linear(1280, D), PoolMLP(), nn.Dropout(drop)

    def forward(self, g, keep=None):
        e = super().forward(g, keep)[:, 0] + self.mean(self.drop(g.mean(1)))
        m = self.mlp
        return e + m.fc2(self.drop(gelu(m.fc1(m.norm(e)))))


class TextTower(nn.Module):
    """Causal text tower, pooled at the first <eos>; raw embedding."""

    def __init__(self, drop=0.1):
        super().__init__()
        self.body, self.proj = GPT(drop), nn.Linear(D, D, bias=False)

    def forward(self, x, eos):  # embeddings [B,T,D], index of <eos> [B]
        return self.proj(self.body(x)[torch.arange(len(x)), eos])


class Prefix(nn.Module):
    """ClipCap/CapDec (hidden 384, 10 prefixes) or DeCap (one linear, one prefix) over a GPT body."""

    def __init__(self, prefixes, hidden=None, drop=0.05):
        super().__init__()
        self.prefixes = prefixes
        self.fc1 = nn.Linear(D, hidden) if hidden else None
        self.fc2 = nn.Linear(hidden or D, prefixes * D)
        self.gpt = GPT(drop)

    def prefix(self, e):  # unit embedding [B,D] -> [B,prefixes,D]
        h = torch.tanh(self.fc1(e)) if self.fc1 is not None else e
        return self.fc2(h).view(len(e), self.prefixes, D)

    def forward(
        self, e, x
    ):  # and token embeddings [B,T,D] -> states that predict w1 .. w(T+1) (the last prefix slot first)
        return self.gpt(torch.cat([self.prefix(e), x], 1))[:, self.prefixes - 1 :]


class CoCa(nn.Module):
    """Text half of CoCa: blocks 0,1 unimodal with a class token; blocks 2,3 cross-attend to the image tokens."""

    def __init__(self):
        super().__init__()
        self.contrast, self.caption = Pooler(1, True), Pooler(16, True)
        self.wpe, self.cls = nn.Embedding(POS, D), nn.Parameter(torch.randn(D) * 0.02)
        self.blocks = nn.ModuleList(Block(cross=i >= 2) for i in range(LAYERS))
        self.ln_f, self.ln_cls, self.proj = nn.LayerNorm(D), nn.LayerNorm(D), nn.Linear(D, D, bias=False)
        self.logit_scale = nn.Parameter(torch.tensor(2.66))

    def from_lm(self, lm):
        self.wpe.load_state_dict(lm.gpt.wpe.state_dict())
        for mine, theirs in zip(self.blocks, lm.gpt.blocks):
            mine.load_state_dict(theirs.state_dict(), strict=False)
        for b in self.blocks[2:]:
            nn.init.normal_(b.xattn.out.weight, std=0.01)
        self.ln_f.load_state_dict(lm.gpt.ln_f.state_dict())
        return self

    def text(self, x, lengths, tokens):
        """x [B,T,D] token embeddings, lengths [B] -> (states [B,T,D], class latent [B,D]); class token sits after the
        last token."""
        b, t, d = x.shape
        x = torch.cat([x, x.new_zeros(b, 1, d)], 1).clone()
        x[torch.arange(b), lengths] = self.cls.to(x.dtype)
        x = x + self.wpe.weight[: t + 1]
        for block in self.blocks[:2]:
            x = block(x)
        latent = self.proj(self.ln_cls(x[torch.arange(b), lengths]))
        x = x[:, :t]
        for block in self.blocks[2:]:
            x = block(x, tokens)
        return self.ln_f(x), latent


def info_nce(a, b, scale, more=None):
    """Symmetric InfoNCE: -1/2B sum_i [log softmax_j(s a_i.b_j)_i + log softmax_j(s b_i.a_j)_i], unit a, b (CLIP, arXiv
    2103.00020). Rows of `more` are further wrong answers for a."""
    a, b = F.normalize(a.float(), dim=-1), F.normalize(b.float(), dim=-1)
    s = scale.exp().clamp(max=100)
    logits = s * a @ b.T
    target = torch.arange(len(a))
    wide = logits if more is None else torch.cat([logits, s * a @ F.normalize(more.float(), dim=-1).T], 1)
    return (F.cross_entropy(wide, target) + F.cross_entropy(logits.T, target)) / 2
