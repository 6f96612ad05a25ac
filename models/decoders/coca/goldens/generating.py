"""CoCa of open_clip under transformers' `generate`, as open_clip's main has it."""

import torch
import transformers
from open_clip.coca_model import CoCa


class Generating(transformers.PreTrainedModel, transformers.GenerationMixin):
    """CoCa as transformers sees it: ids in, logits out, no cache. open_clip's main decodes so."""

    config_class = transformers.PretrainedConfig

    def __init__(self, model: CoCa, vocabulary: int, start: int):
        super().__init__(transformers.PretrainedConfig(vocab_size=vocabulary, is_encoder_decoder=False))
        self.model = model
        self.start = start
        self.image = None

    def prepare_inputs_for_generation(self, input_ids, **_):
        return {"input_ids": input_ids}

    def forward(self, input_ids, **_):
        latent, tokens = self.image
        rows = len(input_ids)
        logits = self.model(
            None, input_ids, image_latent=latent, image_embs=tokens.expand(rows, -1, -1), output_labels=False
        )["logits"]
        return transformers.modeling_outputs.CausalLMOutput(logits=logits)

    def beam(self, pixels: torch.Tensor, end: int) -> tuple[list[int], float]:
        self.image = self.model._encode_image(pixels)
        out = self.generate(
            torch.tensor([[self.start]]),
            num_beams=6,
            do_sample=False,
            max_length=30,
            min_length=5,
            length_penalty=1.0,
            early_stopping=False,
            repetition_penalty=1.0,
            pad_token_id=0,
            eos_token_id=end,
            use_cache=False,
            return_dict_in_generate=True,
            output_scores=True,
        )
        return out.sequences[0].tolist(), out.sequences_scores[0].item()
