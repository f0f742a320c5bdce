"""Writes seqeval.tsv: random tags and the scores that seqeval (https://github.com/chakki-works/seqeval) gives them.

python3 seqeval.py FOLDER_OF_SEQEVAL > seqeval.tsv     needs numpy and scikit-learn
Columns: right tags, predicted tags (sentences apart by |), and precision, recall, F1 (micro) and F1 (macro).
"""
import random
import sys
import warnings

sys.path[:] = [sys.argv[1]] + [p for p in sys.path if p not in ("", sys.path[0])]
from seqeval.metrics import f1_score, precision_score, recall_score

warnings.simplefilter("ignore")
random.seed(17)
for document in range(200):
    letters = ["BIO", "EIO", "BIOES"][document % 3]
    types = ["PER", "ORG", "LOC"][: 1 + document % 3]
    def tag():
        letter = random.choice(letters)
        return letter if letter == "O" else letter + "-" + random.choice(types)
    true, predicted = [], []
    for _ in range(random.randint(1, 4)):
        true.append([tag() for _ in range(random.randint(1, 9))])
        predicted.append([t if random.random() < 0.6 else tag() for t in true[-1]])
    scores = [precision_score(true, predicted), recall_score(true, predicted), f1_score(true, predicted), f1_score(true, predicted, average="macro")]
    print("|".join(map(" ".join, true)), "|".join(map(" ".join, predicted)), " ".join(f"{s:.12g}" for s in scores), sep="\t")
