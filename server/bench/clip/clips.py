"""One of CLIP's towers at full size with random weights: its checkpoint in the layouts of OpenAI, Hugging Face and
open_clip, and the embeddings that PyTorch gives. Prints JSON.

    python server/bench/clip/clips.py DIR KIND PHOTO.ppm bpe_simple_vocab_16e6.txt.gz TEXT...
"""

import gzip
import json
import sys
import time
from pathlib import Path

import numpy as np
import torch
from PIL import Image
from safetensors.torch import save_file
from transformers import CLIPConfig, CLIPModel, CLIPTextConfig, CLIPTokenizer, CLIPVisionConfig

sys.path.insert(0, str(Path(__file__).parent / "../../../models/networks/goldens"))
import reference as ref  # noqa: E402

torch.set_num_threads(2)
torch.set_grad_enabled(False)
MEAN, STD = torch.tensor([0.48145466, 0.4578275, 0.40821073]), torch.tensor([0.26862954, 0.26130258, 0.27577711])
VITS = {
    "clip-vit-b32": dict(vision=(768, 12, 12, 32), text=(512, 12, 8), dim=512),
    "clip-vit-b16": dict(vision=(768, 12, 12, 16), text=(512, 12, 8), dim=512),
    "clip-vit-l14": dict(vision=(1024, 24, 16, 14), text=(768, 12, 12), dim=768),
}
RESNET = dict(layers=[4, 6, 10, 6], width=80, heads=40, size=288, text=(640, 12, 10), dim=640)


def lively(weights: dict) -> dict:
    """Activations near unit variance, biases far from zero, norms far from the identity; stored in half precision as
    OpenAI's are."""
    out = {}
    for name, tensor in weights.items():
        last, norm = (
            name.split(".")[-1],
            "ln_" in name or "norm" in name or "layrnorm" in name or ".bn" in name or "downsample.1" in name,
        )
        if last == "running_var":
            value = 0.5 + torch.rand_like(tensor)
        elif last == "running_mean":
            value = torch.randn_like(tensor) * 0.1
        elif norm:
            value = (1 if last == "weight" else 0) + torch.randn_like(tensor) * 0.1
        elif last in ("bias", "in_proj_bias"):
            value = torch.randn_like(tensor) * 0.1
        elif tensor.dim() == 4:
            value = torch.randn_like(tensor) * (2 / tensor[0].numel()) ** 0.5
        elif tensor.dim() == 2 and "embedding" not in name:
            value = torch.randn_like(tensor) / tensor.shape[0 if last in ("proj", "text_projection") else 1] ** 0.5
        else:
            value = torch.randn_like(tensor) * 0.5
        out[name] = value.half()
    return out


def openai_names(w: dict) -> dict:
    """Hugging Face's names and layout → OpenAI's."""
    out = {
        "visual.class_embedding": w["vision_model.embeddings.class_embedding"],
        "visual.conv1.weight": w["vision_model.embeddings.patch_embedding.weight"],
        "visual.positional_embedding": w["vision_model.embeddings.position_embedding.weight"],
        "visual.proj": w["visual_projection.weight"].T.contiguous(),
        "token_embedding.weight": w["text_model.embeddings.token_embedding.weight"],
        "positional_embedding": w["text_model.embeddings.position_embedding.weight"],
        "text_projection": w["text_projection.weight"].T.contiguous(),
    }
    for part in ("weight", "bias"):
        out |= {
            f"visual.ln_pre.{part}": w[f"vision_model.pre_layrnorm.{part}"],
            f"visual.ln_post.{part}": w[f"vision_model.post_layernorm.{part}"],
            f"ln_final.{part}": w[f"text_model.final_layer_norm.{part}"],
        }
        for theirs, ours in (("vision_model", "visual.transformer"), ("text_model", "transformer")):
            layer = 0
            while f"{theirs}.encoder.layers.{layer}.layer_norm1.weight" in w:
                a, b = f"{theirs}.encoder.layers.{layer}", f"{ours}.resblocks.{layer}"
                out[f"{b}.ln_1.{part}"], out[f"{b}.ln_2.{part}"] = (
                    w[f"{a}.layer_norm1.{part}"],
                    w[f"{a}.layer_norm2.{part}"],
                )
                out[f"{b}.attn.in_proj_{part}"] = torch.cat([w[f"{a}.self_attn.{n}_proj.{part}"] for n in "qkv"])
                out[f"{b}.attn.out_proj.{part}"] = w[f"{a}.self_attn.out_proj.{part}"]
                out[f"{b}.mlp.c_fc.{part}"], out[f"{b}.mlp.c_proj.{part}"] = (
                    w[f"{a}.mlp.fc1.{part}"],
                    w[f"{a}.mlp.fc2.{part}"],
                )
                layer += 1
    return out


def resnet_shapes() -> dict:
    """RN50x4 under OpenAI's names."""
    w, dim, (text, text_layers, _) = RESNET["width"], RESNET["dim"], RESNET["text"]
    shapes = {}

    def conv(weight: str, bn: str, *dims: int) -> None:
        shapes[f"{weight}.weight"] = dims
        for part in ("weight", "bias", "running_mean", "running_var"):
            shapes[f"{bn}.{part}"] = dims[:1]

    def linear(name: str, out: int, inputs: int) -> None:
        shapes[f"{name}.weight"], shapes[f"{name}.bias"] = (out, inputs), (out,)

    conv("visual.conv1", "visual.bn1", w // 2, 3, 3, 3)
    conv("visual.conv2", "visual.bn2", w // 2, w // 2, 3, 3)
    conv("visual.conv3", "visual.bn3", w, w // 2, 3, 3)
    channels = w
    for stage, blocks in enumerate(RESNET["layers"]):
        planes = w * 2**stage
        for n in range(blocks):
            stem = f"visual.layer{stage + 1}.{n}"
            conv(f"{stem}.conv1", f"{stem}.bn1", planes, channels, 1, 1)
            conv(f"{stem}.conv2", f"{stem}.bn2", planes, planes, 3, 3)
            conv(f"{stem}.conv3", f"{stem}.bn3", 4 * planes, planes, 1, 1)
            if n == 0:
                conv(f"{stem}.downsample.0", f"{stem}.downsample.1", 4 * planes, channels, 1, 1)
            channels = 4 * planes
    shapes["visual.attnpool.positional_embedding"] = ((RESNET["size"] // 32) ** 2 + 1, channels)
    for name in ("q_proj", "k_proj", "v_proj"):
        linear(f"visual.attnpool.{name}", channels, channels)
    linear("visual.attnpool.c_proj", dim, channels)
    shapes |= {
        "token_embedding.weight": (49408, text),
        "positional_embedding": (77, text),
        "ln_final.weight": (text,),
        "ln_final.bias": (text,),
        "text_projection": (text, dim),
    }
    for layer in range(text_layers):
        b = f"transformer.resblocks.{layer}"
        for part in ("weight", "bias"):
            shapes[f"{b}.ln_1.{part}"] = shapes[f"{b}.ln_2.{part}"] = (text,)
        shapes[f"{b}.attn.in_proj_weight"], shapes[f"{b}.attn.in_proj_bias"] = (3 * text, text), (3 * text,)
        linear(f"{b}.attn.out_proj", text, text)
        linear(f"{b}.mlp.c_fc", 4 * text, text)
        linear(f"{b}.mlp.c_proj", text, 4 * text)
    return shapes


def pixels(photo: str, size: int) -> torch.Tensor:
    image = Image.open(photo).convert("RGB")
    scale = size / min(image.size)
    image = image.resize(
        tuple(size if side == min(image.size) else int(side * scale) for side in image.size), Image.BICUBIC
    )
    left, top = round((image.width - size) / 2), round((image.height - size) / 2)
    values = torch.from_numpy(np.asarray(image.crop((left, top, left + size, top + size))).copy()).float() / 255
    return ((values - MEAN) / STD).permute(2, 0, 1)[None]


def tokenizer(folder: Path, vocabulary: str) -> CLIPTokenizer:
    """transformers' own, from OpenAI's file; without ftfy it cleans text by BERT's rules."""
    merges = gzip.open(vocabulary).read().decode("utf-8").split("\n")[1 : 49152 - 256 - 2 + 1]
    own = [*range(33, 127), *range(161, 173), *range(174, 256)]
    letters = [chr(n) for n in own] + [chr(256 + n) for n in range(256 - len(own))]
    tokens = (
        letters
        + [c + "</w>" for c in letters]
        + ["".join(m.split()) for m in merges]
        + ["<|startoftext|>", "<|endoftext|>"]
    )
    (folder / "vocab.json").write_text(json.dumps({token: n for n, token in enumerate(tokens)}))
    (folder / "merges.txt").write_text("#version: 0.2\n" + "\n".join(merges) + "\n")
    return CLIPTokenizer(str(folder / "vocab.json"), str(folder / "merges.txt"))


def main(folder: Path, kind: str, photo: str, vocabulary: str, *texts: str) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    torch.manual_seed(0)
    words = tokenizer(folder, vocabulary)
    ids = [words(text)["input_ids"] for text in texts]
    layouts = {}
    if kind in VITS:
        (width, layers, heads, patch), (text, text_layers, text_heads), dim = (
            VITS[kind]["vision"],
            VITS[kind]["text"],
            VITS[kind]["dim"],
        )
        config = CLIPConfig(
            text_config=CLIPTextConfig(
                hidden_size=text,
                intermediate_size=4 * text,
                num_hidden_layers=text_layers,
                num_attention_heads=text_heads,
                projection_dim=dim,
                eos_token_id=49407,
                bos_token_id=49406,
            ).to_dict(),
            vision_config=CLIPVisionConfig(
                hidden_size=width,
                intermediate_size=4 * width,
                num_hidden_layers=layers,
                num_attention_heads=heads,
                patch_size=patch,
                projection_dim=dim,
            ).to_dict(),
            projection_dim=dim,
        )
        model = CLIPModel(config).eval()
        weights = lively({k: v for k, v in model.state_dict().items() if not k.endswith("position_ids")})
        model.load_state_dict({k: v.float() for k, v in weights.items()}, strict=False)
        image = lambda: model.visual_projection(model.vision_model(pixels(photo, 224)).pooler_output)[0]
        text_of = lambda row: model.text_projection(model.text_model(torch.tensor([row])).last_hidden_state[0, -1])
        torch.save(weights, folder / "pytorch_model.bin")
        layouts["Hugging Face"] = "pytorch_model.bin"
        weights = openai_names(weights)
    else:
        weights = lively({k: torch.empty(v) for k, v in resnet_shapes().items()})
        wide = {k: v.float() for k, v in weights.items()}
        image = lambda: ref.clip_resnet(wide, pixels(photo, RESNET["size"]), RESNET["layers"], RESNET["heads"])[0]
        text_of = lambda row: ref.clip_text_tower(
            wide, torch.tensor([row]), torch.tensor([len(row) - 1]), RESNET["text"][1], RESNET["text"][2]
        )[0]
    more = {
        "input_resolution": torch.tensor(224),
        "context_length": torch.tensor(77),
        "vocab_size": torch.tensor(49408),
        "logit_scale": torch.tensor(4.6),
    }
    torch.save({**weights, **more}, folder / "openai.pt")
    save_file(
        {(k if k.startswith("visual.") else f"text.{k}"): v.contiguous() for k, v in weights.items()}
        | {"logit_scale": torch.tensor(4.6)},
        folder / "open_clip_model.safetensors",
    )
    layouts |= {"OpenAI": "openai.pt", "open_clip": "open_clip_model.safetensors"}
    image()
    start = time.perf_counter()
    embedding = image()
    seconds = time.perf_counter() - start
    print(
        json.dumps(
            {
                "layouts": layouts,
                "image": embedding.tolist(),
                "texts": [text_of(row).tolist() for row in ids],
                "ids": ids,
                "imageSeconds": seconds,
            }
        )
    )


main(Path(sys.argv[1]), *sys.argv[2:])
