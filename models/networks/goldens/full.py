"""Goldens at full size: GPT-2 124M (transformers) and CLIP ViT-B/32, for `npm run bench -- goldens DIR`. Not
committed."""

import json
from pathlib import Path

import reference as ref
from generator import Specification, tensor
from shared import clip_block, head, ids_for


def full(folder: Path, packed) -> None:
    from transformers import GPT2Config, GPT2LMHeadModel

    folder.mkdir(parents=True, exist_ok=True)

    def write(name: str, config: dict, spec: Specification, outputs: dict, **more) -> None:
        golden = {
            "config": config,
            "seed": 0,
            "tensors": list(spec),
            **more,
            "outputs": {k: packed(v) for k, v in outputs.items()},
        }
        (folder / f"{name}.json").write_text(json.dumps(golden))
        print(f"{folder / name}.json: {sum(t.numel() for t in spec.weights().values()) / 1e6:.1f} M weights")

    model = GPT2LMHeadModel(GPT2Config(attn_implementation="eager")).eval()  # the defaults are GPT-2 124M
    c = {"width": 768, "layers": 12, "heads": 12, "vocabulary": 50257, "positions": 1024}
    spec = Specification()
    for name, parameter in model.named_parameters():
        spec.add(name, *parameter.shape)
    model.load_state_dict(spec.weights(), strict=False)
    model.tie_weights()
    ids = ids_for("ids", 2, 20, c["vocabulary"])
    hidden = model.transformer(input_ids=ids).last_hidden_state[:, -1]
    write("gpt2", c, spec, head(hidden, model.lm_head(hidden), 8, 0.1), ids=ids.tolist(), temperature=0.1)

    c = {"size": 224, "patch": 32, "width": 768, "layers": 12, "heads": 12, "dim": 512}
    spec = Specification()
    spec.add("visual.conv1.weight", 768, 3, 32, 32)
    spec.add("visual.class_embedding", 768)
    spec.add("visual.positional_embedding", 50, 768)
    spec.norm("visual.ln_pre", 768)
    for layer in range(12):
        clip_block(spec, f"visual.transformer.resblocks.{layer}", 768)
    spec.norm("visual.ln_post", 768)
    spec.add("visual.proj", 768, 512)
    embedding = ref.clip_vit(spec.weights(), tensor("pixels", (2, 3, 224, 224), 0, 1.0), 32, 12, 12)
    write("vit", c, spec, {"embedding": embedding})
