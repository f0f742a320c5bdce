#!/usr/bin/env python3
"""Renders templates.json with the original Jinja2 (Debian python3-jinja2 3.1.2) as Hugging Face's transformers sets it up, and
writes goldens.json: for each template and conversation the text, or the fact of an error.

The templates are written for these tests in the manner of the published formats that they are named after."""
import json
import os
from datetime import datetime

import jinja2
from jinja2 import nodes
from jinja2.exceptions import TemplateError
from jinja2.ext import Extension, loopcontrols
from jinja2.sandbox import ImmutableSandboxedEnvironment

HERE = os.path.dirname(os.path.abspath(__file__))
NOW = datetime(2024, 7, 6, 5, 4, 3)


class Generation(Extension):
    """transformers' {% generation %}, as far as the text goes."""
    tags = {"generation"}

    def parse(self, parser):
        line = next(parser.stream).lineno
        body = parser.parse_statements(["name:endgeneration"], drop_needle=True)
        return nodes.Scope(body).set_lineno(line)


def raise_exception(message):
    raise TemplateError(message)


def tojson(x, ensure_ascii=False, indent=None, separators=None, sort_keys=False):
    return json.dumps(x, ensure_ascii=ensure_ascii, indent=indent, separators=separators, sort_keys=sort_keys)


environment = ImmutableSandboxedEnvironment(trim_blocks=True, lstrip_blocks=True, extensions=[Generation, loopcontrols])
environment.filters["tojson"] = tojson
environment.globals["raise_exception"] = raise_exception
environment.globals["strftime_now"] = lambda form: NOW.strftime(form)

with open(os.path.join(HERE, "templates.json"), encoding="utf-8") as file:
    cases = json.load(file)

goldens = []
for name, lines in cases["templates"].items():
    template = environment.from_string("\n".join(lines))
    for title, conversation in cases["conversations"].items():
        for prompt in (False, True):
            try:
                text = template.render(
                    messages=conversation["messages"], tools=conversation.get("tools"), documents=None, add_generation_prompt=prompt,
                    bos_token="<s>", eos_token="</s>", **conversation.get("variables", {}))
            except (TemplateError, TypeError, AttributeError, KeyError, ValueError, IndexError) as error:
                text = None
            goldens.append({"template": name, "conversation": title, "prompt": prompt, "text": text})

snippets = []
for source in cases["snippets"]:
    try:
        text = environment.from_string(source).render(**cases["names"])
    except (TemplateError, TypeError, AttributeError, KeyError, ValueError, IndexError, ZeroDivisionError, OverflowError) as error:
        text = None
    snippets.append({"source": source, "text": text})

with open(os.path.join(HERE, "goldens.json"), "w", encoding="utf-8") as file:
    json.dump({"jinja": jinja2.__version__, "templates": goldens, "snippets": snippets}, file, ensure_ascii=False, indent=1)
    file.write("\n")
refused = sum(1 for golden in goldens if golden["text"] is None)
print(len(goldens), "renderings,", refused, "refused;", len(snippets), "snippets,", [s["source"] for s in snippets if s["text"] is None], "refused")
