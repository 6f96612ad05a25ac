"""The published decoders as their authors run them: PyTorch in inference mode on two threads, the loops written anew
from their description. Prints one JSON object: seconds and tokens of each.

    python server/bench/published/theirs.py DIR PHOTO.ppm GPT2_TOKENIZER.json CLIP_TOKENIZER.json \\
        [--repeat N] [--only NAMES]
"""

import argparse
import html
import json
import sys
import time
from pathlib import Path

import ftfy
import numpy as np
import torch
from PIL import Image
from transformers import CLIPConfig, CLIPModel, GPT2Config, GPT2LMHeadModel, PreTrainedTokenizerFast

sys.path.insert(0, str(Path(__file__).parent / "../../../models/networks/goldens"))
import reference as ref  # noqa: E402

parser = argparse.ArgumentParser()
parser.add_argument("folder", type=Path)
parser.add_argument("photo")
parser.add_argument("gpt2_tokenizer")
parser.add_argument("clip_tokenizer")
parser.add_argument("--repeat", type=int, default=2)
parser.add_argument("--only", default="clipcap,capdec,decap,iterative,cached,optimum")
args = parser.parse_args()
torch.set_num_threads(2)
torch.set_grad_enabled(False)
MEAN, STD = torch.tensor([0.48145466, 0.4578275, 0.40821073]), torch.tensor([0.26862954, 0.26130258, 0.27577711])
TOKENS, MAGIC_TOKENS, BEAMS = 20, 12, 5


def load(name: str) -> dict:
    return torch.load(args.folder / name, map_location="cpu", weights_only=True)


def gpt2(state: dict, **config) -> GPT2LMHeadModel:
    model = GPT2LMHeadModel(GPT2Config(**config)).eval()
    kept = {k: v for k, v in state.items() if not k.endswith((".attn.bias", ".attn.masked_bias"))}
    model.load_state_dict(kept, strict=False)
    return model


def unit(x: torch.Tensor) -> torch.Tensor:
    return x / x.norm(2, -1, keepdim=True)


clip = CLIPModel(CLIPConfig()).eval()
clip.load_state_dict(load("pytorch_model.bin"))


def image_embedding() -> torch.Tensor:
    image = Image.open(args.photo).convert("RGB")
    scale = 224 / min(image.size)
    size = tuple(224 if side == min(image.size) else int(side * scale) for side in image.size)
    image = image.resize(size, Image.BICUBIC)
    left, top = round((image.width - 224) / 2), round((image.height - 224) / 2)
    pixels = torch.from_numpy(np.asarray(image.crop((left, top, left + 224, top + 224))).copy()).float() / 255
    return clip.visual_projection(clip.vision_model(((pixels - MEAN) / STD).permute(2, 0, 1)[None]).pooler_output)


def generate_beam(model: GPT2LMHeadModel, embed: torch.Tensor, stop: int = 13) -> list[int]:
    """ClipCap: the whole sequence again in every step."""
    tokens = scores = None
    lengths, stopped, generated = torch.ones(BEAMS), torch.zeros(BEAMS, dtype=torch.bool), embed
    for _ in range(TOKENS):
        logits = model(inputs_embeds=generated, use_cache=False).logits[:, -1].softmax(-1).log()
        if scores is None:
            scores, following = logits.topk(BEAMS, -1)
            generated = generated.expand(BEAMS, *generated.shape[1:])
            following, scores = following.permute(1, 0), scores.squeeze(0)
            tokens = following
        else:
            logits[stopped] = -float("inf")
            logits[stopped, 0] = 0
            total = scores[:, None] + logits
            lengths[~stopped] += 1
            mean, following = (total / lengths[:, None]).view(-1).topk(BEAMS, -1)
            parent = following // total.shape[1]
            lengths, following = lengths[parent], (following % total.shape[1]).unsqueeze(1)
            tokens, generated, stopped = torch.cat((tokens[parent], following), 1), generated[parent], stopped[parent]
            scores = mean * lengths
        generated = torch.cat((generated, model.transformer.wte(following.squeeze()).view(BEAMS, 1, -1)), 1)
        stopped = stopped + following.eq(stop).squeeze()
        if stopped.all():
            break
    best = (scores / lengths).argmax()
    return tokens[best, : int(lengths[best])].tolist()


def greedy(model: GPT2LMHeadModel, embed: torch.Tensor, stop: int = 49407) -> list[int]:
    tokens, generated = [], embed
    for _ in range(TOKENS):
        token = model(inputs_embeds=generated, use_cache=False).logits[:, -1].argmax(-1)
        tokens.append(token.item())
        if tokens[-1] == stop:
            break
        generated = torch.cat((generated, model.transformer.wte(token)[:, None]), 1)
    return tokens


def cleaned(text: str) -> str:
    """As CLIP's tokenizer cleans."""
    return " ".join(html.unescape(html.unescape(ftfy.fix_text(text))).split()).lower()


def decoded(words, tokens: list[int]) -> str:
    """Its bytes as they are: transformers before 5 would move spaces."""
    return words.decode(tokens, skip_special_tokens=True, clean_up_tokenization_spaces=False)


def repeated(past, times: int):
    """Keys and values of one row for so many rows; transformers before 4.50 has them as tuples."""
    if isinstance(past, tuple):
        return tuple(tuple(part.repeat_interleave(times, 0) for part in layer) for layer in past)
    past.batch_repeat_interleave(times)
    return past


def selected(past, row: int):
    """Those of one row."""
    if isinstance(past, tuple):
        return tuple(tuple(part[row : row + 1] for part in layer) for layer in past)
    past.batch_select_indices(torch.tensor([row]))
    return past


def magic(model: GPT2LMHeadModel, words, clip_words, image: torch.Tensor, prompt: list[int]) -> list[int]:
    """MAGIC: the language model is cached, the text tower encodes all candidates anew in every step."""
    K, alpha, beta = 45, 0.1, 2.0
    output = model(torch.tensor([prompt]), use_cache=True, output_hidden_states=True)
    past, logits, states, tokens = output.past_key_values, output.logits[:, -1], output.hidden_states[-1][0, -1:], []
    for _ in range(MAGIC_TOKENS):
        probabilities, candidates = logits.softmax(-1).topk(K, -1)
        past = repeated(past, K)
        output = model(candidates.view(K, 1), past_key_values=past, use_cache=True, output_hidden_states=True)
        hidden = output.hidden_states[-1][:, -1]
        repeats = (unit(hidden) @ unit(states).T).max(-1).values
        texts = [cleaned(decoded(words, tokens + [c])) for c in candidates[0].tolist()]
        batch = clip_words(texts, add_special_tokens=False)["input_ids"]
        rows = [[49406, *row[-60:], 49407] for row in batch]
        length = max(len(row) for row in rows)
        ids = torch.tensor([row + [49407] * (length - len(row)) for row in rows])
        ends = torch.tensor([len(row) - 1 for row in rows])
        encoded = clip.text_model(ids).last_hidden_state[torch.arange(K), ends]
        cosines = unit(clip.text_projection(encoded)) @ unit(image)[0]
        score = (1 - alpha) * probabilities[0] - alpha * repeats + beta * (100 * cosines).softmax(-1)
        best = score.argmax().item()
        tokens.append(candidates[0, best].item())
        past = selected(output.past_key_values, best)
        states, logits = torch.cat((states, hidden[best : best + 1])), output.logits[best, -1][None]
        if tokens[-1] == 50256:
            break
    return tokens


results = {}


def timed(name: str, work) -> None:
    seconds, tokens = [], None
    for _ in range(args.repeat):
        start = time.perf_counter()
        tokens = work()
        seconds.append(time.perf_counter() - start)
    results[name] = {"seconds": min(seconds), "all": seconds, "tokens": tokens}
    print(f"theirs, {name}: {min(seconds):.2f} s", file=sys.stderr)


only = args.only.split(",")
if {"clipcap", "cached"} & set(only):
    state = load("coco_weights.pt")
    weights = {k: v for k, v in state.items() if k.startswith("clip_project")}
    model = gpt2({k[4:]: v for k, v in state.items() if k.startswith("gpt.")})
    prefix = lambda: ref.mlp_mapper(weights, "clip_project.model.0", "clip_project.model.2", image_embedding(), 10)
    if "clipcap" in only:
        timed("clipcap", lambda: generate_beam(model, prefix()))
    if "cached" in only:
        options = dict(
            num_beams=BEAMS,
            do_sample=False,
            min_new_tokens=TOKENS,
            max_new_tokens=TOKENS,
            use_cache=True,
            pad_token_id=50256,
            eos_token_id=13,
        )
        timed(
            "cached",
            lambda: model.generate(
                inputs_embeds=prefix(), attention_mask=torch.ones(1, 10, dtype=torch.long), **options
            )[0].tolist(),
        )
    del state, weights, model
if "capdec" in only:
    state = load("capdec_512.pt")
    weights = {k: v for k, v in state.items() if k.startswith("clip_project")}
    model = gpt2({k[4:]: v for k, v in state.items() if k.startswith("gpt.")})
    timed("capdec", lambda: generate_beam(model, ref.transformer_mapper(weights, unit(image_embedding()), 40, 8)))
    del state, weights, model
if "decap" in only:
    state = load("coco_prefix-009.pt")
    model = gpt2({k[8:]: v for k, v in state.items() if k.startswith("decoder.")}, n_layer=4, n_head=4)
    memory = unit(torch.from_numpy(np.load(args.folder / "memory_embeddings.npy").astype(np.float32))).half().float()
    begin = model.transformer.wte(torch.tensor([[49406]]))

    def decap() -> list[int]:
        projected = unit((100 * unit(image_embedding()) @ memory.T).softmax(-1) @ memory)
        return greedy(model, torch.cat((ref.linear(state, "clip_project.model.0", projected)[:, None], begin), 1))

    timed("decap", decap)
    del model, memory
if "iterative" in only:
    model = gpt2(load("gpt2.bin"))
    words, clip_words = (
        PreTrainedTokenizerFast(tokenizer_file=file) for file in (args.gpt2_tokenizer, args.clip_tokenizer)
    )
    prompt = [50256, *words.encode("Image of a", add_special_tokens=False)]
    timed("iterative", lambda: magic(model, words, clip_words, image_embedding(), prompt))
    del model
if "optimum" in only:
    try:
        import onnxruntime
        from optimum.onnxruntime import ORTModelForCausalLM

        source, target = args.folder / "hf-gpt2", args.folder / "optimum-gpt2"
        if not target.exists():
            gpt2(load("gpt2.bin")).save_pretrained(source)
            ORTModelForCausalLM.from_pretrained(source, export=True).save_pretrained(target)
        session = onnxruntime.SessionOptions()
        session.intra_op_num_threads = 2
        exported = ORTModelForCausalLM.from_pretrained(target, session_options=session)
        # The export takes ids and no prefix, so both sides get ten ids in its place, and no photo.
        ids = torch.tensor([[31 * n + 5 for n in range(10)]])
        timed(
            "optimum",
            lambda: exported.generate(
                ids,
                attention_mask=torch.ones_like(ids),
                num_beams=BEAMS,
                do_sample=False,
                min_new_tokens=TOKENS,
                max_new_tokens=TOKENS,
                pad_token_id=50256,
                eos_token_id=13,
            )[0, 10:].tolist(),
        )
    except Exception as error:  # noqa: BLE001 (whatever is missing or does not fit is told)
        results["optimum"] = {"error": f"{type(error).__name__}: {str(error).splitlines()[0] if str(error) else ''}"}
print(json.dumps(results))
