"""CLIP ViT-B/32 by onnxruntime and GPT-2 exported by optimum, in batches, over a folder of photos: what a Python
programmer would write to caption it. GPT-2 is at 8 bit; the tower in fp32, as ours is in a family of 8 bit, and at 8
bit too. Prints one JSON object: images a second by precision of the tower and batch size.

    python server/bench/collection/theirs.py DIR PHOTOS [--count N] [--batches 8,16,32]

DIR is the folder of the published bench (its random checkpoints); exports are kept there. GPT-2's export takes ids and
no prefix, so that each photo has ten ids in its place; twenty tokens are forced, greedily.
"""

import argparse
import json
import os
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import onnxruntime
import torch
from onnxruntime.quantization import QuantType, quantize_dynamic
from optimum.onnxruntime import ORTModelForCausalLM
from PIL import Image
from transformers import CLIPConfig, CLIPModel, GPT2Config, GPT2LMHeadModel

parser = argparse.ArgumentParser()
parser.add_argument("folder", type=Path)
parser.add_argument("photos", type=Path)
parser.add_argument("--count", type=int, default=200)
parser.add_argument("--batches", default="16,32")
args = parser.parse_args()
torch.set_grad_enabled(False)
THREADS, PROMPT, TOKENS = os.cpu_count() or 2, 10, 20
MEAN = np.array([0.48145466, 0.4578275, 0.40821073], np.float32)
STD = np.array([0.26862954, 0.26130258, 0.27577711], np.float32)


def load(name: str) -> dict:
    return torch.load(args.folder / name, map_location="cpu", weights_only=True)


class Tower(torch.nn.Module):
    def __init__(self, clip: CLIPModel) -> None:
        super().__init__()
        self.clip = clip

    def forward(self, pixels: torch.Tensor) -> torch.Tensor:
        return self.clip.visual_projection(self.clip.vision_model(pixels).pooler_output)


def exported_towers() -> dict[str, Path]:
    whole, target = args.folder / "clip-tower.onnx", args.folder / "clip-tower-q8.onnx"
    if not target.exists():
        clip = CLIPModel(CLIPConfig(attn_implementation="eager")).eval()
        clip.load_state_dict(load("pytorch_model.bin"))
        torch.onnx.export(
            Tower(clip),
            (torch.zeros(2, 3, 224, 224),),
            whole,
            input_names=["pixels"],
            output_names=["embedding"],
            dynamic_axes={"pixels": {0: "batch"}, "embedding": {0: "batch"}},
            dynamo=False,
        )
        quantize_dynamic(whole, target, weight_type=QuantType.QInt8, per_channel=True)
    return {"fp32": whole, "q8": target}


def exported_gpt2() -> Path:
    target = args.folder / "optimum-gpt2-q8"
    if not target.exists():
        source, whole = args.folder / "hf-gpt2", args.folder / "optimum-gpt2"
        if not whole.exists():
            model = GPT2LMHeadModel(GPT2Config()).eval()
            state = load("gpt2.bin")
            kept = {k: v for k, v in state.items() if not k.endswith((".attn.bias", ".attn.masked_bias"))}
            model.load_state_dict(kept, strict=False)
            model.save_pretrained(source)
            ORTModelForCausalLM.from_pretrained(source, export=True).save_pretrained(whole)
        target.mkdir()
        for file in whole.iterdir():
            if file.suffix == ".onnx":
                quantize_dynamic(file, target / file.name, weight_type=QuantType.QInt8, per_channel=True)
            elif file.suffix == ".json":
                (target / file.name).write_bytes(file.read_bytes())
    return target


def options() -> onnxruntime.SessionOptions:
    made = onnxruntime.SessionOptions()
    made.intra_op_num_threads = THREADS
    return made


def pixels(path: Path) -> np.ndarray:
    image = Image.open(path).convert("RGB")
    scale = 224 / min(image.size)
    size = tuple(224 if side == min(image.size) else int(side * scale) for side in image.size)
    image = image.resize(size, Image.BICUBIC)
    left, top = (image.width - 224) // 2, (image.height - 224) // 2
    values = np.asarray(image.crop((left, top, left + 224, top + 224)), np.float32) / 255
    return ((values - MEAN) / STD).transpose(2, 0, 1)


towers = {
    name: onnxruntime.InferenceSession(path, options(), providers=["CPUExecutionProvider"])
    for name, path in exported_towers().items()
}
language = ORTModelForCausalLM.from_pretrained(exported_gpt2(), session_options=options())
names = sorted(args.photos.iterdir())[: args.count]


def caption(tower: onnxruntime.InferenceSession, batch: int) -> float:
    """Images a second; photos are read in threads while the batch before them is captioned."""
    start = time.perf_counter()
    with ThreadPoolExecutor(THREADS) as pool:
        parts = [names[at : at + batch] for at in range(0, len(names), batch)]
        ahead = [pool.submit(lambda part: [pixels(name) for name in part], part) for part in parts]
        for read in ahead:
            given = np.stack(read.result())
            tower.run(None, {"pixels": given})
            ids = torch.tensor([[31 * n + 5 for n in range(PROMPT)]]).expand(len(given), PROMPT)
            language.generate(
                ids,
                attention_mask=torch.ones_like(ids),
                do_sample=False,
                min_new_tokens=TOKENS,
                max_new_tokens=TOKENS,
                pad_token_id=50256,
                eos_token_id=13,
            )
    return len(names) / (time.perf_counter() - start)


def measured(tower: onnxruntime.InferenceSession, batch: int) -> float:
    global names
    everything, names = names, names[:batch]
    caption(tower, batch)
    names = everything
    return caption(tower, batch)


batches = [int(batch) for batch in args.batches.split(",")]
print(json.dumps({name: {str(n): measured(tower, n) for n in batches} for name, tower in towers.items()}))
