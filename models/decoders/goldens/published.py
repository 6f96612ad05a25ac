"""Golden traces of the published decoders, by transformers' GPT-2 and the authors' loops written anew from their
description: no cache, the whole sequence in every step. Small random weights that published-goldens.test.ts makes again
from their names.

    python models/decoders/goldens/published.py [NAME...]      # writes published.json, or these entries of it
"""

import json
import sys
from pathlib import Path

import torch
from transformers import GPT2Config, GPT2LMHeadModel

HERE = Path(__file__).parent
sys.path.insert(0, str(HERE / "../../networks/goldens"))
import reference as ref  # noqa: E402
from generator import Specification, tensor  # noqa: E402

DIM, WIDTH, LAYERS, VOCABULARY, POSITIONS, LONGEST = 24, 48, 2, 120, 90, 67
MARGIN = 1e-3  # every choice is clear by this much, so that rounding cannot change a token


class Unclear(Exception):
    pass


def top(scores: torch.Tensor, count: int) -> tuple[list[float], list[int]]:
    values, order = scores.sort(descending=True, stable=True)
    if (values[:count] - values[1 : count + 1]).min() < MARGIN:
        raise Unclear
    return values[:count].tolist(), order[:count].tolist()


def generate_beam(logits_of, stop: int, beams: int = 5) -> dict:
    """ClipCap's beam: mean log-probability, no list of finished captions; a stopped row offers token 0 at 0 only."""
    values, ids = top(logits_of([[]])[0].softmax(-1).log(), beams)
    rows = [{"tokens": [i], "score": v, "length": 1.0, "stopped": i == stop, "parent": 0} for v, i in zip(values, ids)]
    evicted, size = False, None
    for _ in range(LONGEST - 1):
        if all(r["stopped"] for r in rows):
            break
        logits = logits_of([r["tokens"] for r in rows]).softmax(-1).log()
        size = logits.shape[1]
        for r, row in enumerate(rows):
            if row["stopped"]:
                logits[r] = -float("inf")
                logits[r, 0] = 0
        lengths = torch.tensor([r["length"] + (0 if r["stopped"] else 1) for r in rows])
        mean = (torch.tensor([r["score"] for r in rows])[:, None] + logits) / lengths[:, None]
        values, order = top(mean.flatten(), beams)
        parents = [i // size for i in order]
        evicted = evicted or len(set(parents)) < beams
        rows = [
            {
                "tokens": rows[p]["tokens"] + [i % size],
                "score": v * lengths[p].item(),
                "length": lengths[p].item(),
                "stopped": rows[p]["stopped"] or i % size == stop,
                "parent": p,
            }
            for v, i, p in zip(values, order, parents)
        ]
    best = sorted(rows, key=lambda r: -r["score"] / r["length"])
    return {
        "found": [{"tokens": r["tokens"][: int(r["length"])], "logProb": r["score"]} for r in best],
        "evicted": evicted,
        "stopped": all(r["stopped"] for r in rows),
        "distinct": len({t for r in rows for t in r["tokens"]}),
    }


def greedy(logits_of, stop: int, longest: int) -> dict:
    tokens, total = [], 0.0
    while len(tokens) < longest:
        row = logits_of([tokens])[0]
        token = top(row, 1)[1][0]
        total += row.log_softmax(-1)[token].item()
        tokens.append(token)
        if token == stop:
            break
    return {"tokens": tokens, "logProb": total}


def gpt2(spec: Specification, heads: int) -> GPT2LMHeadModel:
    config = GPT2Config(
        vocab_size=VOCABULARY,
        n_positions=POSITIONS,
        n_embd=WIDTH,
        n_layer=LAYERS,
        n_head=heads,
        attn_implementation="eager",
    )
    model = GPT2LMHeadModel(config).eval()
    for name, parameter in model.named_parameters():
        spec.add(name, *parameter.shape)
    return model


def mlp_mapper(spec: Specification) -> None:
    spec.linear("clip_project.model.0", WIDTH * 4 // 2, DIM)
    spec.linear("clip_project.model.2", WIDTH * 4, WIDTH * 4 // 2)


def transformer_mapper(spec: Specification) -> None:
    spec.linear("clip_project.linear", 4 * WIDTH, DIM)
    spec.add("clip_project.prefix_const", 5, WIDTH)
    for layer in range(2):
        stem = f"clip_project.transformer.layers.{layer}"
        spec.norm(f"{stem}.norm1", WIDTH)
        spec.norm(f"{stem}.norm2", WIDTH)
        spec.linear(f"{stem}.attn.to_queries", WIDTH, WIDTH, bias=False)
        spec.linear(f"{stem}.attn.to_keys_values", 2 * WIDTH, WIDTH, bias=False)
        spec.linear(f"{stem}.attn.project", WIDTH, WIDTH)
        spec.linear(f"{stem}.mlp.fc1", 2 * WIDTH, WIDTH)
        spec.linear(f"{stem}.mlp.fc2", WIDTH, 2 * WIDTH)


def lively(spec: Specification, seed: int) -> dict[str, torch.Tensor]:
    weights = spec.weights(seed, spec.lively())
    return weights


def family(name: str, heads: int, mapper, prefix_of, loops, unlike=None) -> dict:
    """The first seed whose traces show ten tokens, a stop and an evicted beam, and other tokens than after the prefix
    `unlike`."""
    spec = Specification()
    model = gpt2(spec, heads)
    mapper(spec)
    for seed in range(1, 3000):
        weights = lively(spec, seed)
        model.load_state_dict({k: v for k, v in weights.items() if not k.startswith("clip_project")}, strict=False)
        model.tie_weights()
        prefix = prefix_of(weights, seed)
        other = unlike and unlike(weights, seed)

        def logits_of(rows: list[list[int]], prefix: torch.Tensor = prefix) -> torch.Tensor:
            embedded = model.transformer.wte(torch.tensor(rows, dtype=torch.long).reshape(len(rows), -1))
            return model(inputs_embeds=torch.cat([prefix.expand(len(rows), -1, -1), embedded], 1)).logits[:, -1].clone()

        try:
            # The stop token is one that a greedy walk says late.
            walk = greedy(logits_of, -1, 24)["tokens"]
            late = [
                t for i, t in enumerate(walk) if i >= 10 and t not in walk[:i] and len(set(walk[:i])) >= 9 and t != 0
            ]
            if not late:
                continue
            traces = loops(logits_of, late[0])
            if traces and other is not None:
                otherwise = greedy(lambda rows: logits_of(rows, other), late[0], 30)
                if otherwise["tokens"] == traces["greedy"]["tokens"]:
                    continue
        except Unclear:
            continue
        if traces:
            print(
                name,
                "seed",
                seed,
                {
                    k: v.get("tokens", v.get("found", [{}])[0].get("tokens") if "found" in v else None)
                    for k, v in traces.items()
                },
            )
            return {
                "seed": seed,
                "stop": late[0],
                "tensors": list(spec),
                "deviations": spec.lively(),
                "heads": heads,
                **traces,
            }
    raise SystemExit(f"{name}: no seed gives such traces")


def both(logits_of, stop: int) -> dict | None:
    beam, one = generate_beam(logits_of, stop), greedy(logits_of, stop, LONGEST)
    if not (
        beam["evicted"]
        and beam["stopped"]
        and beam["distinct"] >= 10
        and one["tokens"][-1] == stop
        and len(set(one["tokens"])) >= 10
    ):
        return None
    return {"beam": beam, "greedy": one}


def raw(seed: int) -> torch.Tensor:
    """An image embedding as the tower gives it: its norm is about 10."""
    return tensor("embedding", (1, DIM), 0.0, 2.0, seed)


def unit(x: torch.Tensor) -> torch.Tensor:
    return x / x.norm(2, -1, keepdim=True)


def decap_prefix(weights, seed: int) -> torch.Tensor:
    memory = unit(tensor("memory", (40, DIM), 0.0, 1.0, seed))
    query = unit(raw(seed))
    projected = unit((100 * query @ memory.T).softmax(-1) @ memory)
    return ref.linear(weights, "clip_project.model.0", projected)[:, None]


def repeats(row: int) -> int:
    """How often the list of captions holds a row of the memory; published.test.ts has the same formula."""
    return 1 + 13 * row % 29


def decap_repeats_prefix(weights, seed: int) -> torch.Tensor:
    """As the authors have it: a memory with every caption of the list, repeats and all."""
    distinct = unit(tensor("memory", (40, DIM), 0.0, 1.0, seed))
    memory = torch.cat([distinct[row : row + 1].expand(repeats(row), -1) for row in range(40)])
    query = unit(raw(seed))
    projected = unit((100 * query @ memory.T).softmax(-1) @ memory)
    return ref.linear(weights, "clip_project.model.0", projected)[:, None]


def decap_loops(logits_of, stop: int) -> dict | None:
    one = greedy(logits_of, stop, 30)
    return {"greedy": one} if one["tokens"][-1] == stop and len(set(one["tokens"])) >= 10 else None


def text_tower() -> dict[str, torch.Tensor]:
    """CLIP's, of one layer; published.test.ts has the same shapes."""
    stem, width = "transformer.resblocks.0", 16
    shapes = {
        "token_embedding.weight": (VOCABULARY, width),
        "positional_embedding": (40, width),
        "text_projection": (width, DIM),
        f"{stem}.attn.in_proj_weight": (3 * width, width),
        f"{stem}.attn.in_proj_bias": (3 * width,),
        f"{stem}.attn.out_proj.weight": (width, width),
        f"{stem}.attn.out_proj.bias": (width,),
        f"{stem}.mlp.c_fc.weight": (4 * width, width),
        f"{stem}.mlp.c_fc.bias": (4 * width,),
        f"{stem}.mlp.c_proj.weight": (width, 4 * width),
        f"{stem}.mlp.c_proj.bias": (width,),
    }
    for norm in ("ln_final", f"{stem}.ln_1", f"{stem}.ln_2"):
        shapes |= {f"{norm}.weight": (width,), f"{norm}.bias": (width,)}
    return {key: tensor(key, dims, 0.0, 0.3) for key, dims in shapes.items()}


def magic(model, tower, image: torch.Tensor, stop: int) -> dict:
    """MAGIC on COCO: of 45 candidates (1 - α) p - α max cos(h, earlier h) + β softmax(100 cos(image, text))."""
    count, alpha, beta, begin = 45, 0.1, 2.0, 1
    tokens, total, repeated = [], 0.0, False

    def run(rows: list[list[int]]):
        output = model(torch.tensor(rows), output_hidden_states=True)
        return output.logits[:, -1], output.hidden_states[-1]

    while len(tokens) < 15:
        logits, hidden = run([[begin, *tokens]])
        values, order = logits[0].sort(descending=True, stable=True)
        if values[count - 1] - values[count] < MARGIN:
            raise Unclear
        candidates = order[:count].tolist()
        probabilities = logits[0].softmax(-1)[candidates]
        _, states = run([[begin, *tokens, c] for c in candidates])
        repeats = (unit(states[:, -1]) @ unit(hidden[0]).T).max(-1).values
        # The end token is no word of the text.
        rows = [[1, *tokens, *([] if c == stop else [c]), 2] for c in candidates]
        length = max(map(len, rows))
        ids = torch.tensor([row + [2] * (length - len(row)) for row in rows])
        texts = ref.clip_text_tower(tower, ids, torch.tensor([len(row) - 1 for row in rows]), 1, 2)
        fits = (100 * unit(texts) @ unit(image)[0]).softmax(-1)
        scores = (1 - alpha) * probabilities - alpha * repeats + beta * fits
        best = top(scores, 1)[1][0]
        repeated = repeated or best != int(((1 - alpha) * probabilities + beta * fits).argmax())
        total += logits[0].log_softmax(-1)[candidates[best]].item()
        if candidates[best] == stop:
            break
        tokens.append(candidates[best])
    return {"tokens": tokens, "logProb": total, "penalised": repeated}


def magic_family() -> dict:
    """The first seed whose caption has ten distinct tokens, one of them chosen by the penalty."""
    spec, stop = Specification(), 2
    model, tower = gpt2(spec, 3), text_tower()
    for seed in range(1, 3000):
        model.load_state_dict(lively(spec, seed), strict=False)
        model.tie_weights()
        try:
            trace = magic(model, tower, raw(seed), stop)
        except Unclear:
            continue
        said = trace["tokens"]
        if trace.pop("penalised") and len(set(said)) >= 10 and min(said) > stop:
            print("magic", "seed", seed, said)
            rest = {"tensors": list(spec), "deviations": spec.lively(), "heads": 3}
            return {"seed": seed, "stop": stop, **rest, "magic": trace}
    raise SystemExit("magic: no seed gives such a caption")


@torch.no_grad()
def main(only: list[str]) -> None:
    offset = lambda seed: tensor("offset", (1, DIM), 0.0, 0.1, seed)  # image minus text
    makers = {
        "clipcap-mlp": lambda: family(
            "clipcap-mlp",
            3,
            mlp_mapper,
            lambda w, s: ref.mlp_mapper(w, "clip_project.model.0", "clip_project.model.2", raw(s), 4),
            both,
        ),
        "clipcap-transformer": lambda: family(
            "clipcap-transformer",
            3,
            transformer_mapper,
            lambda w, s: ref.transformer_mapper(w, unit(raw(s)), 4, 2),
            both,
        ),
        "capdec": lambda: family(
            "capdec", 3, transformer_mapper, lambda w, s: ref.transformer_mapper(w, unit(raw(s)), 4, 2), both
        ),
        # The offset of inference is text minus image, and the sum is not made unit again.
        "capdec-offset": lambda: family(
            "capdec-offset",
            3,
            transformer_mapper,
            lambda w, s: ref.transformer_mapper(w, unit(raw(s)) - offset(s), 4, 2),
            both,
        ),
        "decap": lambda: family(
            "decap", 4, lambda spec: spec.linear("clip_project.model.0", WIDTH, DIM), decap_prefix, decap_loops
        ),
        "decap-repeats": lambda: family(
            "decap-repeats",
            4,
            lambda spec: spec.linear("clip_project.model.0", WIDTH, DIM),
            decap_repeats_prefix,
            decap_loops,
            unlike=decap_prefix,
        ),
        "magic": magic_family,
    }
    file = HERE / "published.json"
    kept = json.loads(file.read_text()) if only else {}
    out = {name: kept[name] if only and name not in only else make() for name, make in makers.items()}
    file.write_text(json.dumps(out, separators=(",", ":")) + "\n")


torch.set_num_threads(1)
main(sys.argv[1:])
