"""Writes chat_vectors.json: what transformers makes of our chat templates.

    python3 caco/lm/golden/make_chat_vectors.py > caco/lm/golden/chat_vectors.json

The families' templates are read out of chat_template.cpp; the templates of CASES try one part of
the language each. Needs transformers 5 (its template environment) and no model.
"""

import json
import pathlib
import re

from transformers.utils import chat_template_utils

SOURCE = pathlib.Path(__file__).parent.parent / "chat_template.cpp"
USER = {"role": "user", "content": "What is 2+2? <|im_end|> "}
LATER = {"role": "user", "content": "And in words?"}
SYSTEM = {"role": "system", "content": " Be brief.\n"}
THOUGHT = {"role": "assistant", "content": "<think>\nhm\n</think>\n\n4"}
PLAIN = {"role": "assistant", "content": "Four é"}
CONVERSATIONS = [[USER], [SYSTEM, USER], [USER, THOUGHT, LATER], [SYSTEM, USER, THOUGHT],
                 [USER, PLAIN], [SYSTEM, USER, THOUGHT, LATER, PLAIN, USER]]

CASES = [
    "a{{ 1 }}b{#- c -#}  d  {%- if true %} e {% endif -%}  f\n\n",
    "  {% if true %}\n  x\n  {% endif %}\ny {%+ if true +%}\n z{% endif %}\n  {# c #}\nend\n",
    "{% for m in messages %}{{ loop.index }}/{{ loop.length }}{{ ', ' if not loop.last }}{% endfor %}",
    "{% for m in messages if m.role == 'nobody' %}x{% else %}none{% endfor %}",
    "{% for m in messages %}{% if loop.first %}{% continue %}{% endif %}{{ m.role }}{% break %}{% endfor %}",
    "{% set ns = namespace(n=0) %}{% for m in messages %}{% set ns.n = ns.n + m.content|length %}{% endfor %}{{ ns.n }}",
    "{% set x = 1 %}{% for m in messages %}{% set x = 2 %}{% endfor %}{{ x }}",
    "{% macro f(a, b='B') %}[{{ a }}{{ b }}]{% endmacro %}{{ f('x') ~ f('y', b=1) ~ f(a=2) }}",
    "{{ messages[0]['content'].split('+')[-1].strip() }}|{{ messages[-1].role }}|{{ messages[::-1][0].role }}",
    "{{ messages[0].content[1:-2] }}|{{ 'abcdef'[::2] }}|{{ 'abcdef'[-2:] }}|{{ 'héé'[1] }}",
    "{{ messages|tojson }}",
    "{{ {'a': [1, 2.5, true, none, 'q\"\\n é'], 'b': {}} | tojson(indent=2) }}",
    "{{ 1e0 if false else 0.1 }}{{ 7 // 2 }}{{ -7 // 2 }}{{ 7 % 3 }}{{ -7 % 3 }}{{ 7 / 2 }}{{ 2 * 3.0 }}",
    "{{ 'a' ~ 1 ~ none ~ true }}{{ missing }}{{ missing is defined }}{{ missing|default('d') }}",
    "{{ messages|map(attribute='role')|join(', ') }}|{{ messages|selectattr('role', 'equalto', 'user')|list|length }}",
    "{{ 'role' in messages[0] }}{{ 'x' not in 'abc' }}{{ 3 in [1, 2] }}{{ not 1 == 2 and 2 >= 2 }}",
    "{{ messages[0] is mapping }}{{ 'a' is string }}{{ [] is iterable }}{{ none is none }}{{ x is not defined }}",
    "{% for k, v in {'b': 1, 'a': 2}.items() %}{{ k }}={{ v }};{% endfor %}{{ {'b': 1, 'a': 2}|dictsort|length }}",
    "{% for i in range(3) %}{{ i }}{% endfor %}{{ range(5, 0, -2)|list|last }}{{ [1, 2]|first }}",
    "{{ '  pad '|trim }}|{{ 'xxaxx'.strip('x') }}|{{ 'a-b-c'.replace('-', '+', 1) }}|{{ 'AbC'|lower }}{{ 'abc'|upper }}{{ 'hELLO'|capitalize }}",
    "{% set t %}in {{ messages[0].role }}{% endset %}[{{ t|trim }}]{% generation %}g{% endgeneration %}",
    "{{ raise_exception('no ' + messages[0].role) }}",
    "{{ missing.member }}",
    "{{ bos_token + 'x' + eos_token }}{{ tools is none }}{{ add_generation_prompt }}",
    "{{ 'a b  c'.split() | join('|') }}{{ 'a,b,c'.split(',', 1)|last }}{{ 'abc'.startswith('ab') }}{{ 'abc'.find('c') }}",
    "{{ 'x' * 3 }}{{ [1] + [2] | length if false else ([1] + [2])|length }}{{ ('a', 'b')|join }}",
    "{%- for m in messages -%}\n  {{- m.role }}\n{%- endfor -%}\n",
]


def families():
    text = SOURCE.read_text()
    bodies = dict(re.findall(r'constexpr const char\* (k\w+) =\s+R"\((.*?)\)";', text, re.S))
    return {name: bodies[key] for name, key in re.findall(r'\{"([\w.]+)", (k\w+)\}', text)}


def render(source, messages, add_generation_prompt):
    template = chat_template_utils._compile_jinja_template(source)
    try:
        return template.render(messages=messages, tools=None, documents=None,
                               add_generation_prompt=add_generation_prompt, bos_token="<s>",
                               eos_token="</s>")
    except Exception:
        return None


def main():
    templates = []
    for name, source in families().items():
        cases = [{"messages": messages, "opens": opens, "text": render(source, messages, opens)}
                 for messages in CONVERSATIONS for opens in (True, False)]
        templates.append({"family": name, "cases": cases})
    for source in CASES:
        cases = [{"messages": messages, "opens": True, "text": render(source, messages, True)}
                 for messages in CONVERSATIONS[1:3]]
        templates.append({"source": source, "cases": cases})
    print(json.dumps(templates, indent=1))


if __name__ == "__main__":
    main()
