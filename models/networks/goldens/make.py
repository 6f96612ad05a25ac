"""Writes the golden files beside this script: outputs of the PyTorch networks (reference.py; GPT-2 from transformers)
on random weights that the tests make again from their names.

    python models/networks/goldens/make.py            # all goldens
    python models/networks/goldens/make.py --full     # outputs at full size (GPT-2 124M, CLIP ViT-B/32) for full.ts
"""

import argparse
import json
from pathlib import Path

import reference as ref
import torch
from generator import Specification, tensor
from shared import clip_block, head, ids_for, packed
from traces import traces

HERE = Path(__file__).parent


def write(name: str, config: dict, spec: Specification, outputs: dict, seed: int = 0, **more) -> None:
    golden = {
        "config": config,
        "seed": seed,
        "tensors": list(spec),
        **more,
        "outputs": {k: packed(v) for k, v in outputs.items()},
    }
    path = HERE / f"{name}.json"
    path.write_text(json.dumps(golden, separators=(",", ":")) + "\n")
    scale = {k: f"{v.float().std():.2f}" for k, v in outputs.items() if v.is_floating_point()}
    print(f"{path.name}: {path.stat().st_size / 1000:.1f} kB, standard deviations {scale}")


# ---- shapes ----
def pocket_body(spec: Specification, prefix: str, c: dict, cross_from: int | None = None) -> None:
    d = c["width"]
    spec.add(f"{prefix}.wpe.weight", c["positions"], d)
    for layer in range(c["layers"]):
        stem = f"{prefix}.blocks.{layer}"
        parts = ["ln_1", "ln_2"] + (["ln_x"] if cross_from is not None and layer >= cross_from else [])
        for part in parts:
            spec.norm(f"{stem}.{part}", d)
        spec.linear(f"{stem}.attn.qkv", 3 * d, d)
        spec.linear(f"{stem}.attn.out", d, d)
        if len(parts) == 3:
            for part in ("q", "k", "v", "out"):
                spec.linear(f"{stem}.xattn.{part}", d, d)
        spec.linear(f"{stem}.mlp.fc", 4 * d, d)
        spec.linear(f"{stem}.mlp.proj", d, 4 * d)
    spec.norm(f"{prefix}.ln_f", d)


def pooling(spec: Specification, stem: str, d: int, channels: int, tokens: int, queries: int) -> None:
    spec.linear(f"{stem}.proj", d, channels)
    spec.add(f"{stem}.pos", tokens, d)
    spec.norm(f"{stem}.norm", d)
    spec.add(f"{stem}.query", queries, d)
    for part in ("q", "k", "v", "out"):
        spec.linear(f"{stem}.attn.{part}", d, d)


# ---- networks ----
def gpt() -> None:
    c = {"width": 64, "layers": 3, "heads": 4, "vocabulary": 160, "positions": 40, "prefix": 3}
    spec = Specification()
    spec.add("lm.wte.weight", c["vocabulary"], c["width"])
    pocket_body(spec, "lm", c)
    prefix = tensor("prefix", (2, c["prefix"], c["width"]), 0, 0.03)
    ids = ids_for("ids", 2, 6, c["vocabulary"])

    def run(w, rows, prefix):
        hidden = ref.pocket_body(
            w, "lm", torch.cat([prefix.expand(len(rows), -1, -1), w["lm.wte.weight"][rows]], 1), c["layers"], c["heads"]
        )[:, -1]
        return hidden, hidden @ w["lm.wte.weight"].T

    w = spec.weights()
    outputs = head(*run(w, ids, prefix), 8, 0.05)
    trace = traces(spec, lambda weights: lambda rows: run(weights, rows, prefix[:1])[1], [], 0.7)
    write("gpt", c, spec, outputs, ids=ids.tolist(), temperature=0.05, trace=trace)


def gpt2() -> None:
    from transformers import GPT2Config, GPT2LMHeadModel

    c = {"width": 48, "layers": 2, "heads": 3, "vocabulary": 120, "positions": 40}
    model = GPT2LMHeadModel(
        GPT2Config(
            vocab_size=c["vocabulary"],
            n_positions=c["positions"],
            n_embd=c["width"],
            n_layer=c["layers"],
            n_head=c["heads"],
            bos_token_id=0,
            eos_token_id=0,
            attn_implementation="eager",
        )
    ).eval()
    spec = Specification()
    for name, parameter in model.named_parameters():
        spec.add(name, *parameter.shape)
    ids = ids_for("ids", 2, 9, c["vocabulary"])

    def load(weights):
        model.load_state_dict(weights, strict=False)
        model.tie_weights()
        return lambda rows: model(input_ids=rows).logits[:, -1]

    logits = load(spec.weights())(ids)
    hidden = model.transformer(input_ids=ids).last_hidden_state[:, -1]
    outputs = head(hidden, logits, 8, 0.1)
    trace = traces(spec, load, [7], 0.5)
    write("gpt2", c, spec, outputs, ids=ids.tolist(), temperature=0.1, trace=trace)


def text_towers() -> None:
    c = {"width": 64, "layers": 3, "heads": 4, "vocabulary": 100, "positions": 20, "dim": 64}
    ids, end = ids_for("ids", 3, 8, 100), torch.tensor([7, 4, 6])
    spec = Specification()
    spec.add("lm.wte.weight", 100, 64)
    pocket_body(spec, "text", c)
    spec.linear("text.proj", 64, 64, bias=False)
    write(
        "text-tower",
        c,
        spec,
        {"embedding": ref.pocket_text_tower(spec.weights(), ids, end, 3, 4)},
        ids=ids.tolist(),
        end=end.tolist(),
    )

    c["dim"] = 48
    spec = Specification()
    spec.add("token_embedding.weight", 100, 64)
    spec.add("positional_embedding", 20, 64)
    for layer in range(3):
        clip_block(spec, f"transformer.resblocks.{layer}", 64)
    spec.norm("ln_final", 64)
    spec.add("text_projection", 64, 48)
    write(
        "clip-text-tower",
        c,
        spec,
        {"embedding": ref.clip_text_tower(spec.weights(), ids, end, 3, 4)},
        ids=ids.tolist(),
        end=end.tolist(),
    )


def pocket_image_tower(name: str, stages: tuple) -> None:
    c = {"width": 64, "poolHeads": 8, "size": 64}
    spec = Specification()

    def conv(key, *dims):
        spec.add(f"{key}.weight", *dims)
        spec.add(f"{key}.bias", dims[0])

    conv("image.trunk.stem", 32, 3, 3, 3)
    channels, index = 32, 0
    for t, out, n, kernel, _ in stages:
        for _ in range(n):
            stem, hidden = f"image.trunk.blocks.{index}", channels * t
            if t > 1:
                conv(f"{stem}.expand", hidden, channels, 1, 1)
            conv(f"{stem}.depthwise", hidden, 1, kernel, kernel)
            conv(f"{stem}.project", out, hidden, 1, 1)
            channels, index = out, index + 1
    conv("image.trunk.head", 1280, channels, 1, 1)
    pooling(spec, "image.pool", 64, 1280, 4, 1)
    spec.linear("image.pool.mean", 64, 1280)
    spec.norm("image.pool.mlp.norm", 64)
    spec.linear("image.pool.mlp.fc1", 128, 64)
    spec.linear("image.pool.mlp.fc2", 64, 128)
    # Faint tokens give the norm a variance at which a wrong epsilon shows; a loud MLP lets the kind of GELU show.
    gains = {"proj.weight": 0.03, "proj.bias": 0.1, "mean.weight": 0.3, "mlp.fc1.weight": 1.5, "mlp.fc2.weight": 3.0}
    for row in spec:
        row[3] *= gains.get(row[0].removeprefix("image.pool."), 1.0)
    pixels = tensor("pixels", (2, 3, 64, 64), 0, 0.6)
    embedding, grid = ref.pocket_image_tower(spec.weights(), pixels, 8, stages)
    write(name, c, spec, {"embedding": embedding, "grid": grid[:, :, ::8]})


def image_towers() -> None:
    pocket_image_tower("mobilenet", ref.MOBILENET_V2)
    pocket_image_tower("efficientnet", ref.EFFICIENTNET_LITE2)

    c = {"size": 32, "patch": 8, "width": 64, "layers": 3, "heads": 4, "dim": 48}
    spec = Specification()
    spec.add("visual.conv1.weight", 64, 3, 8, 8)
    spec.add("visual.class_embedding", 64)
    spec.add("visual.positional_embedding", 17, 64)
    spec.norm("visual.ln_pre", 64)
    for layer in range(3):
        clip_block(spec, f"visual.transformer.resblocks.{layer}", 64)
    spec.norm("visual.ln_post", 64)
    spec.add("visual.proj", 64, 48)
    # Faint pixels give ln_pre a small variance, at which a wrong epsilon shows.
    pixels = tensor("pixels", (2, 3, 32, 32), 0, 0.03)
    embedding = ref.clip_vit(spec.weights(), pixels, 8, 3, 4)
    write("vit", c, spec, {"embedding": embedding})


def resnet() -> None:
    c = {"size": 64, "width": 8, "heads": 4, "dim": 24, "layers1": 2, "layers2": 1, "layers3": 2, "layers4": 1}
    spec = Specification()

    def conv(weight: str, bn: str, *dims: int) -> None:
        spec.append([f"{weight}.weight", list(dims), 0.0, (2.0 / (dims[1] * dims[2] * dims[3])) ** 0.5])
        # The variance is around 1, positive, and far from it in places.
        for part, mean, deviation in (
            ("weight", 1.0, 0.25),
            ("bias", 0.0, 0.25),
            ("running_mean", 0.0, 0.3),
            ("running_var", 1.0, 0.4),
        ):
            spec.append([f"{bn}.{part}", [dims[0]], mean, deviation])

    conv("visual.conv1", "visual.bn1", 4, 3, 3, 3)
    conv("visual.conv2", "visual.bn2", 4, 4, 3, 3)
    conv("visual.conv3", "visual.bn3", 8, 4, 3, 3)
    channels = 8
    for stage in range(4):
        planes = 8 * 2**stage
        for block in range(c[f"layers{stage + 1}"]):
            stem = f"visual.layer{stage + 1}.{block}"
            conv(f"{stem}.conv1", f"{stem}.bn1", planes, channels, 1, 1)
            conv(f"{stem}.conv2", f"{stem}.bn2", planes, planes, 3, 3)
            conv(f"{stem}.conv3", f"{stem}.bn3", 4 * planes, planes, 1, 1)
            if block == 0:
                conv(f"{stem}.downsample.0", f"{stem}.downsample.1", 4 * planes, channels, 1, 1)
            channels = 4 * planes
    spec.append(["visual.attnpool.positional_embedding", [5, channels], 0.0, 0.3])
    for part in ("q_proj", "k_proj", "v_proj"):
        spec.linear(f"visual.attnpool.{part}", channels, channels)
    spec.linear("visual.attnpool.c_proj", 24, channels)
    # A faint stem: the first norms see variances at which a wrong epsilon shows.
    for row in spec:
        if row[0] == "visual.bn1.running_var":
            row[2:] = [2e-4, 5e-5]
        if row[0] == "visual.conv1.weight":
            row[3] *= 0.02
        if row[0] == "visual.bn1.running_mean":
            row[3] = 0.005
    pixels = tensor("pixels", (2, 3, 64, 64), 0, 1.0)
    write("clip-resnet", c, spec, {"embedding": ref.clip_resnet(spec.weights(), pixels, [2, 1, 2, 1], 4)})


def poolers() -> None:
    grid = tensor("grid", (2, 6, 40), 0, 0.03)
    spec = Specification()
    pooling(spec, "pool.caption", 64, 40, 6, 5)
    spec.norm("pool.caption.norm_out", 64)
    for row in spec:
        if row[0] == "pool.caption.proj.bias":
            row[3] = 0.03
    write(
        "attentional-pooler",
        {"width": 64, "poolHeads": 8, "channels": 40, "tokens": 6, "queries": 5},
        spec,
        {"tokens": ref.pocket_pooler(spec.weights(), "pool.caption", grid, 8)},
    )

    for name, width in (("open-clip-pooler", 64), ("open-clip-pooler-packed", 40)):
        c = {"channels": 40, "width": width, "queries": 6, "heads": 8, "dim": width}
        spec = Specification()
        stem = "visual.attn_pool"
        spec.add(f"{stem}.query", 6, width)
        if width == 40:
            spec.add(f"{stem}.attn.in_proj_weight", 3 * width, width)
        else:
            for part, depth in (("q", width), ("k", 40), ("v", 40)):
                spec.add(f"{stem}.attn.{part}_proj_weight", width, depth)
        spec.add(f"{stem}.attn.in_proj_bias", 3 * width)
        spec.linear(f"{stem}.attn.out_proj", width, width)
        spec.norm(f"{stem}.ln_q", width)
        spec.norm(f"{stem}.ln_k", 40)
        spec.norm("visual.ln_post", width)
        spec.add("visual.proj", width, width)
        embedding, tokens = ref.open_clip_pooler(spec.weights(), grid, 8)
        write(name, c, spec, {"embedding": embedding, "tokens": tokens})


def cocas() -> None:
    c = {"width": 64, "layers": 4, "heads": 4, "vocabulary": 160, "positions": 40, "imageTokens": 5}
    image = tensor("image_tokens", (1, 5, 64), 0, 1.0)
    ids = ids_for("ids", 2, 7, 160)
    spec = Specification()
    spec.add("lm.wte.weight", 160, 64)
    pocket_body(spec, "text", c, cross_from=2)

    def run(w, rows):
        hidden = ref.pocket_coca(w, rows, image, 4, 4)[:, -1]
        return hidden, hidden @ w["lm.wte.weight"].T

    trace = traces(spec, lambda w: lambda rows: run(w, rows)[1], [1], 0.7)
    write("coca", c, spec, head(*run(spec.weights(), ids), 8, 0.05), ids=ids.tolist(), temperature=0.05, trace=trace)

    c = {"width": 64, "layers": 2, "crossLayers": 2, "heads": 4, "vocabulary": 160, "positions": 40, "imageTokens": 9}
    # Faint image tokens: ln_1_kv sees a variance at which a wrong epsilon shows.
    image_tokens = tensor("image_tokens", (1, 9, 64), 0, 0.03)
    spec = Specification()
    spec.add("text.token_embedding.weight", 160, 64)
    spec.add("text.positional_embedding", 40, 64)
    for layer in range(2):
        clip_block(spec, f"text.transformer.resblocks.{layer}", 64)
        clip_block(spec, f"text_decoder.resblocks.{layer}", 64)
        clip_block(spec, f"text_decoder.cross_attn.{layer}", 64, memory=True)
    spec.norm("text_decoder.ln_final", 64)
    spec.add("text_decoder.text_projection", 64, 160)

    def run_open(w, rows):
        hidden = ref.open_clip_coca(w, rows, image_tokens, 2, 2, 4)[:, -1]
        return hidden, hidden @ w["text_decoder.text_projection"]

    trace = traces(spec, lambda w: lambda rows: run_open(w, rows)[1], [1], 0.25)
    write(
        "open-clip-coca",
        c,
        spec,
        head(*run_open(spec.weights(), ids), 8, 1.0),
        ids=ids.tolist(),
        temperature=1.0,
        trace=trace,
    )


def attention_maps() -> None:
    """What CoCa's decoder looks at, and what its pooler looks at; their product is a heat map over the image."""
    c = {
        "width": 64,
        "layers": 4,
        "heads": 4,
        "poolHeads": 8,
        "vocabulary": 160,
        "positions": 40,
        "imageTokens": 5,
        "channels": 40,
        "cells": 6,
    }
    spec = Specification()
    spec.add("lm.wte.weight", 160, 64)
    pocket_body(spec, "text", c, cross_from=2)
    pooling(spec, "pool.caption", 64, 40, 6, 5)
    spec.norm("pool.caption.norm_out", 64)
    w = spec.weights()
    ids = ids_for("ids", 2, 7, 160)
    grid = tensor("grid", (2, 6, 40), 0, 1.0)
    cross = ref.pocket_coca_attention(w, ids, ref.pocket_pooler(w, "pool.caption", grid[:1], 8), 4, 4)
    pooler = ref.pocket_pooler_attention(w, "pool.caption", grid, 8)
    write(
        "coca-attention",
        c,
        spec,
        {"cross_attention": cross, "attention": pooler, "map": cross @ pooler[:1]},
        ids=ids.tolist(),
    )


def mappers() -> None:
    embedding = tensor("embedding", (3, 48), 0, 1.0)
    spec = Specification()
    spec.linear("mapper.fc1", 96, 48)
    spec.linear("mapper.fc2", 4 * 64, 96)
    outputs = {"prefix": ref.mlp_mapper(spec.weights(), "mapper.fc1", "mapper.fc2", embedding, 4)}
    write("mlp-mapper", {"dim": 48, "prefix": 4, "width": 64, "hidden": 96}, spec, outputs)

    spec = Specification()
    spec.linear("mapper.fc", 64, 48)
    write(
        "linear-mapper",
        {"dim": 48, "prefix": 1, "width": 64},
        spec,
        {"prefix": ref.linear(spec.weights(), "mapper.fc", embedding)[:, None]},
    )

    c = {"dim": 48, "spread": 4, "prefix": 3, "width": 64, "layers": 2}
    spec = Specification()
    spec.linear("clip_project.linear", 4 * 64, 48)
    spec.add("clip_project.prefix_const", 3, 64)
    for layer in range(2):
        stem = f"clip_project.transformer.layers.{layer}"
        spec.norm(f"{stem}.norm1", 64)
        spec.norm(f"{stem}.norm2", 64)
        spec.linear(f"{stem}.attn.to_queries", 64, 64, bias=False)
        spec.linear(f"{stem}.attn.to_keys_values", 128, 64, bias=False)
        spec.linear(f"{stem}.attn.project", 64, 64)
        spec.linear(f"{stem}.mlp.fc1", 128, 64)
        spec.linear(f"{stem}.mlp.fc2", 64, 128)
    for row in spec:  # small constants: the first norm sees a variance at which a wrong epsilon shows
        if row[0] == "clip_project.prefix_const":
            row[3] = 0.03
    write("transformer-mapper", c, spec, {"prefix": ref.transformer_mapper(spec.weights(), embedding, 4, 2)})


if __name__ == "__main__":
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--full", metavar="DIR", help="write the full-size goldens into this folder instead")
    options = arguments.parse_args()
    torch.set_num_threads(1)
    with torch.no_grad():
        if options.full:
            from full import full

            full(Path(options.full), packed)
        else:
            for network in (gpt, gpt2, text_towers, image_towers, resnet, poolers, cocas, attention_maps, mappers):
                network()
