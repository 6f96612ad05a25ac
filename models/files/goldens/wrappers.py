"""Writes wrappers.json beside this script: a small network as each way of training saves it, state of the training
beside it. DataParallel, AdamW, GradScaler, torch.compile and the schedule are PyTorch's own; the outer dictionaries are
written as open_clip's `main.py` and Lightning's `dump_checkpoint` do.

    python models/files/goldens/wrappers.py
"""

import argparse
import base64
import collections
import io
import json
import pathlib

import numpy as np
import torch
from torch import nn

torch.manual_seed(0)


class Small(nn.Module):
    """As many names of a CLIP as it takes to tell it."""

    def __init__(self):
        super().__init__()
        self.visual = nn.Module()
        self.visual.conv1 = nn.Conv2d(3, 2, 2, bias=False)
        self.visual.proj = nn.Parameter(torch.randn(2, 4))
        self.logit_scale = nn.Parameter(torch.tensor(2.5))

    def forward(self, x):
        return self.logit_scale * (self.visual.conv1(x).mean((2, 3)) @ self.visual.proj)


small = Small()
optimizer = torch.optim.AdamW(small.parameters(), lr=1e-3)
schedule = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, 10)
small(torch.randn(1, 3, 4, 4)).sum().backward()
optimizer.step()
schedule.step()
state = small.state_dict()
moments = optimizer.state_dict()
scaler = torch.amp.GradScaler("cpu").state_dict()


def under(prefix: str) -> dict:
    return collections.OrderedDict((prefix + name, tensor) for name, tensor in state.items())


class Lightning(nn.Module):
    def __init__(self):
        super().__init__()
        self.clip = small


files = {
    "itself": state,
    "DataParallel": nn.DataParallel(small).state_dict(),
    "torch.compile": torch.compile(small).state_dict(),
    "open_clip's training": {
        "epoch": 3,
        "name": "small",
        "state_dict": nn.DataParallel(small).state_dict(),
        "optimizer": moments,
        "scaler": scaler,
    },
    "Lightning": {
        "epoch": 3,
        "global_step": 40,
        "pytorch-lightning_version": "2.5.0",
        "state_dict": Lightning().state_dict(),
        "loops": {"fit_loop": {"state_dict": {}, "epoch_progress": {"total": {"ready": 4, "completed": 3}}}},
        "callbacks": {
            "ModelCheckpoint{'monitor': None}": {"best_model_score": torch.tensor(0.5), "best_model_path": ""}
        },
        "optimizer_states": [moments],
        "lr_schedulers": [schedule.state_dict()],
        "hparams_name": "kwargs",
        "hyper_parameters": {
            "rate": np.float64(1e-3),
            "folder": pathlib.PosixPath("a/b"),
            "more": collections.defaultdict(list),
        },
    },
    "a loop by hand": {
        "model_state_dict": state,
        "optimizer_state_dict": moments,
        "scheduler": schedule.state_dict(),
        "args": argparse.Namespace(rate=1e-3, layers=[1, 2]),
        "rng_state": torch.get_rng_state()[:8],
    },
    "an average beside the weights": {"model": state, "ema": under("module.")},
    "another network beside it": {"model": state, "critic": nn.Linear(2, 1).state_dict()},
}
out = {"expected": {name: tensor.flatten().tolist() for name, tensor in state.items()}, "files": {}}
for name, content in files.items():
    file = io.BytesIO()
    torch.save(content, file)
    out["files"][name] = base64.b64encode(file.getvalue()).decode()
    print(name, len(file.getvalue()))
(pathlib.Path(__file__).parent / "wrappers.json").write_text(json.dumps(out, separators=(",", ":")) + "\n")
