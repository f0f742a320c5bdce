#!/usr/bin/env python3
"""Writes goldens.json: lines of many kinds and their ids by the original (Debian python3-sentencepiece 0.1.97), for the models in the folder
that the environment's STEMMA_DATA names (tokenizers/sentencepiece, tokenizers/llama2)."""
import json
import os
import random

import sentencepiece

HERE = os.path.dirname(os.path.abspath(__file__))
DATA = os.path.join(os.environ["STEMMA_DATA"], "tokenizers")
MODELS = ["sentencepiece/test_model.model", "sentencepiece/test_ja_model.model", "sentencepiece/test_sentencepiece_with_bytefallback.model", "llama2/tokenizer.model"]
random.seed(20)
lines = ["", " ", "a", " a", "a ", "  a  b  ", "Hello, world!", "吾輩は猫である。名前はまだ無い。", "Straßenbahnhaltestelle über Äpfel", "ＦＵＬＬ　ｗｉｄｔｈ ①②③ ㌔ ﬁ ½",
         "for (int i = 0; i < n; i++)\n{\n    sum += x[i] * 2.5f; // …\n}\n", "👩‍👩‍👧 🇩🇪 😀😀", "......... ---------- ========", "▁▁ ▁a a▁b", "\t\ttabs\u00a0nbsp\u3000wide\u200bzero", "<s>text</s><unk>",
         "e\u0301 \u1100\u1161\u11a8 \ufb03", "\ud55c\uad6d\uc5b4 русский العربية עברית हिन्दी ไทย", "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"]
for _ in range(120):
    line = []
    for _ in range(random.randint(1, 50)):
        low, high = random.choice([(32, 126), (32, 126), (9, 13), (0xA0, 0x24FF), (0x3000, 0x30FF), (0x4E00, 0x9FFF), (0xAC00, 0xD7A3), (0xFF00, 0xFFEF), (0x1F300, 0x1FAFF), (0xE000, 0xE0FF)])
        line.append(random.choice([chr(random.randint(low, high)), " ", "the", "ing"]))
    lines.append("".join(line))
models = {}
for name in MODELS:
    model = sentencepiece.SentencePieceProcessor(model_file=os.path.join(DATA, name))
    models[name] = [{"ids": model.encode(line), "text": model.decode(model.encode(line))} for line in lines]
with open(os.path.join(HERE, "goldens.json"), "w", encoding="utf-8") as file:
    json.dump({"sentencepiece": sentencepiece.__version__, "lines": lines, "models": models}, file, ensure_ascii=True, separators=(",", ":"))
    file.write("\n")
print(len(lines), "lines,", {name: sum(len(line["ids"]) for line in ids) for name, ids in models.items()})
