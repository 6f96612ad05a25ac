"""Writes checkpoints.json beside this script: small checkpoints as PyTorch saves them (random values), and what they
hold.

python models/files/goldens/make.py
"""

import base64
import io
import json
import pickle
from pathlib import Path

import torch
from torch import nn

torch.manual_seed(0)


def values(tensor: torch.Tensor) -> dict:
    return {
        "dims": list(tensor.shape),
        "values": [round(float(v), 6) for v in tensor.detach().float().flatten().tolist()],
    }


def saved(value, **options) -> bytes:
    file = io.BytesIO()
    torch.save(value, file, **options)
    return file.getvalue()


base = torch.randn(3, 4)
state = {
    "fp32": base,
    "fp16": torch.randn(2, 3).half(),
    "bf16": torch.randn(5).bfloat16(),
    "fp64": torch.randn(2).double(),
    "int8": torch.tensor([-128, -1, 0, 127], dtype=torch.int8),
    "uint8": torch.tensor([0, 255], dtype=torch.uint8),
    "int64": torch.tensor([[1, -2], [3, 4]]),
    "bool": torch.tensor([True, False, True]),
    "transposed": base.t(),
    "slice": base[1:, 1:3],
    "scalar": torch.tensor(2.5),
    "empty": torch.zeros(0, 4),
    "parameter": nn.Parameter(torch.randn(2, 2)),
    "channels_last": torch.randn(1, 2, 2, 3).to(memory_format=torch.channels_last),
}
nested = {
    "epoch": 3,
    "rate": 1e-4,
    "name": "a model",
    "flags": [True, None, (1, 2)],
    "state_dict": {"inner.weight": torch.randn(2, 2)},
    "list": [torch.randn(2), torch.randn(1)],
}


class Block(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv = nn.Conv2d(2, 3, 2, bias=False)
        self.norm = nn.BatchNorm2d(3)
        self.register_buffer("size", torch.tensor(7))

    def forward(self, x):
        return torch.relu(self.norm(self.conv(x)))


class Tower(nn.Module):
    def __init__(self):
        super().__init__()
        self.blocks = nn.Sequential(Block(), nn.Linear(3, 2))
        self.scale = nn.Parameter(torch.randn(2))

    def forward(self, x):
        return self.blocks[0](x) * self.scale[0]


script = io.BytesIO()
tower = Tower().eval()
torch.jit.save(torch.jit.trace(tower, torch.randn(1, 2, 3, 3)), script)
module = nn.Sequential(nn.Linear(3, 2), nn.LayerNorm(2))
files = {
    "zip": (saved(state), {k: v for k, v in state.items()}),
    "nested": (
        saved(nested),
        {
            "state_dict.inner.weight": nested["state_dict"]["inner.weight"],
            "list.0": nested["list"][0],
            "list.1": nested["list"][1],
        },
    ),
    "state-dict": (saved(module.state_dict()), dict(module.state_dict())),
    "legacy": (saved(state, _use_new_zipfile_serialization=False), {k: v for k, v in state.items()}),
    "pickled": (pickle.dumps({"offset_to_add_in_training": base[:1].clone(), "text": torch.randn(1, 4)}), None),
    "pickled-protocol-2": (pickle.dumps({"offset": base[0].clone()}, protocol=2), {"offset": base[0]}),
    "torchscript": (script.getvalue(), dict(tower.state_dict())),
    # A whole module names classes and would run code: refused.
    "module": (saved(module), None),
}
out = {}
for name, (content, tensors) in files.items():
    if name == "pickled":
        tensors = pickle.loads(content)
    out[name] = {
        "file": base64.b64encode(content).decode(),
        "tensors": {k: values(v) for k, v in (tensors or {}).items()},
    }
    print(name, len(content))
(Path(__file__).parent / "checkpoints.json").write_text(json.dumps(out, separators=(",", ":")) + "\n")
