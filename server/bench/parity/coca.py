"""CoCa ViT-B/32 of the installed open_clip (3.3.0, with a transformers that has BeamSearchScorer): random weights in
its full size, and what its own code says and prints."""

import sys
from pathlib import Path

import open_clip
import torch
from open_clip.coca_model import CoCa, _has_transformers

sys.path.append(str(Path(__file__).parent / "../../../models/decoders/coca/goldens"))
from draws import drawing_by  # noqa: E402
from generating import Generating  # noqa: E402

NAME, FILE, START, END = "coca_ViT-B-32", "open_clip_pytorch_model.bin", 49406, 49407

# Seed and options, the same in ours.ts: the package's own defaults are greedy, or nearly.
SAMPLING = {"top_p": dict(seed=3, top_p=0.8, temperature=1.3), "top_k": dict(seed=3, top_k=7, temperature=0.7)}


def build() -> CoCa:
    assert _has_transformers, "this transformers has no BeamSearchScorer, by which open_clip 3.3.0 decodes"
    return open_clip.create_model(NAME).eval()


def make_weights(folder: Path) -> None:
    """Louder than the initial ones, so that photos and tokens before have a say; the end token comes now and then."""
    torch.manual_seed(1)
    model = build()
    for name, parameter in model.named_parameters():
        if name.endswith("bias"):
            parameter.normal_(0, 0.1)
        elif ".ln_" in name:
            parameter.normal_(1, 0.1)
        elif parameter.dim() >= 2 and "conv1" not in name:
            inputs = parameter.shape[0] if name.endswith("projection") else parameter.shape[-1]
            parameter.normal_(0, 1 / inputs**0.5)
    model.visual.positional_embedding.normal_(0, 0.3)
    model.text.token_embedding.weight.normal_(0, 0.5)
    model.text.positional_embedding.normal_(0, 0.3)
    head = model.text_decoder.text_projection
    head.normal_(0, 0.15)
    head[:, END] *= 1.5
    torch.save(model.state_dict(), folder / FILE)


class Saying:
    def __init__(self, folder: Path):
        self.model = build()
        self.model.load_state_dict(torch.load(folder / FILE, weights_only=True))
        self.generating = Generating(self.model, 49408, START)

    def embed(self, pixels: torch.Tensor) -> torch.Tensor:
        return self.model.encode_image(pixels, normalize=False)

    def modes(self) -> dict:
        """Names of ours.ts: what says a photo's caption."""
        return {
            "coca-3.3.0": lambda pixels: said(self.model.generate(pixels)[0]),
            "coca-main": lambda pixels: said(torch.tensor(self.generating.beam(pixels, END)[0])),
            "coca-top-p": lambda pixels: self.sampled(pixels, "top_p", **SAMPLING["top_p"]),
            "coca-top-k": lambda pixels: self.sampled(pixels, "top_k", **SAMPLING["top_k"]),
        }

    def sampled(self, pixels: torch.Tensor, kind: str, seed: int, **options) -> dict:
        with drawing_by(seed):
            return said(self.model.generate(pixels, generation_type=kind, **options)[0])


def said(row: torch.Tensor) -> dict:
    """Tokens without the start token and what follows the end token; the text as open_clip's README prints it."""
    tokens = row.tolist()[1:]
    text = open_clip.decode(row).split("<end_of_text>")[0].replace("<start_of_text>", "")
    return {"tokens": tokens[: tokens.index(END) + 1] if END in tokens else tokens, "text": text}
