"""Golden answers of CoCa by open_clip itself (its CoCa class, preprocessing, `generate` and `decode`) and, for its beam
as it is on main, by transformers' `generate` around the same model. Small random weights in the published layout, which
models/test-open-clip-coca.ts makes again from their names; the words of its tokens are made up. `printed` is what the
package prints, by its own vocabulary, of the rows of ids in models/spaces/goldens/decode.json.

    pip install open_clip_torch==3.3.0 transformers==4.49.0
    python models/decoders/coca/goldens/make.py       # writes open-clip.json

transformers must still have BeamSearchScorer, whose absence open_clip does not tell.
"""

import base64
import json
import sys
from pathlib import Path

import numpy as np
import open_clip
import torch
import transformers
from open_clip.coca_model import CoCa, _has_transformers
from PIL import Image

HERE = Path(__file__).parent
sys.path[:0] = [str(HERE), str(HERE / "../../../networks/goldens")]
from draws import drawing_by  # noqa: E402
from generating import Generating  # noqa: E402
from generator import Specification  # noqa: E402

PICTURES, VOCABULARY, START, SIZE = 20, 120, 1, 64
VISION = {"image_size": SIZE, "layers": 2, "width": 64, "head_width": 32, "patch_size": 16}
POOLER = {"attentional_pool": True, "attn_pooler_heads": 4, "attn_pooler_queries": 24, "output_tokens": True}
TEXT = {"context_length": 76, "vocab_size": VOCABULARY, "width": 48, "heads": 3, "layers": 2}
CONFIG = {
    "embed_dim": 48,
    "vision_cfg": {**VISION, **POOLER},
    "text_cfg": {**TEXT, "embed_cls": True, "output_tokens": True},
    "multimodal_cfg": {**TEXT, "attn_pooler_heads": 4},
}
# The package's own defaults stay for all that is not named; these make sampling say several words.
SAMPLING = {"top_p": {"top_p": 0.8, "temperature": 1.3}, "top_k": {"top_k": 7, "temperature": 0.7}}


def picture(n: int) -> Image.Image:
    """Drawn by whole numbers, as models/test-open-clip-coca.ts draws; wider than high, so that its centre is cut."""
    y, x = np.mgrid[0:SIZE, 0 : SIZE + 8 + n]
    tile = ((x >> (2 + n % 3)) ^ (y >> (3 - n % 2))) & 3
    channels = [(x * (n % 5) + y * (3 - n % 4) + tile * (37 + 11 * c) + 61 * c * n + 17 * n) & 255 for c in range(3)]
    return Image.fromarray(np.stack(channels, -1).astype(np.uint8))


def specification(model: CoCa) -> Specification:
    spec = Specification()
    for name, value in model.state_dict().items():
        if value.dim() == 0:
            spec.append([name, [], 2.6, 0.0])
        elif name == "text.cls_emb":
            spec.append([name, list(value.shape), 0.0, 0.5])
        else:
            spec.add(name, *value.shape)
    return spec


def vocabulary(end: int) -> list[str]:
    """Tokens as open_clip's tokenizer keeps them: `</w>` ends a word, a character stands for a byte."""
    own = {0: "!", START: "<start_of_text>", end: "<end_of_text>", 7: "'s</w>", 37: ".</w>", 51: "-", 67: "ver"}
    # A letter of two bytes, and each of its bytes alone.
    own |= {75: "Ã©</w>", 31: "Ã", 83: "©</w>"}
    vowels = ["a", "e", "i", "o", "u", "ai", "ee", "oo"]
    return [own.get(n, f"{'bdfgklmnprstvwz'[n % 15]}{vowels[n // 15]}l</w>") for n in range(VOCABULARY)]


def printed(row: torch.Tensor) -> str:
    """The last line of open_clip's README on CoCa."""
    return open_clip.decode(row).split("<end_of_text>")[0].replace("<start_of_text>", "")


def said(tokens: list[int], end: int) -> list[int]:
    """Without start token and what follows the end token."""
    tokens = tokens[1:]
    return tokens[: tokens.index(end) + 1] if end in tokens else tokens


def packed(values: torch.Tensor) -> dict:
    data = values.detach().float().contiguous().numpy().astype("<f4").tobytes()
    return {"dims": list(values.shape), "values": base64.b64encode(data).decode()}


def texts() -> list[list[int]]:
    """Rows as the tokenizer gives them, end token included: short, one with token 0 inside, one that fills the
    context."""
    long = [2 + (7 * n) % (VOCABULARY - 4) for n in range(74)]
    return [[5, 9], [30, 0, 12, 77], [0, 0, 4], [18], long[:73], long]


def evicted(model: CoCa, pixels: torch.Tensor, end: int) -> bool:
    """Whether a beam of `generate` lost its place to two continuations of its neighbour."""
    scorer = open_clip.coca_model.BeamSearchScorer
    seen = []

    class Watching(scorer):
        def process(self, *args, **kwargs):
            out = super().process(*args, **kwargs)
            if kwargs["group_index"] == 0:
                seen.append(out["next_beam_indices"].tolist())
            return out

    open_clip.coca_model.BeamSearchScorer = Watching
    try:
        model.generate(pixels, sot_token_id=START, eos_token_id=end)
    finally:
        open_clip.coca_model.BeamSearchScorer = scorer
    return any(len(set(row)) == 1 for row in seen[1:])


def traces(model: CoCa, pixels: torch.Tensor, end: int) -> list[dict]:
    generating = Generating(model, VOCABULARY, START)
    out = []
    for n in range(PICTURES):
        image = pixels[n : n + 1]
        rows = {"group": model.generate(image, sot_token_id=START, eos_token_id=end)[0]}
        beam, score = generating.beam(image, end)
        rows["beam"] = torch.tensor(beam)
        for kind, options in SAMPLING.items():
            with drawing_by(n):
                row = model.generate(image, generation_type=kind, sot_token_id=START, eos_token_id=end, **options)
            rows[kind] = row[0]
        tokens = {kind: said(row.tolist(), end) for kind, row in rows.items()}
        out.append({**tokens, "score": score, "text": {kind: printed(row) for kind, row in rows.items()}})
    return out


def all_traces(model: CoCa, pixels: torch.Tensor, end: int) -> list[dict] | None:
    """Where weights that are a few millionths off say the same: no choice hangs on rounding."""
    exact = traces(model, pixels, end)
    kept = {name: value.clone() for name, value in model.state_dict().items()}
    torch.manual_seed(0)
    for parameter in model.parameters():
        parameter.mul_(1 + 3e-6 * torch.randn_like(parameter))
    near = traces(model, pixels, end)
    model.load_state_dict(kept)
    without = lambda rows: [{k: v for k, v in row.items() if k != "score"} for row in rows]
    return exact if without(exact) == without(near) else None


@torch.no_grad()
def main() -> None:
    assert _has_transformers and open_clip.__version__ == "3.3.0", open_clip.__version__
    # By the package's own words, before it gets ours.
    rows = json.loads((HERE / "../../../spaces/goldens/decode.json").read_text())["clip"]
    own_words = [printed(torch.tensor(row["ids"], dtype=torch.long)) for row in rows]
    model = CoCa(**CONFIG).eval()
    spec = specification(model)
    deviations = {
        **spec.lively(),
        "visual.positional_embedding": 0.3,
        "text.token_embedding.weight": 0.5,
        "text_decoder.text_projection": 0.45,
    }
    transform = open_clip.transform.image_transform(
        SIZE, is_train=False, mean=open_clip.OPENAI_DATASET_MEAN, std=open_clip.OPENAI_DATASET_STD
    )
    pixels = torch.stack([transform(picture(n)) for n in range(PICTURES)])
    for seed in range(1, 400):
        model.load_state_dict(spec.weights(seed, deviations))
        walk = said(model.generate(pixels[:1], sot_token_id=START, eos_token_id=START)[0].tolist(), START)
        for end in sorted(set(walk[9:20]) - set(walk[:9]) - {0, START}):
            rough = [said(r.tolist(), end) for r in model.generate(pixels, sot_token_id=START, eos_token_id=end)]
            stops = sum(row[-1] == end for row in rough)
            if len({tuple(row) for row in rough}) < 15 or not 4 <= stops <= 19 or not any(0 in r[:-1] for r in rough):
                continue
            open_clip.tokenizer._tokenizer.decoder = dict(enumerate(vocabulary(end)))
            found = all_traces(model, pixels, end)
            if not found:
                print(seed, end, "unclear")
                continue
            words = [row for trace in found for row in (trace["group"], trace["beam"])]
            ok = (
                any(len(set(row)) >= 10 and row[-1] == end for row in words)
                and len({tuple(t["beam"]) for t in found}) >= 10
                and evicted(model, pixels[:1], end)
                and any(0 in t["beam"][:-1] for t in found)
            )
            print(seed, end, stops, ok)
            if ok:
                return write(model, spec, deviations, seed, end, pixels, found, own_words)
    raise SystemExit("no seed gives such traces")


def write(model, spec, deviations, seed, end, pixels, found, own_words) -> None:
    rows = []
    for n, trace in enumerate(found):
        latent, tokens = model._encode_image(pixels[n : n + 1], normalize=False)
        ids = torch.tensor([[START, *trace["group"][:-1]]])
        logits = model(None, ids, image_latent=latent, image_embs=tokens, output_labels=False)["logits"][0, -1]
        rows.append({**trace, "embedding": packed(latent[0]), "logits": packed(logits)})
        if n == 0:
            rows[0]["tokens"] = packed(tokens[0])
    text = []
    for words in texts():
        ids = [START, *words, end]
        row = torch.tensor([ids + [0] * (76 - len(ids))])
        text.append({"words": words, "embedding": packed(model.encode_text(row, normalize=False)[0])})
    out = {
        "by": {"open_clip_torch": open_clip.__version__, "transformers": transformers.__version__},
        "seed": seed,
        "start": START,
        "stop": end,
        "tensors": list(spec),
        "deviations": deviations,
        "config": CONFIG,
        "sampling": SAMPLING,
        "vocabulary": vocabulary(end),
        "printed": own_words,
        "pictures": rows,
        "texts": text,
    }
    (HERE / "open-clip.json").write_text(json.dumps(out, separators=(",", ":")) + "\n")


torch.set_num_threads(1)
main()
