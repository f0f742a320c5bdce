"""A tiny Transformer decoder of PyTorch's own layers with random weights, and what it gives.

    python3 make_tiny_lm_fixture.py <output folder>

Writes tiny-lm.safetensors (the weights under the names of Models/TinyLm) and tiny-lm.json (inputs, logits, loss, gradients' norms).
"""
import json
import os
import struct
import sys

import torch
from torch import nn

VOCAB, SIZE, HEADS, INNER, LAYERS, LENGTH = 1000, 16, 4, 24, 2, 12
torch.manual_seed(11)
tokens, positions = nn.Embedding(VOCAB, SIZE), nn.Embedding(LENGTH, SIZE)
blocks = nn.ModuleList(nn.TransformerEncoderLayer(SIZE, HEADS, INNER, dropout=0.0, activation="gelu", batch_first=True) for _ in range(LAYERS))
norm, head = nn.LayerNorm(SIZE), nn.Linear(SIZE, VOCAB)
names = {"self_attn.": "attn.", "norm1.": "ln1.", "norm2.": "ln2.", "linear1.": "ff.0.", "linear2.": "ff.2."}


def renamed(name):
    for a, b in names.items():
        name = name.replace(a, b)
    return name


weights = {"token_emb.weight": tokens.weight, "pos_emb.weight": positions.weight}
weights.update({renamed(f"layers.{n}"): p for n, p in blocks.named_parameters()})
weights.update({f"ln_f.{n}": p for n, p in norm.named_parameters()})
weights.update({f"head.{n}": p for n, p in head.named_parameters()})
with torch.no_grad():
    for p in weights.values():
        p.add_(0.1 * torch.randn_like(p))

ids = torch.randint(0, VOCAB, (2, 10))
mask = torch.triu(torch.ones(10, 10), diagonal=1).bool()
x = tokens(ids) + positions(torch.arange(10))[None]
for block in blocks:
    x = block(x, src_mask=mask)
logits = head(norm(x))
loss = nn.functional.cross_entropy(logits[:, :-1].reshape(-1, VOCAB), ids[:, 1:].reshape(-1))
loss.backward()

header, offset = {"__metadata__": {"format": "pt"}}, 0
for name, p in weights.items():
    header[name] = {"dtype": "F32", "shape": list(p.shape), "data_offsets": [offset, offset + 4 * p.numel()]}
    offset += 4 * p.numel()
text = json.dumps(header).encode()
text += b" " * (-len(text) % 8)
os.makedirs(sys.argv[1], exist_ok=True)
with open(os.path.join(sys.argv[1], "tiny-lm.safetensors"), "wb") as f:
    f.write(struct.pack("<Q", len(text)) + text)
    for p in weights.values():
        f.write(p.detach().contiguous().numpy().tobytes())
with open(os.path.join(sys.argv[1], "tiny-lm.json"), "w") as f:
    json.dump({"generator": {"torch": torch.__version__}, "ids": ids.tolist(), "loss": float(loss),
               "logits": {"shape": list(logits.shape), "data": [float(f"{v:.6g}") for v in logits.detach().flatten().tolist()]},
               "gradients": {name: float(p.grad.norm()) for name, p in weights.items()}}, f)
