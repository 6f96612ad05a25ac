"""Numbers that PyTorch and TypeScript both make from a name, so that golden files hold outputs only (goldens/golden.ts
is the twin)."""

import math

import numpy as np
import torch


def uniform(name: str, count: int) -> np.ndarray:
    """`count` numbers in [-1, 1): FNV-1a of the name, then murmur3's finaliser over a Weyl sequence. float64."""
    seed = 0x811C9DC5
    for byte in name.encode():
        seed = ((seed ^ byte) * 0x01000193) & 0xFFFFFFFF
    h = np.arange(count, dtype=np.uint32) * np.uint32(0x9E3779B1) + np.uint32(seed)
    h ^= h >> np.uint32(16)
    h *= np.uint32(0x85EBCA6B)
    h ^= h >> np.uint32(13)
    h *= np.uint32(0xC2B2AE35)
    h ^= h >> np.uint32(16)
    return h.astype(np.float64) / 2.0**31 - 1.0


def tensor(name: str, dims, mean: float, deviation: float, seed: int = 0) -> torch.Tensor:
    """Uniform fp32 tensor of a mean and a standard deviation."""
    values = mean + deviation * math.sqrt(3.0) * uniform(f"{seed}/{name}", math.prod(dims))
    return torch.from_numpy(values.astype(np.float32)).reshape(dims)


def spread(name: str, dims) -> tuple[float, float]:
    """Mean and deviation that keep activations near unit variance. Biases are far from zero, norms far from the
    identity. Embedding rows are small, so that the first norm sees a variance at which a wrong epsilon shows."""
    last = name.split(".")[-1]
    stem = name.rsplit(".", 2)[-2] if "." in name else ""
    is_norm = stem.startswith(("ln_", "norm")) or stem == "norm_out"
    if is_norm:
        return (1.0, 0.25) if last == "weight" else (0.0, 0.25)
    if last in ("bias", "in_proj_bias"):
        return 0.0, 0.3
    if (
        any(part in name for part in ("wte", "wpe", "token_embedding", "positional_embedding", "class_embedding"))
        or last == "pos"
    ):
        return 0.0, 0.03
    if last in ("query", "prefix_const"):
        return 0.0, 1.0
    if len(dims) == 4:  # convolutions under ReLU6
        return 0.0, math.sqrt((1.0 if "project" in name else 2.0) / math.prod(dims[1:]))
    # GPT-2's Conv1D and CLIP's projections store [in, out].
    transposed = (
        any(part in name for part in ("c_attn", "text_projection"))
        or name.endswith("visual.proj")
        or ("h." in name and len(dims) == 2)
    )
    return 0.0, 1.0 / math.sqrt(dims[0] if transposed else dims[1])


class Specification(list):
    """The tensors of a network: [name, dims, mean, deviation]."""

    def add(self, name: str, *dims: int) -> None:
        self.append([name, list(dims), *spread(name, dims)])

    def linear(self, name: str, out: int, inputs: int, bias: bool = True) -> None:
        self.add(f"{name}.weight", out, inputs)
        if bias:
            self.add(f"{name}.bias", out)

    def norm(self, name: str, width: int) -> None:
        self.add(f"{name}.weight", width)
        self.add(f"{name}.bias", width)

    def weights(self, seed: int = 0, deviations: dict[str, float] | None = None) -> dict[str, torch.Tensor]:
        """`deviations` replaces some tensors' own."""
        return {
            name: tensor(name, dims, mean, (deviations or {}).get(name, deviation), seed)
            for name, dims, mean, deviation in self
        }

    def lively(self) -> dict[str, float]:
        """Deviations under which an untrained decoder does not repeat itself: what a position says outweighs the
        rest."""
        tables = {"wpe": 2.0, "positional_embedding": 2.0, "wte": 0.3, "token_embedding": 0.3}
        return {name: value for name, *_ in self for part, value in tables.items() if part in name}
