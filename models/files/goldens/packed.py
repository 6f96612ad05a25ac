"""Writes packed.json beside this script: a small packed file as models/training/packed.py writes it (random values),
the values that were packed and those that Python unpacks.

    python models/files/goldens/packed.py
"""

import base64
import json
import sys
from pathlib import Path

import torch

HERE = Path(__file__).parent
sys.path.insert(0, str(HERE / "../../training"))
from packed import load, save  # noqa: E402

torch.manual_seed(0)
matrix = torch.randn(5, 130)  # two full blocks and one of two
matrix[1, :64] = 0  # nothing in a block
matrix[2, :64] *= 1e-5  # a scale far below the normal halves
matrix[3, 64:128] *= 1e-8  # and one that is zero in half precision
tensors = {
    "fc.weight": matrix,
    "expand.weight": torch.randn(3, 64, 1, 1),
    "depthwise.weight": torch.randn(6, 1, 5, 5),
    "fc.bias": torch.randn(5),
    "wpe.weight": torch.randn(2, 64),
    "logit_scale": torch.tensor(2.5),
}
path = HERE / "packed.safetensors"
errors = save(path, tensors)
print(errors)
values = lambda t: {"dims": list(t.shape), "values": t.flatten().tolist()}
out = {
    "file": base64.b64encode(path.read_bytes()).decode(),
    "original": values(matrix),
    "tensors": {k: values(v) for k, v in load(path).items()},
}
path.unlink()
(HERE / "packed.json").write_text(json.dumps(out, separators=(",", ":")) + "\n")
