"""What the small goldens (make.py) and those at full size (full.py) both need."""

import base64

import torch
from generator import Specification, tensor


def packed(values: torch.Tensor) -> dict:
    """fp32 or int64 values as base64."""
    values = values.detach().contiguous()
    return {"dims": list(values.shape), "values": base64.b64encode(values.numpy().tobytes()).decode()}


def ids_for(name: str, rows: int, length: int, vocabulary: int) -> torch.Tensor:
    return ((tensor(name, (rows, length), 0, 1) / 3**0.5 + 1) / 2 * vocabulary).long().clamp(0, vocabulary - 1)


def head(hidden: torch.Tensor, logits: torch.Tensor, k: int, temperature: float) -> dict:
    log_probs = torch.log_softmax(logits / temperature, -1)
    top = log_probs.topk(k, -1)
    entropy = -(log_probs.exp() * log_probs).sum(-1)
    return {"top_log_probs": top.values, "top_ids": top.indices, "entropy": entropy, "last_hidden": hidden}


def clip_block(spec: Specification, stem: str, d: int, memory: bool = False) -> None:
    for part in ("ln_1", "ln_2") + (("ln_1_kv",) if memory else ()):
        spec.norm(f"{stem}.{part}", d)
    spec.add(f"{stem}.attn.in_proj_weight", 3 * d, d)
    spec.add(f"{stem}.attn.in_proj_bias", 3 * d)
    spec.linear(f"{stem}.attn.out_proj", d, d)
    spec.linear(f"{stem}.mlp.c_fc", 4 * d, d)
    spec.linear(f"{stem}.mlp.c_proj", d, 4 * d)
