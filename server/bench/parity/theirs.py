"""The side of PyTorch of `npm run bench -- parity`: random weights in the published layouts, drawn photos, and what the
authors' decoding says of them. Prints nothing; writes DIR/theirs.json.

    python server/bench/parity/theirs.py DIR --gpt2 TOKENIZER.json --clip VOCABULARY.gz [--n N] [--photos DIR] [--full]
        [--only MODES]
"""

import argparse
import gzip
import importlib.util
import json
import sys
import time
from pathlib import Path

import numpy as np
import torch
from PIL import Image
from tokenizers import Regex, Tokenizer, models, pre_tokenizers
from torch import nn
from transformers import CLIPConfig, CLIPModel, GPT2Config, GPT2LMHeadModel, PreTrainedTokenizerFast

HERE = Path(__file__).parent
sys.path += [str(HERE / "../published"), str(HERE / "../../../models/networks/goldens")]
import loops  # noqa: E402
import reference as ref  # noqa: E402
from make import Mapper, lively, named  # noqa: E402
from pictures import drawing, odd_pictures  # noqa: E402

parser = argparse.ArgumentParser()
parser.add_argument("folder", type=Path)
parser.add_argument("--gpt2", required=True)
parser.add_argument("--clip", required=True)
parser.add_argument("--n", type=int, default=24)
parser.add_argument("--photos", type=Path)
parser.add_argument("--full", action="store_true")
parser.add_argument("--only", default="")
args = parser.parse_args()
torch.set_grad_enabled(False)
torch.set_num_threads(2)
F = args.folder
MEAN, STD = torch.tensor([0.48145466, 0.4578275, 0.40821073]), torch.tensor([0.26862954, 0.26130258, 0.27577711])
LAYERS = 12 if args.full else 2
MAPPER = dict(length=40, layers=8) if args.full else dict(length=10, layers=2)
CLIP_WORDS, MEMORY = 49408, 2000


def note(text: str) -> None:
    print(f"[{time.strftime('%H:%M:%S')}] theirs: {text}", file=sys.stderr)


# ---- random weights ----
def speaking(model: GPT2LMHeadModel, stop: int, louder: float) -> GPT2LMHeadModel:
    """Weights that say many tokens: those before have a say in the next, and the stop token comes up now and then."""
    table = lively(model, 1.0).transformer.wte.weight
    table.normal_(0, 0.1)
    table[stop] *= louder
    return model


def make_weights() -> None:
    torch.manual_seed(0)
    torch.save(lively(CLIPModel(CLIPConfig()), 1.0).state_dict(), F / "pytorch_model.bin")
    for name, mapper in (
        ("coco_weights.pt", None),
        ("transformer_weights.pt", Mapper(512, **MAPPER)),
        ("capdec_weights.pt", Mapper(512, **MAPPER)),
    ):
        gpt = speaking(GPT2LMHeadModel(GPT2Config(n_layer=LAYERS)), 13, 2.0)
        if mapper is None:
            mapper = nn.Module()
            mapper.model = nn.Sequential(nn.Linear(512, 3840), nn.Tanh(), nn.Linear(3840, 7680))
            for part in (mapper.model[0], mapper.model[2]):
                part.weight.normal_(0, 1 / part.in_features**0.5)
        else:
            mapper.linear.weight.normal_(0, 1.0)
        torch.save({**named("gpt.", gpt), **named("clip_project.", mapper)}, F / name)
    torch.save({"offset": 0.1 * torch.randn(1, 512)}, F / "offset.pt")
    decap = nn.Module()
    decap.decoder = speaking(GPT2LMHeadModel(GPT2Config(n_layer=4, n_head=4)), 49407, 2.2)
    # Rows that CLIP's tokenizer has no token for, never trained.
    decap.decoder.transformer.wte.weight[CLIP_WORDS:] = 0
    decap.clip_project = nn.Module()
    decap.clip_project.model = nn.Sequential(nn.Linear(512, 768))
    decap.clip_project.model[0].weight.normal_(0, 1.0)
    torch.save(decap.state_dict(), F / "coco_prefix-009.pt")
    # A list that repeats sentences, as lists of captions do.
    repeats = np.random.default_rng(1).integers(1, 6, MEMORY)
    rows = np.repeat(np.random.default_rng(0).standard_normal((MEMORY, 512)).astype(np.float16), repeats, 0)
    np.save(F / "memory_embeddings.npy", rows)
    lines = [f"sentence number {n}\n" for n in range(MEMORY) for _ in range(repeats[n])]
    (F / "captions.txt").write_text("".join(lines))
    # MAGIC's own has two tokens more, its begin token and padding.
    torch.save(speaking(GPT2LMHeadModel(GPT2Config(vocab_size=50259)), 50256, 2.0).state_dict(), F / "magic.bin")


# ---- what reads them ----
def load(name: str) -> dict:
    return torch.load(F / name, map_location="cpu", weights_only=True)


def gpt2(state: dict, prefix: str, **config) -> GPT2LMHeadModel:
    model = GPT2LMHeadModel(GPT2Config(**config)).eval()
    model.load_state_dict({k[len(prefix) :]: v for k, v in state.items() if k.startswith(prefix)})
    return model


def clip_tokenizer() -> PreTrainedTokenizerFast:
    """CLIP's byte-pair encoding from OpenAI's list of merges: 512 bytes, a token a merge, begin and end."""
    merges = [tuple(line.split()) for line in gzip.open(args.clip, "rt", encoding="utf-8").read().split("\n")]
    merges = merges[1 : 49152 - 256 - 2 + 1]
    letters = list(range(33, 127)) + list(range(161, 173)) + list(range(174, 256))
    signs = [chr(byte) for byte in letters] + [chr(256 + n) for n in range(256 - len(letters))]
    entries = [*signs, *(f"{sign}</w>" for sign in signs), *map("".join, merges), "<|startoftext|>", "<|endoftext|>"]
    model = models.BPE({entry: n for n, entry in enumerate(entries)}, merges, end_of_word_suffix="</w>")
    tokenizer = Tokenizer(model)
    pieces = r"<\|startoftext\|>|<\|endoftext\|>|'s|'t|'re|'ve|'m|'ll|'d|[\p{L}]+|[\p{N}]|[^\s\p{L}\p{N}]+"
    tokenizer.pre_tokenizer = pre_tokenizers.Sequence(
        [
            pre_tokenizers.Split(Regex(pieces), "removed", invert=True),
            pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False),
        ]
    )
    return PreTrainedTokenizerFast(tokenizer_object=tokenizer)


def pixels(path: Path, crop: str) -> torch.Tensor:
    """CLIP's preprocessing; its resize is horizontal first, as Pillow had it up to 12."""
    image = Image.open(path).convert("RGB")
    width, height = image.size
    size = (224, int(224 * height / width)) if width <= height else (int(224 * width / height), 224)
    image = image.resize((size[0], height), Image.BICUBIC).resize(size, Image.BICUBIC)
    half = (lambda rest: rest // 2) if crop == "hugging-face" else (lambda rest: int(round(rest / 2)))
    left, top = half(image.width - 224), half(image.height - 224)
    values = torch.from_numpy(np.asarray(image.crop((left, top, left + 224, top + 224))).copy()).float() / 255
    return ((values - MEAN) / STD).permute(2, 0, 1)[None]


def main() -> None:
    stamp = F / "weights-made"
    if not stamp.exists():
        note("making random weights in the published layouts")
        make_weights()
        stamp.touch()
    if args.photos:
        endings = {".jpg", ".jpeg", ".png", ".webp", ".tif", ".tiff", ".gif"}
        photos = sorted(p for p in args.photos.iterdir() if p.suffix.lower() in endings)[: args.n]
    else:
        (F / "photos").mkdir(exist_ok=True)
        photos = [F / "photos" / f"{seed:03}.png" for seed in range(args.n)]
        for seed, path in enumerate(photos):
            drawing(seed).save(path)
    clip = CLIPModel(CLIPConfig()).eval()
    clip.load_state_dict(load("pytorch_model.bin"))

    def embed(path: Path, crop: str = "torchvision") -> torch.Tensor:
        return clip.visual_projection(clip.vision_model(pixels(path, crop)).pooler_output)

    note(f"embedding {len(photos)} photos, and others in odd profiles and modes")
    images = {crop: [embed(path, crop) for path in photos] for crop in ("torchvision", "hugging-face")}
    odd = odd_pictures(F / "odd")
    result = {
        "photos": [str(path) for path in photos],
        "embeddings": {crop: [one[0].tolist() for one in all] for crop, all in images.items()},
        "odd": [{"path": str(path), "embedding": embed(path)[0].tolist()} for path in odd],
        "modes": {},
    }
    wanted = args.only.split(",") if args.only else None
    words = PreTrainedTokenizerFast(tokenizer_file=args.gpt2, clean_up_tokenization_spaces=True)
    words.clean_up_tokenization_spaces_for_bpe_even_though_it_will_corrupt_output = True
    words.add_tokens(["<-start_of_text->", "<-pad->"], special_tokens=True)
    clip_words = clip_tokenizer()

    def say(mode: str, crop: str, decode, text) -> None:
        if wanted and mode not in wanted:
            return
        start, said = time.perf_counter(), []
        for n, image in enumerate(images[crop]):
            tokens = decode(image)
            said.append({"tokens": tokens, "text": text(tokens)})
            if n in (0, 5, 11, 17):
                note(f"{mode}: {n + 1} of {len(photos)}, {time.perf_counter() - start:.0f} s")
        result["modes"][mode] = said

    for mode, name in (
        ("clipcap-mlp", "coco_weights.pt"),
        ("clipcap-transformer", "transformer_weights.pt"),
        ("capdec", "capdec_weights.pt"),
    ):
        state = load(name)
        model = gpt2(state, "gpt.", n_layer=LAYERS)
        if mode == "clipcap-mlp":
            prefix = lambda x, w=state: ref.mlp_mapper(w, "clip_project.model.0", "clip_project.model.2", x, 10)
        else:
            prefix = lambda x, w=state: ref.transformer_mapper(w, loops.unit(x), MAPPER["length"], MAPPER["layers"])
        beam = lambda x, m=model, p=prefix: loops.generate_beam(m, p(x))
        if mode == "capdec":
            say("capdec", "torchvision", beam, lambda t: words.decode(t).lower())
            # The offset of inference is text minus image, and the sum is not made unit again.
            moved = lambda x, w=state: ref.transformer_mapper(
                w, loops.unit(x) - load("offset.pt")["offset"], MAPPER["length"], MAPPER["layers"]
            )
            shifted = lambda x, m=model: loops.generate_beam(m, moved(x))
            say("capdec-offset", "torchvision", shifted, lambda t: words.decode(t).lower())
        else:
            say(f"{mode}-beam", "torchvision", beam, words.decode)
            likeliest = lambda x, m=model, p=prefix: loops.nucleus_argmax(m, p(x))
            say(f"{mode}-top-p", "torchvision", likeliest, words.decode)
    state = load("coco_prefix-009.pt")
    model = gpt2(state, "decoder.", n_layer=4, n_head=4)
    memory = loops.unit(torch.from_numpy(np.load(F / "memory_embeddings.npy").astype(np.float32))).half().float()

    def decap(image: torch.Tensor) -> list[int]:
        projected = loops.unit((100 * loops.unit(image) @ memory.T).softmax(-1) @ memory)
        return loops.greedy(model, ref.linear(state, "clip_project.model.0", projected)[:, None])

    say("decap", "torchvision", decap, lambda t: loops.clip_text(clip_words, t))
    model = gpt2(load("magic.bin"), "", vocab_size=50259)
    magic = lambda image: loops.magic(model, words, clip, clip_words, image, 50257)
    say("magic", "hugging-face", magic, lambda t: loops.magic_text(words, t))
    if coca_wanted(wanted):
        import coca

        if not (F / coca.FILE).exists():
            note("making a random CoCa")
            coca.make_weights(F)
        saying = coca.Saying(F)
        shown = [pixels(path, "torchvision") for path in photos]
        result["embeddings"]["coca"] = [saying.embed(one)[0].tolist() for one in shown]
        for mode, say_of in saying.modes().items():
            if wanted and mode not in wanted:
                continue
            start = time.perf_counter()
            result["modes"][mode] = [say_of(one) for one in shown]
            note(f"{mode}: {len(shown)} of them, {time.perf_counter() - start:.0f} s")
    (F / "theirs.json").write_text(json.dumps(result))


def coca_wanted(wanted: list[str] | None) -> bool:
    """Asked for by name, or there: open_clip is another package than the rest needs."""
    if wanted is not None:
        return any(mode.startswith("coca") for mode in wanted)
    if importlib.util.find_spec("open_clip") is None:
        note("CoCa is left out: this Python lacks open_clip_torch (3.3.0, with transformers 4.49.0)")
        return False
    return True


main()
