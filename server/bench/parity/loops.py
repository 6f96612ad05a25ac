"""The authors' decoding, written anew from its description, with transformers' own cache: the sums are those of their
loops, which run the whole sequence in every step (models/decoders/goldens/published.py and bench/published have those).
"""

import html

import ftfy
import torch
from tokenizers.decoders import ByteLevel


def unit(x: torch.Tensor) -> torch.Tensor:
    return x / x.norm(2, -1, keepdim=True)


def generate_beam(model, embed: torch.Tensor, stop: int = 13, beams: int = 5, longest: int = 67) -> list[int]:
    """ClipCap's: by mean log-probability; a stopped row offers token 0 at 0 only; no list of finished captions."""
    output = model(inputs_embeds=embed, use_cache=True)
    past, tokens, scores = output.past_key_values, None, None
    lengths, stopped = torch.ones(beams), torch.zeros(beams, dtype=torch.bool)
    for step in range(longest):
        logits = output.logits[:, -1].softmax(-1).log()
        if tokens is None:
            scores, following = logits[0].topk(beams, -1)
            tokens = following = following[:, None]
            past.batch_repeat_interleave(beams)
        else:
            logits[stopped] = -float("inf")
            logits[stopped, 0] = 0
            total = scores[:, None] + logits
            lengths[~stopped] += 1
            mean, places = (total / lengths[:, None]).view(-1).topk(beams, -1)
            parents, following = places // total.shape[1], (places % total.shape[1])[:, None]
            lengths, stopped = lengths[parents], stopped[parents]
            tokens, scores = torch.cat((tokens[parents], following), 1), mean * lengths
            past.batch_select_indices(parents)
        stopped = stopped | following[:, 0].eq(stop)
        if stopped.all() or step == longest - 1:
            break
        output = model(following, past_key_values=past, use_cache=True)
    best = (scores / lengths).argmax()
    return tokens[best, : int(lengths[best])].tolist()


def nucleus_argmax(model, embed: torch.Tensor, stop: int = 13, longest: int = 67, top_p: float = 0.8) -> list[int]:
    """ClipCap's generate2: of the nucleus the likeliest token."""
    output, tokens = model(inputs_embeds=embed, use_cache=True), []
    while len(tokens) < longest:
        logits = output.logits[0, -1]
        ordered, places = logits.sort(descending=True)
        beyond = ordered.softmax(-1).cumsum(-1) > top_p
        beyond = torch.cat((torch.zeros(1, dtype=torch.bool), beyond[:-1]))
        logits = logits.index_fill(0, places[beyond], -float("inf"))
        tokens.append(int(logits.argmax()))
        if tokens[-1] == stop:
            break
        output = model(torch.tensor([tokens[-1:]]), past_key_values=output.past_key_values, use_cache=True)
    return tokens


def greedy(model, embed: torch.Tensor, stop: int = 49407, longest: int = 30) -> list[int]:
    """DeCap's."""
    output, tokens = model(inputs_embeds=embed, use_cache=True), []
    while len(tokens) < longest:
        tokens.append(int(output.logits[0, -1].argmax()))
        if tokens[-1] == stop:
            break
        output = model(torch.tensor([tokens[-1:]]), past_key_values=output.past_key_values, use_cache=True)
    return tokens


def clip_ids(tokenizer, text: str, longest: int = 60) -> list[int]:
    """CLIP's ids of a text, cleaned as OpenAI's tokenizer cleans; the last 60 of them, as MAGIC cuts."""
    clean = " ".join(html.unescape(html.unescape(ftfy.fix_text(text))).split()).lower()
    return [49406, *tokenizer.encode(clean, add_special_tokens=False)[-longest:], 49407]


def magic(model, words, clip, clip_words, image: torch.Tensor, begin: int) -> list[int]:
    """MAGIC's on COCO: of 45 candidates (1 - α) p - α max cos(h, earlier h) + β softmax(100 cos(image, text))."""
    count, alpha, beta, longest, end = 45, 0.1, 2.0, 15, 50256
    output = model(torch.tensor([[begin]]), use_cache=True, output_hidden_states=True)
    past, states, logits, tokens = output.past_key_values, output.hidden_states[-1][0], output.logits[:, -1], []
    while len(tokens) < longest:
        probabilities, candidates = logits[0].softmax(-1).topk(count, -1)
        past.batch_repeat_interleave(count)
        output = model(candidates[:, None], past_key_values=past, use_cache=True, output_hidden_states=True)
        hidden = output.hidden_states[-1][:, -1]
        repeats = (unit(hidden) @ unit(states).T).max(-1).values
        rows = [clip_ids(clip_words, magic_text(words, [*tokens, c], end)) for c in candidates.tolist()]
        length = max(map(len, rows))
        ids = torch.tensor([row + [49407] * (length - len(row)) for row in rows])
        ends = torch.tensor([len(row) - 1 for row in rows])
        encoded = clip.text_model(ids).last_hidden_state[torch.arange(count), ends]
        fits = (100 * unit(clip.text_projection(encoded)) @ unit(image)[0]).softmax(-1)
        best = int(((1 - alpha) * probabilities - alpha * repeats + beta * fits).argmax())
        tokens.append(int(candidates[best]))
        if tokens[-1] == end:
            break
        past.batch_select_indices(torch.tensor([best]))
        states, logits = torch.cat((states, hidden[best : best + 1])), output.logits[best, -1][None]
    return [token for token in tokens if token != end]


def magic_text(words, tokens: list[int], end: int = 50256) -> str:
    text = words.decode([token for token in tokens if token != end]).replace("<-start_of_text->", "")
    return " ".join(text.split())


def clip_text(clip_words, tokens: list[int]) -> str:
    """`decode` of OpenAI's tokenizer: bytes of all tokens together, a space where a word ends."""
    text = ByteLevel().decode(clip_words.convert_ids_to_tokens(tokens)).replace("</w>", " ")
    return text.replace("<|startoftext|>", "").replace("<|endoftext|>", "")
