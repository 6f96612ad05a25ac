"""Independent PyTorch implementations of the networks, written from their papers and docs/pocket-layout.md.
A network is a function of a weight dictionary under the checkpoint's own key names. No cache, no fused operators."""

import torch
import torch.nn.functional as F
from torch import Tensor

EPSILON = 1e-5
Weights = dict[str, Tensor]


def linear(w: Weights, key: str, x: Tensor) -> Tensor:
    return F.linear(x, w[f"{key}.weight"], w.get(f"{key}.bias"))


def norm(w: Weights, key: str, x: Tensor) -> Tensor:
    return F.layer_norm(x, x.shape[-1:], w[f"{key}.weight"], w[f"{key}.bias"], EPSILON)


def gelu_tanh(x: Tensor) -> Tensor:
    return 0.5 * x * (1 + torch.tanh((2 / torch.pi) ** 0.5 * (x + 0.044715 * x**3)))


def quick_gelu(x: Tensor) -> Tensor:
    return x * torch.sigmoid(1.702 * x)


def heads(q: Tensor, k: Tensor, v: Tensor, count: int, causal: bool = False) -> Tensor:
    """Attention over [batch, tokens, width], one head after the other."""
    size = q.shape[-1] // count
    outputs = []
    for h in range(count):
        a, b, c = (x[..., h * size : (h + 1) * size] for x in (q, k, v))
        scores = a @ b.transpose(-1, -2) / size**0.5
        if causal:
            scores = scores.masked_fill(torch.ones(scores.shape[-2:]).triu(1).bool(), float("-inf"))
        outputs.append(scores.softmax(-1) @ c)
    return torch.cat(outputs, -1)


def attention_weights(q: Tensor, k: Tensor, count: int) -> Tensor:
    """Softmax weights [batch, queries, keys], averaged over heads."""
    size = q.shape[-1] // count
    each = [
        (q[..., h * size : (h + 1) * size] @ k[..., h * size : (h + 1) * size].transpose(-1, -2) / size**0.5).softmax(
            -1
        )
        for h in range(count)
    ]
    return torch.stack(each).mean(0)


# ---- pocket ----
def pocket_block(w: Weights, stem: str, x: Tensor, count: int, memory: Tensor | None = None) -> Tensor:
    q, k, v = linear(w, f"{stem}.attn.qkv", norm(w, f"{stem}.ln_1", x)).chunk(3, -1)
    x = x + linear(w, f"{stem}.attn.out", heads(q, k, v, count, causal=True))
    if memory is not None:
        y = norm(w, f"{stem}.ln_x", x)
        memory = memory.expand(x.shape[0], -1, -1)
        attended = heads(
            linear(w, f"{stem}.xattn.q", y),
            linear(w, f"{stem}.xattn.k", memory),
            linear(w, f"{stem}.xattn.v", memory),
            count,
        )
        x = x + linear(w, f"{stem}.xattn.out", attended)
    return x + linear(w, f"{stem}.mlp.proj", gelu_tanh(linear(w, f"{stem}.mlp.fc", norm(w, f"{stem}.ln_2", x))))


def pocket_body(
    w: Weights, prefix: str, x: Tensor, layers: int, count: int, memory: Tensor | None = None, cross_from: int = 0
) -> Tensor:
    """Token (or prefix) rows [batch, tokens, width] → after ln_f."""
    x = x + w[f"{prefix}.wpe.weight"][: x.shape[1]]
    for layer in range(layers):
        x = pocket_block(w, f"{prefix}.blocks.{layer}", x, count, memory if layer >= cross_from else None)
    return norm(w, f"{prefix}.ln_f", x)


def pocket_text_tower(w: Weights, ids: Tensor, end: Tensor, layers: int, count: int) -> Tensor:
    hidden = pocket_body(w, "text", w["lm.wte.weight"][ids], layers, count)
    return linear(w, "text.proj", hidden[torch.arange(len(ids)), end])


def pool_attention(w: Weights, stem: str, tokens: Tensor, query: Tensor, count: int) -> Tensor:
    query = query.expand(tokens.shape[0], -1, -1)
    return linear(
        w,
        f"{stem}.out",
        heads(linear(w, f"{stem}.q", query), linear(w, f"{stem}.k", tokens), linear(w, f"{stem}.v", tokens), count),
    )


# Expansion, channels, blocks, kernel, stride of the first block.
MOBILENET_V2 = (
    (1, 16, 1, 3, 1),
    (6, 24, 2, 3, 2),
    (6, 32, 3, 3, 2),
    (6, 64, 4, 3, 2),
    (6, 96, 3, 3, 1),
    (6, 160, 3, 3, 2),
    (6, 320, 1, 3, 1),
)
EFFICIENTNET_LITE2 = (
    (1, 16, 1, 3, 1),
    (6, 24, 3, 3, 2),
    (6, 48, 3, 5, 2),
    (6, 88, 4, 3, 2),
    (6, 120, 4, 5, 1),
    (6, 208, 5, 5, 2),
    (6, 352, 1, 3, 1),
)


def inverted_residuals(w: Weights, pixels: Tensor, stages: tuple) -> Tensor:
    """→ grid [batch, tokens, 1280]."""

    def conv(x: Tensor, key: str, stride: int = 1, groups: int = 1, relu6: bool = True) -> Tensor:
        weight = w[f"{key}.weight"]
        kernel, size = weight.shape[-1], x.shape[-1]
        total = max((-(-size // stride) - 1) * stride + kernel - size, 0)  # TensorFlow's SAME
        x = F.pad(x, [total // 2, total - total // 2] * 2)
        x = F.conv2d(x, weight, w[f"{key}.bias"], stride, groups=groups)
        return x.clamp(0, 6) if relu6 else x

    x = conv(pixels, "image.trunk.stem", 2)
    index = 0
    for t, c, n, _, s in stages:
        for repeat in range(n):
            stem, stride = f"image.trunk.blocks.{index}", s if repeat == 0 else 1
            y = conv(x, f"{stem}.expand") if t > 1 else x
            y = conv(y, f"{stem}.depthwise", stride, y.shape[1])
            y = conv(y, f"{stem}.project", relu6=False)
            x = x + y if stride == 1 and x.shape[1] == c else y
            index += 1
    return conv(x, "image.trunk.head").flatten(2).transpose(1, 2)


def pocket_image_tower(w: Weights, pixels: Tensor, count: int, stages: tuple) -> tuple[Tensor, Tensor]:
    grid = inverted_residuals(w, pixels, stages)
    tokens = norm(w, "image.pool.norm", linear(w, "image.pool.proj", grid) + w["image.pool.pos"])
    e = pool_attention(w, "image.pool.attn", tokens, w["image.pool.query"], count)[:, 0] + linear(
        w, "image.pool.mean", grid
    ).mean(1)
    e = e + linear(
        w, "image.pool.mlp.fc2", gelu_tanh(linear(w, "image.pool.mlp.fc1", norm(w, "image.pool.mlp.norm", e)))
    )
    return e, grid


def pocket_pooler(w: Weights, stem: str, grid: Tensor, count: int) -> Tensor:
    tokens = norm(w, f"{stem}.norm", linear(w, f"{stem}.proj", grid) + w[f"{stem}.pos"])
    return norm(w, f"{stem}.norm_out", pool_attention(w, f"{stem}.attn", tokens, w[f"{stem}.query"], count))


def pocket_coca(w: Weights, ids: Tensor, image_tokens: Tensor, layers: int, count: int) -> Tensor:
    return pocket_body(w, "text", w["lm.wte.weight"][ids], layers, count, image_tokens, layers // 2)


def pocket_coca_attention(w: Weights, ids: Tensor, image_tokens: Tensor, layers: int, count: int) -> Tensor:
    """How much every position looks at every image token [batch, tokens, image tokens], averaged over heads and the
    upper layers."""
    x = w["lm.wte.weight"][ids] + w["text.wpe.weight"][: ids.shape[1]]
    maps = []
    for layer in range(layers):
        stem = f"text.blocks.{layer}"
        if layer >= layers // 2:
            q, k, v = linear(w, f"{stem}.attn.qkv", norm(w, f"{stem}.ln_1", x)).chunk(3, -1)
            y = norm(w, f"{stem}.ln_x", x + linear(w, f"{stem}.attn.out", heads(q, k, v, count, causal=True)))
            maps.append(
                attention_weights(linear(w, f"{stem}.xattn.q", y), linear(w, f"{stem}.xattn.k", image_tokens), count)
            )
        x = pocket_block(w, stem, x, count, image_tokens if layer >= layers // 2 else None)
    return torch.stack(maps).mean(0)


def pocket_pooler_attention(w: Weights, stem: str, grid: Tensor, count: int) -> Tensor:
    """How much each query looks at each cell [batch, queries, cells], averaged over heads."""
    tokens = norm(w, f"{stem}.norm", linear(w, f"{stem}.proj", grid) + w[f"{stem}.pos"])
    query = w[f"{stem}.query"].expand(grid.shape[0], -1, -1)
    return attention_weights(linear(w, f"{stem}.attn.q", query), linear(w, f"{stem}.attn.k", tokens), count)


# ---- CLIP and open_clip ----
def packed_attention(w: Weights, stem: str, query: Tensor, memory: Tensor, count: int, causal: bool = False) -> Tensor:
    """PyTorch's own multi-head attention with its packed or separate matrices."""
    width = query.shape[-1]
    mask = torch.full((query.shape[1], query.shape[1]), float("-inf")).triu(1) if causal else None
    separate = f"{stem}.q_proj_weight" in w
    out, _ = F.multi_head_attention_forward(
        query.transpose(0, 1),
        memory.transpose(0, 1),
        memory.transpose(0, 1),
        width,
        count,
        w.get(f"{stem}.in_proj_weight"),
        w[f"{stem}.in_proj_bias"],
        None,
        None,
        False,
        0.0,
        w[f"{stem}.out_proj.weight"],
        w[f"{stem}.out_proj.bias"],
        training=False,
        need_weights=False,
        attn_mask=mask,
        use_separate_proj_weight=separate,
        **({f"{p}_proj_weight": w[f"{stem}.{p}_proj_weight"] for p in "qkv"} if separate else {}),
    )
    return out.transpose(0, 1)


def clip_block(
    w: Weights, stem: str, x: Tensor, count: int, activation, causal: bool = False, memory: Tensor | None = None
) -> Tensor:
    y = norm(w, f"{stem}.ln_1", x)
    source = y if memory is None else norm(w, f"{stem}.ln_1_kv", memory).expand(x.shape[0], -1, -1)
    x = x + packed_attention(w, f"{stem}.attn", y, source, count, causal)
    return x + linear(w, f"{stem}.mlp.c_proj", activation(linear(w, f"{stem}.mlp.c_fc", norm(w, f"{stem}.ln_2", x))))


def clip_text_tower(w: Weights, ids: Tensor, end: Tensor, layers: int, count: int) -> Tensor:
    x = w["token_embedding.weight"][ids] + w["positional_embedding"][: ids.shape[1]]
    for layer in range(layers):
        x = clip_block(w, f"transformer.resblocks.{layer}", x, count, quick_gelu, causal=True)
    return norm(w, "ln_final", x)[torch.arange(len(ids)), end] @ w["text_projection"]


def clip_vit(w: Weights, pixels: Tensor, patch: int, layers: int, count: int) -> Tensor:
    x = F.conv2d(pixels, w["visual.conv1.weight"], stride=patch).flatten(2).transpose(1, 2)
    x = torch.cat([w["visual.class_embedding"].expand(len(x), 1, -1), x], 1) + w["visual.positional_embedding"]
    x = norm(w, "visual.ln_pre", x)
    for layer in range(layers):
        x = clip_block(w, f"visual.transformer.resblocks.{layer}", x, count, quick_gelu)
    return norm(w, "visual.ln_post", x[:, 0]) @ w["visual.proj"]


def clip_resnet(w: Weights, pixels: Tensor, layers: list[int], count: int) -> Tensor:
    """CLIP's ModifiedResNet with its attention pool."""

    def conv(x: Tensor, weight: str, bn: str, stride: int = 1) -> Tensor:
        kernel = w[weight]
        x = F.conv2d(x, kernel, stride=stride, padding=kernel.shape[-1] // 2)
        return F.batch_norm(
            x, w[f"{bn}.running_mean"], w[f"{bn}.running_var"], w[f"{bn}.weight"], w[f"{bn}.bias"], eps=EPSILON
        )

    x = pixels
    for n in (1, 2, 3):
        x = conv(x, f"visual.conv{n}.weight", f"visual.bn{n}", 2 if n == 1 else 1).relu()
    x = F.avg_pool2d(x, 2)
    for stage, blocks in enumerate(layers):
        for block in range(blocks):
            stem = f"visual.layer{stage + 1}.{block}"
            down = stage > 0 and block == 0
            y = conv(x, f"{stem}.conv1.weight", f"{stem}.bn1").relu()
            y = conv(y, f"{stem}.conv2.weight", f"{stem}.bn2").relu()
            y = conv(F.avg_pool2d(y, 2) if down else y, f"{stem}.conv3.weight", f"{stem}.bn3")
            if block == 0:
                x = conv(F.avg_pool2d(x, 2) if down else x, f"{stem}.downsample.0.weight", f"{stem}.downsample.1")
            x = (x + y).relu()
    tokens = x.flatten(2).transpose(1, 2)
    tokens = torch.cat([tokens.mean(1, keepdim=True), tokens], 1) + w["visual.attnpool.positional_embedding"]
    pool = "visual.attnpool"
    attended = heads(
        linear(w, f"{pool}.q_proj", tokens[:, :1]),
        linear(w, f"{pool}.k_proj", tokens),
        linear(w, f"{pool}.v_proj", tokens),
        count,
    )
    return linear(w, f"{pool}.c_proj", attended)[:, 0]


def open_clip_pooler(w: Weights, grid: Tensor, count: int) -> tuple[Tensor, Tensor]:
    query = norm(w, "visual.attn_pool.ln_q", w["visual.attn_pool.query"]).expand(len(grid), -1, -1)
    memory = norm(w, "visual.attn_pool.ln_k", grid)
    out = norm(w, "visual.ln_post", packed_attention(w, "visual.attn_pool.attn", query, memory, count))
    return out[:, 0] @ w["visual.proj"], out[:, 1:]


def open_clip_coca(w: Weights, ids: Tensor, image_tokens: Tensor, layers: int, cross_layers: int, count: int) -> Tensor:
    """→ after ln_final; logits are that times text_decoder.text_projection."""
    x = w["text.token_embedding.weight"][ids] + w["text.positional_embedding"][: ids.shape[1]]
    for layer in range(layers):
        x = clip_block(w, f"text.transformer.resblocks.{layer}", x, count, F.gelu, causal=True)
    for layer in range(cross_layers):
        x = clip_block(w, f"text_decoder.resblocks.{layer}", x, count, F.gelu, causal=True)
        x = clip_block(w, f"text_decoder.cross_attn.{layer}", x, count, F.gelu, memory=image_tokens)
    return norm(w, "text_decoder.ln_final", x)


# ---- mappers ----
def mlp_mapper(w: Weights, first: str, second: str, embedding: Tensor, prefix: int) -> Tensor:
    return linear(w, second, torch.tanh(linear(w, first, embedding))).reshape(len(embedding), prefix, -1)


def transformer_mapper(w: Weights, embedding: Tensor, spread: int, layers: int) -> Tensor:
    constants = w["clip_project.prefix_const"]
    x = linear(w, "clip_project.linear", embedding).reshape(len(embedding), spread, -1)
    x = torch.cat([x, constants.expand(len(x), -1, -1)], 1)
    for layer in range(layers):
        stem = f"clip_project.transformer.layers.{layer}"
        y = norm(w, f"{stem}.norm1", x)
        pairs = linear(w, f"{stem}.attn.to_keys_values", y).reshape(*y.shape[:2], 2, -1)
        x = x + linear(
            w, f"{stem}.attn.project", heads(linear(w, f"{stem}.attn.to_queries", y), pairs[:, :, 0], pairs[:, :, 1], 8)
        )
        x = x + linear(w, f"{stem}.mlp.fc2", torch.relu(linear(w, f"{stem}.mlp.fc1", norm(w, f"{stem}.norm2", x))))
    return x[:, spread:]
