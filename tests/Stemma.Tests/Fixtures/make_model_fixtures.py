"""Tiny random models in Hugging Face folder form, with the results that the transformers library gives for them.

    python3 make_model_fixtures.py OUTPUT [--library FOLDER ...] [--only NAME ...]

The library is only run, never copied: it is imported from the folders given with --library, or as it is installed. Made with transformers
4.47.1 and torch 1.13.1 (Debian 12) on a processor, in float32 and evaluation mode, eager attention.

MODELS is the table: name -> (class, configuration, seed). Each becomes a folder OUTPUT/NAME with config.json, generation_config.json,
model.safetensors and golden.json, whose layout is that of the other folders here: cases (inputs, labels, loss, compare_mask, logits), greedy
continuations (causal models; each token is the argmax of a whole pass, without a cache) and the gradients' norms and first four numbers.
"""
import argparse
import copy
import inspect
import json
import sys
from pathlib import Path

parser = argparse.ArgumentParser()
parser.add_argument("output", type=Path)
parser.add_argument("--library", nargs="*", default=[])
parser.add_argument("--only", nargs="*", default=[])
parser.add_argument("--import", dest="first", nargs="*", default=[], help="modules to import before the library")
options = parser.parse_args()
sys.path[:0] = options.library
for module in options.first:
    __import__(module)

import torch  # noqa: E402
import transformers  # noqa: E402
from safetensors.torch import save_file  # noqa: E402

# ---- causal language models -------------------------------------------------------------------------------------------------------------
LLAMA_SIZES = dict(vocab_size=40, hidden_size=32, intermediate_size=40, num_hidden_layers=2, num_attention_heads=4, max_position_embeddings=32)
SPECIAL = dict(bos_token_id=0, eos_token_id=0, pad_token_id=0)
LONG = dict(type="longrope", short_factor=[1.0, 1.1, 1.3, 1.7], long_factor=[1.0, 2.0, 4.0, 7.5])

CAUSAL = {
    "llama_bias": ("Llama", dict(LLAMA_SIZES, num_key_value_heads=1, attention_bias=True, mlp_bias=True, head_dim=12, tie_word_embeddings=True, hidden_act="gelu"), 1),
    "llama_llama3": ("Llama", dict(LLAMA_SIZES, rope_theta=500.0, rope_scaling=dict(rope_type="llama3", factor=8.0, low_freq_factor=1.0, high_freq_factor=4.0, original_max_position_embeddings=16)), 2),
    "llama_yarn": ("Llama", dict(LLAMA_SIZES, rope_scaling=dict(rope_type="yarn", factor=4.0, beta_fast=4.0, beta_slow=0.5)), 3),
    "llama_dynamic": ("Llama", dict(LLAMA_SIZES, max_position_embeddings=8, rope_scaling=dict(rope_type="dynamic", factor=2.0)), 4),
    "llama_linear": ("Llama", dict(LLAMA_SIZES, rope_scaling=dict(rope_type="linear", factor=3.0)), 5),
    "mistral_wide": ("Mistral", dict(LLAMA_SIZES, num_key_value_heads=4, head_dim=6, sliding_window=None, tie_word_embeddings=True), 6),
    "mixtral": ("Mixtral", dict(LLAMA_SIZES, intermediate_size=16, num_key_value_heads=2, num_local_experts=4, num_experts_per_tok=2, sliding_window=4), 7),
    "mixtral_router": ("Mixtral", dict(LLAMA_SIZES, intermediate_size=16, num_key_value_heads=4, num_local_experts=3, num_experts_per_tok=1, output_router_logits=True, router_aux_loss_coef=0.1), 8),
    "qwen2": ("Qwen2", dict(LLAMA_SIZES, num_key_value_heads=2), 9),
    "qwen2_window": ("Qwen2", dict(LLAMA_SIZES, num_key_value_heads=1, use_sliding_window=True, sliding_window=4, max_window_layers=0, tie_word_embeddings=True), 10),
    "gemma": ("Gemma", dict(LLAMA_SIZES, num_key_value_heads=1, head_dim=10), 11),
    "gemma2": ("Gemma2", dict(LLAMA_SIZES, num_key_value_heads=2, head_dim=8, query_pre_attn_scalar=12, sliding_window=4, attn_logit_softcapping=2.0, final_logit_softcapping=3.0), 12),
    "gemma2_uncapped": ("Gemma2", dict(LLAMA_SIZES, num_key_value_heads=4, head_dim=6, query_pre_attn_scalar=6, sliding_window=20, attn_logit_softcapping=None, final_logit_softcapping=None, attention_bias=True), 13),
    "phi": ("Phi", dict(LLAMA_SIZES), 14),
    "phi_grouped": ("Phi", dict(LLAMA_SIZES, num_key_value_heads=2, partial_rotary_factor=0.75, hidden_act="gelu"), 15),
    "phi3": ("Phi3", dict(LLAMA_SIZES, num_key_value_heads=2, sliding_window=4, original_max_position_embeddings=32), 16),
    "phi3_longrope": ("Phi3", dict(LLAMA_SIZES, original_max_position_embeddings=8, rope_scaling=LONG, tie_word_embeddings=True), 17),
    "stablelm": ("StableLm", dict(LLAMA_SIZES, num_key_value_heads=4, partial_rotary_factor=0.25, use_qkv_bias=True), 18),
    "stablelm_parallel": ("StableLm", dict(LLAMA_SIZES, num_key_value_heads=2, partial_rotary_factor=0.5, use_parallel_residual=True), 19),
    "gpt_neox": ("GPTNeoX", dict(LLAMA_SIZES), 20),
    "gpt_neox_sequential": ("GPTNeoX", dict(LLAMA_SIZES, use_parallel_residual=False, rotary_pct=1.0, attention_bias=False, hidden_act="gelu_new", tie_word_embeddings=True, rotary_emb_base=500), 21),
    "gptj": ("GPTJ", dict(vocab_size=40, n_positions=32, n_embd=24, n_layer=2, n_head=3, rotary_dim=4), 22),
    "gpt_neo": ("GPTNeo", dict(vocab_size=40, max_position_embeddings=16, hidden_size=24, num_layers=2, attention_types=[[["global", "local"], 1]], num_heads=3, window_size=4), 23),
    "opt": ("OPT", dict(vocab_size=40, hidden_size=32, num_hidden_layers=2, ffn_dim=40, max_position_embeddings=24, num_attention_heads=4), 24),
    "opt_post_norm": ("OPT", dict(vocab_size=40, hidden_size=32, num_hidden_layers=2, ffn_dim=40, max_position_embeddings=24, num_attention_heads=4, do_layer_norm_before=False, word_embed_proj_dim=20), 25),
    "opt_plain": ("OPT", dict(vocab_size=40, hidden_size=32, num_hidden_layers=2, ffn_dim=40, max_position_embeddings=24, num_attention_heads=4, enable_bias=False, layer_norm_elementwise_affine=False, activation_function="gelu", tie_word_embeddings=False), 26),
    "bloom": ("Bloom", dict(vocab_size=40, hidden_size=24, n_layer=2, n_head=3), 27),
    "bloom_norm_residual": ("Bloom", dict(vocab_size=40, hidden_size=24, n_layer=2, n_head=4, apply_residual_connection_post_layernorm=True), 28),
    "mpt": ("Mpt", dict(vocab_size=40, d_model=24, n_layers=2, n_heads=3, max_seq_len=24), 29),
    "mpt_clip": ("Mpt", dict(vocab_size=40, d_model=24, n_layers=2, n_heads=4, max_seq_len=24, attn_config=dict(clip_qkv=0.9, softmax_scale=0.5)), 30),
    "falcon": ("Falcon", dict(vocab_size=40, hidden_size=32, num_hidden_layers=2, num_attention_heads=4, ffn_hidden_size=40), 31),
    "falcon_grouped": ("Falcon", dict(vocab_size=40, hidden_size=32, num_hidden_layers=2, num_attention_heads=4, num_kv_heads=2, new_decoder_architecture=True, bias=True, ffn_hidden_size=40, tie_word_embeddings=False), 32),
    "falcon_one_norm": ("Falcon", dict(vocab_size=40, hidden_size=32, num_hidden_layers=2, num_attention_heads=4, num_kv_heads=2, new_decoder_architecture=True, num_ln_in_parallel_attn=1, ffn_hidden_size=40), 33),
    # The library's eager attention adds ALiBi twice unless there is a head mask, of ones here; its other kernels add it once.
    "falcon_alibi": ("Falcon", dict(vocab_size=40, hidden_size=24, num_hidden_layers=2, num_attention_heads=3, alibi=True, multi_query=False, parallel_attn=False, bias=True, ffn_hidden_size=40), 34),
}
MODELS = {name: (f"{family}ForCausalLM", f"{family}Config", settings, seed) for name, (family, settings, seed) in CAUSAL.items()}
# -----------------------------------------------------------------------------------------------------------------------------------------


def fill(model, generator):
    """Weights that make every part matter: matrices of deviation 0.25, biases 0.2, norm weights 1 ± 0.2 (Gemma adds the 1 itself)."""
    with torch.no_grad():
        for name, weight in model.named_parameters():
            noise = torch.randn(weight.shape, generator=generator)
            is_norm = weight.dim() == 1 and name.endswith("weight")
            weight.copy_(noise * 0.25 if weight.dim() > 1 else 0.2 * noise + (1 if is_norm and "Gemma" not in type(model).__name__ else 0))


def numbers(tensor):
    return {"shape": list(tensor.shape), "data": [float(f"{x:.7g}") for x in tensor.detach().flatten().tolist()]}


def run(model, ids, mask, labels=None):
    extra = {}
    if "position_ids" in inspect.signature(model.forward).parameters:
        extra["position_ids"] = (mask.cumsum(-1) - 1).clamp(min=0)
    if getattr(model.config, "alibi", False):
        extra["head_mask"] = torch.ones(model.config.num_hidden_layers, model.config.num_attention_heads)
    return model(input_ids=ids, attention_mask=mask, labels=labels, use_cache=False, **extra), extra


def case(model, ids, mask):
    labels = ids.masked_fill(mask == 0, -100)
    output, extra = run(model, ids, mask, labels)
    extra.pop("head_mask", None)
    inputs = {"input_ids": ids, "attention_mask": mask, **extra}
    return output.loss, {
        "inputs": {name: value.tolist() for name, value in inputs.items()},
        "labels": labels.tolist(),
        "compare_mask": mask.tolist(),
        "loss": output.loss.item(),
        "outputs": {"logits": numbers(output.logits)},
    }


def greedy(model, prompt, count):
    tokens, margin = list(prompt), float("inf")
    for _ in range(count):
        ids = torch.tensor([tokens])
        best = run(model, ids, torch.ones_like(ids))[0].logits[0, -1].topk(2)
        tokens.append(best.indices[0].item())
        margin = min(margin, (best.values[0] - best.values[1]).item())
    return {"prompt": list(prompt), "new_tokens": tokens[len(prompt):], "min_top2_logit_margin": margin}


def make(name, model_class, config_class, settings, seed):
    config = getattr(transformers, config_class)(**settings, **SPECIAL)
    config._attn_implementation = "eager"
    torch.manual_seed(seed)
    model = getattr(transformers, model_class)(config).eval()
    model.tie_weights()
    while True:
        generator = torch.Generator().manual_seed(seed)
        fill(model, generator)
        ids = torch.randint(1, config.vocab_size, (2, 10), generator=generator)
        mask = torch.ones_like(ids)
        with torch.no_grad():
            # A copy, for some rotary embeddings remember the longest sequence.
            spare = copy.deepcopy(model)
            continuations = [greedy(spare, ids[0].tolist(), 6), greedy(spare, ids[1, :7].tolist(), 6)]
        if all(c["min_top2_logit_margin"] > 0.01 for c in continuations):
            break
        seed += 1000
    loss, plain = case(model, ids, mask)
    model.zero_grad()
    loss.backward()
    gradients = {n: {"l2_norm": p.grad.norm().item(), "first4": p.grad.flatten()[:4].tolist()} for n, p in model.named_parameters()}
    padded_ids, padded_mask = ids.clone(), mask.clone()
    padded_ids[1, :3], padded_mask[1, :3] = 0, 0
    with torch.no_grad():
        _, padded = case(model, padded_ids, padded_mask)
    golden = {
        "name": name, "class": model_class, "model_type": config.model_type, "kind": "causal-lm",
        "generator": {"transformers": transformers.__version__, "torch": torch.__version__, "seed": seed, "dtype": "float32", "attention": "eager"},
        "cases": {"plain": plain, "padded_left": padded}, "greedy": continuations, "gradients": {"case": "plain", "all": gradients},
    }
    folder = options.output / name
    folder.mkdir(parents=True, exist_ok=True)
    model.config.architectures = [model_class]
    model.config.save_pretrained(folder)
    model.generation_config.save_pretrained(folder)
    tied = [] if getattr(config, "tie_word_embeddings", True) is False else model._tied_weights_keys or []
    save_file({n: t.contiguous() for n, t in model.state_dict().items() if n not in tied}, folder / "model.safetensors", metadata={"format": "pt"})
    (folder / "golden.json").write_text(json.dumps(golden) + "\n")
    print(name, sum(file.stat().st_size for file in folder.iterdir()), "bytes, loss", plain["loss"])


def make_pickles():
    """Two pytorch_model.bin as torch writes them: all element types, views of one storage, a transposed view; and one that would run code."""
    folder = options.output / "pickles"
    folder.mkdir(parents=True, exist_ok=True)
    base = torch.arange(24, dtype=torch.float32).reshape(4, 6) / 4
    tensors = {
        "float": base[1:3], "transposed": base.t(), "parameter": torch.nn.Parameter(base[:2, :3].clone()), "double": base[0].double(), "half": base[1].half(), "bfloat": base[2].bfloat16(),
        "long": torch.tensor([1, -2, 3]), "int": torch.tensor([4, -5], dtype=torch.int32), "short": torch.tensor([6], dtype=torch.int16), "byte": torch.tensor([7, 255], dtype=torch.uint8),
        "char": torch.tensor([-8], dtype=torch.int8), "bool": torch.tensor([True, False]), "scalar": torch.tensor(2.5), "empty": torch.zeros(0, 3),
    }
    torch.save(tensors, folder / "types.bin")
    torch.save(torch.nn.Linear(3, 2).state_dict(), folder / "state.bin")

    class Malice:
        def __reduce__(self):
            return (print, ("this must not run",))

    torch.save({"weight": torch.ones(2), "malice": Malice()}, folder / "malice.bin")


if not options.only or "pickles" in options.only:
    make_pickles()
for name, entry in MODELS.items():
    if not options.only or name in options.only:
        make(name, *entry)
