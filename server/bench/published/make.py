"""Random checkpoints in the real shapes of CLIP ViT-B/32, GPT-2, ClipCap (MLP), CapDec (512-dimensional shape) and
DeCap, as their authors' tools save them, and a memory of 50,000 embeddings.

    python server/bench/published/make.py DIR
"""

import sys
from pathlib import Path

import numpy as np
import torch
from torch import nn
from transformers import CLIPConfig, CLIPModel, GPT2Config, GPT2LMHeadModel

MEMORY = 50_000


def lively(model: nn.Module, scale: float) -> nn.Module:
    """Weights away from the initial ones: biases that are not zero, logits that differ."""
    with torch.no_grad():
        for name, parameter in model.named_parameters():
            if name.endswith("bias"):
                parameter.normal_(0, 0.1)
            elif "ln_" in name or "layer_norm" in name or "layernorm" in name or "layrnorm" in name or "norm" in name:
                parameter.normal_(1, 0.1)
            elif "wpe" in name:
                parameter.normal_(0, 0.5)
            elif parameter.dim() == 2 and "wte" not in name and "embedding" not in name:
                parameter.normal_(0, scale / parameter.shape[1 if "clip" in name or "proj" in name else 0] ** 0.5)
    return model


class Mapper(nn.Module):
    """The names of ClipCap's transformer mapper; only its tensors matter here."""

    def __init__(self, dim: int, width: int = 768, length: int = 40, layers: int = 8):
        super().__init__()

        def layer() -> nn.Module:
            one = nn.Module()
            one.norm1, one.norm2 = nn.LayerNorm(width), nn.LayerNorm(width)
            one.attn = nn.Module()
            one.attn.to_queries = nn.Linear(width, width, bias=False)
            one.attn.to_keys_values = nn.Linear(width, 2 * width, bias=False)
            one.attn.project = nn.Linear(width, width)
            one.mlp = nn.Module()
            one.mlp.fc1, one.mlp.fc2 = nn.Linear(width, 2 * width), nn.Linear(2 * width, width)
            return one

        self.linear = nn.Linear(dim, length * width)
        self.prefix_const = nn.Parameter(torch.randn(length, width))
        self.transformer = nn.Module()
        self.transformer.layers = nn.ModuleList(layer() for _ in range(layers))


def named(prefix: str, model: nn.Module) -> dict:
    return {prefix + k: v for k, v in model.state_dict().items()}


def old_buffers(prefix: str) -> dict:
    """The causal masks that checkpoints of that time carry."""
    mask = torch.ones(1, 1, 1024, 1024, dtype=torch.uint8).tril()
    return {
        f"{prefix}transformer.h.{n}.attn.{k}": v
        for n in range(12)
        for k, v in (("bias", mask.clone()), ("masked_bias", torch.tensor(-1e4)))
    }


def main(folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    torch.manual_seed(0)
    torch.save(lively(CLIPModel(CLIPConfig()), 1.0).state_dict(), folder / "pytorch_model.bin")
    gpt = lively(GPT2LMHeadModel(GPT2Config()), 1.0)
    torch.save(gpt.state_dict(), folder / "gpt2.bin")
    mlp = nn.Module()
    mlp.model = nn.Sequential(nn.Linear(512, 3840), nn.Tanh(), nn.Linear(3840, 7680))
    torch.save({**named("gpt.", gpt), **old_buffers("gpt."), **named("clip_project.", mlp)}, folder / "coco_weights.pt")
    torch.save(
        {**named("gpt.", gpt), **old_buffers("gpt."), **named("clip_project.", Mapper(512))}, folder / "capdec_512.pt"
    )
    decap = nn.Module()
    decap.decoder = lively(GPT2LMHeadModel(GPT2Config(n_layer=4, n_head=4)), 1.0)
    decap.clip_project = nn.Module()
    decap.clip_project.model = nn.Sequential(nn.Linear(512, 768))
    torch.save(decap.state_dict(), folder / "coco_prefix-009.pt")
    rows = np.random.default_rng(0).standard_normal((MEMORY, 512)).astype(np.float16)
    np.save(folder / "memory_embeddings.npy", rows)
    (folder / "captions.txt").write_text("".join(f"sentence number {n}\n" for n in range(MEMORY)))


if __name__ == "__main__":
    main(Path(sys.argv[1]))
