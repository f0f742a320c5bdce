"""Writes porter.tsv: words and their stems by NLTK's PorterStemmer (3.8), which rouge-score uses.

    python3 porter.py text… > porter.tsv

The words are the distinct ones of more than three letters of the texts (public-domain books), every third of them, and the
vocabulary of suffixes below, which reaches every rule.
"""
import re
import sys

from nltk.stem.porter import PorterStemmer

words = set()
for path in sys.argv[1:]:
    with open(path, encoding="utf-8") as file:
        words.update(re.findall(r"[a-z]{4,}", file.read().lower()))
words = sorted(words)[::3]
stems = ["rat", "hop", "tr", "general", "pl", "falt", "o", "sk", "agr", "conform", "radic", "differ", "vile", "analog", "viet", "predic",
         "oper", "feudal", "decis", "hope", "call", "form", "sensit", "sens", "triplic", "electr", "good", "reviv", "allow", "infer", "air",
         "gyroscop", "adjust", "defens", "irrit", "replac", "depend", "adopt", "homolog", "commun", "activ", "angular", "effect", "bowdler",
         "prob", "ceas", "contr", "roll", "y", "by", "say", "enjo", "hiss", "fizz", "fail", "fil", "conflat", "troubl", "siz", "tann", "logi"]
ends = ["", "s", "es", "ies", "sses", "ed", "eed", "ied", "ing", "y", "ational", "tional", "enci", "anci", "izer", "abli", "bli", "alli", "entli",
        "eli", "ousli", "ization", "ation", "ator", "alism", "iveness", "fulness", "ousness", "aliti", "iviti", "biliti", "fulli", "logi",
        "icate", "ative", "alize", "iciti", "ical", "ful", "ness", "al", "ance", "ence", "er", "ic", "able", "ible", "ant", "ement", "ment",
        "ent", "ion", "sion", "tion", "ou", "ism", "ate", "iti", "ous", "ive", "ize", "e", "ll", "lle"]
odd = ["sky", "skies", "dying", "lying", "tying", "news", "innings", "inning", "outings", "outing", "cannings", "canning", "howe", "proceed",
       "exceed", "succeed", "ties", "died", "a", "is", "its", "1900s", "3rd", "yyy", "by", "oed", "eing"]
stemmer = PorterStemmer()
for word in sorted(set(words) | {stem + end for stem in stems[::2] for end in ends} | set(odd)):
    if word:
        print(f"{word}\t{stemmer.stem(word)}")
