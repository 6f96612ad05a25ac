"""The studio's random numbers in place of PyTorch's, so that open_clip's sampling draws what the studio draws."""

from contextlib import contextmanager

import torch


def seeded(seed: int):
    """models/random.ts"""
    state = seed & 0xFFFFFFFF
    mul = lambda a, b: (a * b) & 0xFFFFFFFF
    while True:
        state = (state + 0x6D2B79F5) & 0xFFFFFFFF
        t = mul(state ^ (state >> 15), state | 1)
        t = t ^ ((t + mul(t ^ (t >> 7), t | 61)) & 0xFFFFFFFF)
        yield ((t ^ (t >> 14)) & 0xFFFFFFFF) / 4294967296


def drawn_by(numbers):
    """In place of torch.multinomial: a row's token is where the next number falls, likeliest tokens first."""

    def draw(probabilities: torch.Tensor, count: int) -> torch.Tensor:
        assert count == 1 and len(probabilities) == 1
        values, ids = probabilities[0].sort(descending=True, stable=True)
        left = next(numbers) * values.sum().item()
        for value, token in zip(values.tolist(), ids.tolist()):
            left -= value
            if left < 0:
                return torch.tensor([[token]])
        return ids[:1][None]

    return draw


@contextmanager
def drawing_by(seed: int):
    """Within it `torch.multinomial`, by which open_clip samples, draws by the studio's numbers of a seed."""
    multinomial = torch.multinomial
    torch.multinomial = drawn_by(seeded(seed))
    try:
        yield
    finally:
        torch.multinomial = multinomial
