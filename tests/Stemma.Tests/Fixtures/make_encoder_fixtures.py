"""Tiny random encoders and encoder-decoders of Hugging Face transformers, with the results that the library gives for them.

    python3 make_encoder_fixtures.py <folder that holds the package transformers> <folder of stubs for what it imports> <output folder> [names]

The library (4.47) is given by path and only run; nothing of it is copied. The layout of each folder is that of models/bert:
config.json, model.safetensors and golden.json with the cases plain and padded_right, gradients, six steps of gradient descent and, for
encoder-decoders, greedy continuations. A tensor is {"shape": [...], "data": [...]}.
"""
import json
import os
import struct
import sys

sys.path[:0] = [sys.argv[2], sys.argv[1]]
try:
    import hfstub  # noqa: F401  (stands in for packages that are not there)
except ImportError:
    pass
import torch
import transformers as hf

ENCODER = dict(vocab_size=100, hidden_size=32, num_hidden_layers=2, num_attention_heads=4, intermediate_size=48, max_position_embeddings=40,
               hidden_dropout_prob=0.0, attention_probs_dropout_prob=0.0)
# class, configuration, kind, scale of the embeddings
MODELS = {
    "bert_pretraining": ("BertForPreTraining", hf.BertConfig(**ENCODER, hidden_act="gelu_new", type_vocab_size=3), "pretraining"),
    "bert_classes": ("BertForSequenceClassification", hf.BertConfig(**{**ENCODER, "hidden_act": "relu"}, num_labels=3), "classes"),
    "bert_tags": ("BertForTokenClassification", hf.BertConfig(**ENCODER, num_labels=5), "tags"),
    "bert_answers": ("BertForQuestionAnswering", hf.BertConfig(**ENCODER), "answers"),
    "roberta": ("RobertaForMaskedLM", hf.RobertaConfig(**{**ENCODER, "layer_norm_eps": 1e-5}, type_vocab_size=1), "masked-lm"),
    "roberta_classes": ("RobertaForSequenceClassification", hf.RobertaConfig(**{**ENCODER, "layer_norm_eps": 1e-5}, type_vocab_size=1, num_labels=3), "classes"),
    "distilbert": ("DistilBertForMaskedLM", hf.DistilBertConfig(vocab_size=100, max_position_embeddings=40, n_layers=2, n_heads=4, dim=32, hidden_dim=48, dropout=0.0, attention_dropout=0.0), "masked-lm"),
    "distilbert_classes": ("DistilBertForSequenceClassification", hf.DistilBertConfig(vocab_size=100, max_position_embeddings=40, n_layers=2, n_heads=4, dim=32, hidden_dim=48, dropout=0.0, attention_dropout=0.0, seq_classif_dropout=0.0, num_labels=3), "classes"),
    "albert": ("AlbertForMaskedLM", hf.AlbertConfig(**{**ENCODER, "num_hidden_layers": 4}, embedding_size=16, num_hidden_groups=2, inner_group_num=2), "masked-lm"),
    "albert_classes": ("AlbertForSequenceClassification", hf.AlbertConfig(**ENCODER, embedding_size=16, classifier_dropout_prob=0.0, num_labels=3), "classes"),
    "electra": ("ElectraForPreTraining", hf.ElectraConfig(**ENCODER, embedding_size=16), "replaced-token-detection"),
    "electra_generator": ("ElectraForMaskedLM", hf.ElectraConfig(**ENCODER, embedding_size=32), "masked-lm"),
    "electra_classes": ("ElectraForSequenceClassification", hf.ElectraConfig(**ENCODER, embedding_size=16, num_labels=3), "classes"),
    "t5_v1_0_relu": ("T5ForConditionalGeneration", hf.T5Config(vocab_size=100, d_model=32, d_kv=8, d_ff=48, num_layers=2, num_decoder_layers=2, num_heads=4, relative_attention_num_buckets=12, relative_attention_max_distance=16, dropout_rate=0.0, feed_forward_proj="relu", tie_word_embeddings=True, decoder_start_token_id=0), "seq2seq-lm"),
    "t5_gated_silu": ("T5ForConditionalGeneration", hf.T5Config(vocab_size=90, d_model=24, d_kv=10, d_ff=36, num_layers=3, num_decoder_layers=1, num_heads=2, dropout_rate=0.0, feed_forward_proj="gated-silu", tie_word_embeddings=False, decoder_start_token_id=0), "seq2seq-lm"),
    "bart": ("BartForConditionalGeneration", hf.BartConfig(vocab_size=100, max_position_embeddings=40, d_model=32, encoder_layers=2, encoder_attention_heads=4, encoder_ffn_dim=48, decoder_layers=3, decoder_attention_heads=2, decoder_ffn_dim=40, dropout=0.0, attention_dropout=0.0, activation_dropout=0.0, scale_embedding=True, forced_eos_token_id=None), "seq2seq-lm"),
    "bart_unscaled": ("BartForConditionalGeneration", hf.BartConfig(vocab_size=80, max_position_embeddings=24, d_model=16, encoder_layers=1, encoder_attention_heads=2, encoder_ffn_dim=24, decoder_layers=1, decoder_attention_heads=2, decoder_ffn_dim=24, dropout=0.0, scale_embedding=False, activation_function="relu", forced_eos_token_id=None), "seq2seq-lm"),
    "mbart": ("MBartForConditionalGeneration", hf.MBartConfig(vocab_size=100, max_position_embeddings=40, d_model=32, encoder_layers=2, encoder_attention_heads=4, encoder_ffn_dim=48, decoder_layers=2, decoder_attention_heads=4, decoder_ffn_dim=48, dropout=0.0, attention_dropout=0.0, activation_dropout=0.0, scale_embedding=True, decoder_start_token_id=2, forced_eos_token_id=None), "seq2seq-lm"),
}
SPECIAL = 5  # ids below are special somewhere


def tensor(x):
    return {"shape": list(x.shape), "data": [float(f"{v:.7g}") for v in x.detach().double().flatten().tolist()]}


def randomise(model, seed):
    g = torch.Generator().manual_seed(seed)
    for name, p in model.named_parameters():
        noise = torch.randn(p.shape, generator=g)
        norm = "norm" in name.lower() and name.endswith("weight")
        with torch.no_grad():
            p.copy_(1 + 0.2 * noise if norm else 0.2 * noise if p.dim() == 1 else 0.3 * noise)
    for name, b in model.named_buffers():
        if name == "final_logits_bias":
            b.copy_(0.5 * torch.randn(b.shape, generator=g))


def write_safetensors(path, model):
    seen, tensors = set(), []
    for name, value in model.state_dict().items():
        key = value.data_ptr()
        if key in seen:
            continue
        seen.add(key)
        tensors.append((name, value.float().contiguous()))
    header, offset = {"__metadata__": {"format": "pt"}}, 0
    for name, value in tensors:
        size = value.numel() * 4
        header[name] = {"dtype": "F32", "shape": list(value.shape), "data_offsets": [offset, offset + size]}
        offset += size
    text = json.dumps(header).encode()
    text += b" " * (-len(text) % 8)
    with open(path, "wb") as f:
        f.write(struct.pack("<Q", len(text)) + text)
        for _, value in tensors:
            f.write(value.numpy().tobytes())


def inputs(kind, config, model, g, padded):
    vocab, length = config.vocab_size, 12 if kind == "seq2seq-lm" else 8
    ids = torch.randint(SPECIAL, vocab, (2, length), generator=g)
    mask = torch.ones_like(ids)
    pad = config.pad_token_id
    if padded:
        n = 5 if kind == "seq2seq-lm" else 3
        ids[1, -n:], mask[1, -n:] = pad, 0
    given = {"input_ids": ids, "attention_mask": mask}
    if kind == "seq2seq-lm":
        labels = torch.randint(SPECIAL, vocab, (2, 7), generator=g)
        if padded:
            labels[1, -3:] = -100
        return given, {"labels": labels}
    if getattr(config, "type_vocab_size", 0) > 1:
        types = torch.zeros_like(ids)
        types[0, 5:], types[1, 3:] = 1, config.type_vocab_size - 1
        given["token_type_ids"] = types * mask
    if kind == "masked-lm":
        labels = ids.clone()
        labels[:, ::3] = -100
        return given, {"labels": labels.masked_fill(mask == 0, -100)}
    if kind == "replaced-token-detection":
        return given, {"labels": torch.randint(0, 2, ids.shape, generator=g).float()}
    if kind == "pretraining":
        return given, {"labels": ids.masked_fill(mask == 0, -100), "next_sentence_label": torch.tensor([0, 1])}
    if kind == "classes":
        return given, {"labels": torch.tensor([2, 0])}
    if kind == "tags":
        return given, {"labels": torch.randint(0, config.num_labels, ids.shape, generator=g).masked_fill(mask == 0, -100)}
    return given, {"start_positions": torch.tensor([2, 1]), "end_positions": torch.tensor([5, 3])}


def case(kind, model, given, labels):
    out = model(**given, **labels)
    names = {"logits": "logits", "prediction_logits": "logits", "seq_relationship_logits": "pair_logits", "start_logits": "start_logits", "end_logits": "end_logits",
             "encoder_last_hidden_state": "encoder_last_hidden_state"}
    mask = (labels["labels"] != -100).long() if kind == "seq2seq-lm" else given["attention_mask"]
    result = {
        "inputs": {k: v.tolist() for k, v in given.items()},
        "labels": labels["labels"].tolist() if "labels" in labels else None,
        "other_labels": {k: v.tolist() for k, v in labels.items() if k != "labels"},
        "compare_mask": mask.tolist(),
        "outputs": {to: tensor(out[k]) for k, to in names.items() if k in out and out[k] is not None},
        "loss": float(out.loss.detach().double()),
    }
    if kind == "seq2seq-lm":
        result["decoder_input_ids"] = model.prepare_decoder_input_ids_from_labels(labels["labels"]).tolist()
    return out.loss, result


def greedy(model, given):
    rows = []
    for row, length in ((0, 12), (1, 7)):
        prompt = given["input_ids"][row:row + 1, :length]
        out = [model.config.decoder_start_token_id]
        margin = 1e9
        for _ in range(12):
            with torch.no_grad():
                logits = model(input_ids=prompt, decoder_input_ids=torch.tensor([out])).logits[0, -1]
            top = torch.topk(logits, 2).values
            margin = min(margin, float(top[0] - top[1]))
            out.append(int(logits.argmax()))
        rows.append({"prompt": prompt[0].tolist(), "new_tokens": out[1:], "min_top2_logit_margin": margin})
    return rows


def make(name, seed, target):
    cls, config, kind = MODELS[name]
    config._attn_implementation = "eager"
    torch.manual_seed(seed)
    model = getattr(hf, cls)(config).eval()
    randomise(model, seed)
    if hasattr(model, "tie_weights"):
        model.tie_weights()
    g = torch.Generator().manual_seed(seed + 1)
    cases = {}
    for case_name in ("plain", "padded_right"):
        given, labels = inputs(kind, config, model, g, case_name != "plain")
        loss, cases[case_name] = case(kind, model, given, labels)
        if case_name == "plain":
            plain = given, labels
            model.zero_grad()
            loss.backward()
            gradients = {}
            for n, p in model.named_parameters():
                if p.grad is not None:
                    gradients[n] = {"l2_norm": float(p.grad.double().norm()), "first4": [float(f"{v:.7g}") for v in p.grad.flatten()[:4].tolist()]}
    golden = {"class": cls, "model_type": config.model_type, "kind": kind, "generator": {"transformers": hf.__version__, "torch": torch.__version__, "seed": seed},
              "cases": cases, "gradients": {"all": gradients}}
    if kind == "seq2seq-lm":
        golden["greedy"] = greedy(model, plain[0])
        if min(row["min_top2_logit_margin"] for row in golden["greedy"]) < 0.01:
            return False
    folder = os.path.join(target, name)
    os.makedirs(folder, exist_ok=True)
    config.architectures = [cls]
    with open(os.path.join(folder, "config.json"), "w") as f:
        f.write(json.dumps({**config.to_diff_dict(), **{k: v for k, v in config.to_dict().items() if k not in ("transformers_version", "_attn_implementation_autoset") and v != hf.PretrainedConfig().to_dict().get(k, object())}}, indent=2, sort_keys=True) + "\n")
    write_safetensors(os.path.join(folder, "model.safetensors"), model)
    losses = []
    for _ in range(6):
        loss, _ = case(kind, model, *plain)
        losses.append(float(loss.detach()))
        model.zero_grad()
        loss.backward()
        with torch.no_grad():
            for p in model.parameters():
                if p.grad is not None:
                    p -= 0.01 * p.grad
    golden["sgd"] = {"case": "plain", "lr": 0.01, "loss_before_step": losses}
    with open(os.path.join(folder, "golden.json"), "w") as f:
        json.dump(golden, f)
    print(name, "seed", seed, "loss", cases["plain"]["loss"])
    return True


for model_name in sys.argv[4:] or MODELS:
    first = 100 + 50 * list(MODELS).index(model_name)
    if not any(make(model_name, s, sys.argv[3]) for s in range(first, first + 50)):
        sys.exit(f"{model_name}: no seed with clear margins")
