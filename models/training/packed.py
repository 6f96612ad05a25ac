"""Weights stored in 8 bits: a tensor NAME as signed integers (I8, its own shape) with NAME.scale (F16, [rows, blocks of
a row]) beside it; a row is what one output reads. The blocks and scales are those of the studio's 8-bit products on the
CPU, which find the same integers again when they quantise what was unpacked. models/files/packed.ts is the reader."""

import json

import torch
from safetensors import safe_open
from safetensors.torch import save as to_bytes

BLOCK = 64
SUFFIX = ".scale"


def is_packed(name, tensor):
    """Matrices and 1x1 convolutions. In half precision stay depthwise and other small convolutions, biases, norms,
    positions, queries."""
    matrix = name == "embeddings" or (name.endswith(".weight") and not name.endswith("wpe.weight"))
    return matrix and tensor.ndim >= 2 and tensor[0].numel() >= BLOCK


def blocks_of(tensor, block=BLOCK):
    """[rows, ...] -> fp32 [rows, blocks, block], a short last block filled with zeros."""
    rows = tensor.detach().float().cpu().reshape(len(tensor), -1)
    return torch.nn.functional.pad(rows, (0, -rows.shape[1] % block)).reshape(len(rows), -1, block)


def pack(tensor, block=BLOCK):
    """-> (int8 of the same shape, fp16 scales [rows, blocks])."""
    w = blocks_of(tensor, block)
    largest = w.abs().amax(2, keepdim=True)
    scale = (largest / 127).half()
    assert scale.isfinite().all()
    s = scale.float()
    q = torch.where(s > 0, w / s, 0).round().clamp(-127, 127)
    # The largest of a block is always 127, also where a tiny scale was rounded far: quantising again finds this very
    # scale.
    q = torch.where((w.abs() == largest) & (s > 0), 127 * w.sign(), q)
    width = tensor[0].numel()
    return q.reshape(len(w), -1)[:, :width].reshape(tensor.shape).to(torch.int8).contiguous(), scale.squeeze(
        2
    ).contiguous()


def unpack(integers, scale, block=BLOCK):
    """The inverse, fp32 (exact: seven bits times eleven)."""
    w = blocks_of(integers, block)
    assert scale.shape == w.shape[:2], (tuple(scale.shape), tuple(w.shape[:2]))
    return (
        (w * scale.float()[:, :, None])
        .reshape(len(w), -1)[:, : integers[0].numel()]
        .reshape(integers.shape)
        .contiguous()
    )


def save(path, tensors):
    """Writes tensors packed where `is_packed` says so, the others in half precision.
    -> {name: error of a packed tensor as a share of its norm}."""
    out, errors = {}, {}
    for name, tensor in tensors.items():
        tensor = tensor.detach().float().cpu().contiguous()
        assert tensor.isfinite().all() and tensor.abs().max() < 65504, (path, name)
        assert not name.endswith(SUFFIX), f"{name}: names that end in {SUFFIX} are taken by the scales"
        if not is_packed(name, tensor):
            out[name] = tensor.half()
            continue
        out[name], out[name + SUFFIX] = pack(tensor)
        errors[name] = ((unpack(out[name], out[name + SUFFIX]) - tensor).norm() / tensor.norm().clamp(min=1e-30)).item()
    content = to_bytes(out, metadata={"packed": "int8", "block": str(BLOCK)})
    size = int.from_bytes(content[:8], "little")
    # The library writes metadata in any order; sorted, the same weights make the same file.
    header = json.loads(content[8 : 8 + size])
    header["__metadata__"] = dict(sorted(header["__metadata__"].items()))
    text = json.dumps(header, separators=(",", ":")).encode().ljust(size)
    assert len(text) == size
    with open(path, "wb") as f:
        f.write(content[:8] + text + content[8 + size :])
    return errors


def load(path):
    """All tensors of a family's file, packed or plain, in fp32."""
    with safe_open(path, "pt") as file:
        meta = file.metadata() or {}
        stored = {name: file.get_tensor(name) for name in file.keys()}
    if "packed" not in meta:
        return {k: v.float() for k, v in stored.items()}
    assert meta["packed"] == "int8", f"{path} is packed as {meta['packed']}"
    scales = {k + SUFFIX for k, v in stored.items() if v.dtype == torch.int8}
    block = int(meta["block"])
    return {
        k: unpack(v, stored[k + SUFFIX], block) if v.dtype == torch.int8 else v.float()
        for k, v in stored.items()
        if k not in scales
    }
