"""CLIP ViT-B/32 by onnxruntime and GPT-2 exported by optimum, in batches, over a folder of photos: what a Python
programmer would write to caption it and score each caption, which gives the rows that ours gives. GPT-2 and the text
tower are at 8 bit; the photo's tower in fp32 and at 8 bit. Prints one JSON object: images a second by precision of the
tower and batch size, with scoring (`scored`) and without the time that it took (`captions`).

    python server/bench/collection/theirs.py DIR PHOTOS GPT2_TOKENIZER.json CLIP_TOKENIZER.json \\
        [--count N] [--batches 8,16,32]

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
from transformers import CLIPConfig, CLIPModel, GPT2Config, GPT2LMHeadModel, PreTrainedTokenizerFast

parser = argparse.ArgumentParser()
parser.add_argument("folder", type=Path)
parser.add_argument("photos", type=Path)
parser.add_argument("gpt2_tokenizer")
parser.add_argument("clip_tokenizer")
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


class TextTower(torch.nn.Module):
    """Causal, so that what pads a text behind its end is not seen, and no mask is wanted."""

    def __init__(self, clip: CLIPModel) -> None:
        super().__init__()
        self.clip = clip

    def forward(self, ids: torch.Tensor) -> torch.Tensor:
        return self.clip.text_projection(self.clip.text_model(ids).pooler_output)


def exported(name: str, tower: type, example: torch.Tensor, axes: dict[int, str]) -> dict[str, Path]:
    whole, target = args.folder / f"{name}.onnx", args.folder / f"{name}-q8.onnx"
    if not target.exists():
        clip = CLIPModel(CLIPConfig(attn_implementation="eager")).eval()
        clip.load_state_dict(load("pytorch_model.bin"))
        torch.onnx.export(
            tower(clip),
            (example,),
            whole,
            input_names=["given"],
            output_names=["embedding"],
            dynamic_axes={"given": axes, "embedding": {0: "batch"}},
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


def opened(path: Path) -> onnxruntime.InferenceSession:
    return onnxruntime.InferenceSession(path, options(), providers=["CPUExecutionProvider"])


towers = {
    name: opened(path)
    for name, path in exported("clip-photos", Tower, torch.zeros(2, 3, 224, 224), {0: "batch"}).items()
}
texts = opened(
    exported("clip-texts", TextTower, torch.tensor([[49406, 320, 49407], [49406, 49407, 49407]]), {0: "batch", 1: "n"})[
        "q8"
    ]
)
language = ORTModelForCausalLM.from_pretrained(exported_gpt2(), session_options=options())
words = PreTrainedTokenizerFast(tokenizer_file=args.gpt2_tokenizer)
clip_words = PreTrainedTokenizerFast(tokenizer_file=args.clip_tokenizer)
names = sorted(args.photos.iterdir())[: args.count]


def embeddings(captions: list[str], together: int) -> np.ndarray:
    """Texts of like length in one run, padded to the longest of them and no further."""
    rows = [[49406, *clip_words.encode(text, add_special_tokens=False)[:75], 49407] for text in captions]
    order = sorted(range(len(rows)), key=lambda i: len(rows[i]))
    out = [np.empty(0)] * len(rows)
    for at in range(0, len(order), together):
        part = order[at : at + together]
        longest = max(len(rows[i]) for i in part)
        given = np.array([rows[i] + [49407] * (longest - len(rows[i])) for i in part], np.int64)
        for i, values in zip(part, texts.run(None, {"given": given})[0], strict=True):
            out[i] = values
    return np.stack(out)


def unit(x: np.ndarray) -> np.ndarray:
    return x / np.linalg.norm(x, axis=-1, keepdims=True)


def caption(tower: onnxruntime.InferenceSession, batch: int, together: int) -> dict[str, float]:
    """Images a second; photos are read in threads while the batch before them is captioned."""
    start, scoring, rows = time.perf_counter(), 0.0, []
    with ThreadPoolExecutor(THREADS) as pool:
        parts = [names[at : at + batch] for at in range(0, len(names), batch)]
        ahead = [pool.submit(lambda part: [pixels(name) for name in part], part) for part in parts]
        for read in ahead:
            given = np.stack(read.result())
            photos = tower.run(None, {"given": given})[0]
            ids = torch.tensor([[31 * n + 5 for n in range(PROMPT)]]).expand(len(given), PROMPT)
            said = language.generate(
                ids,
                attention_mask=torch.ones_like(ids),
                do_sample=False,
                min_new_tokens=TOKENS,
                max_new_tokens=TOKENS,
                pad_token_id=50256,
                eos_token_id=13,
            )
            captions = words.batch_decode(said[:, PROMPT:])
            begin = time.perf_counter()
            cosines = (unit(photos) * unit(embeddings(captions, together))).sum(-1)
            scoring += time.perf_counter() - begin
            rows += zip(captions, cosines, strict=True)
    took = time.perf_counter() - start
    assert len(rows) == len(names)
    return {"captions": len(names) / (took - scoring), "scored": len(names) / took}


def measured(tower: onnxruntime.InferenceSession, batch: int) -> dict[str, float]:
    """Of several numbers of texts in a run of their tower the best is taken, on the first photos, which warm up too."""
    global names
    everything, names = names, names[:batch]
    caption(tower, batch, batch)
    tried = {n: caption(tower, batch, n) for n in (4, 8, 16, batch)}
    names = everything
    return caption(tower, batch, max(tried, key=lambda n: tried[n]["scored"]))


batches = [int(batch) for batch in args.batches.split(",")]
print(json.dumps({name: {str(n): measured(tower, n) for n in batches} for name, tower in towers.items()}))
