"""The official `openai` client against `caco-lm serve`: what its users call, and the exceptions that they catch.

Skipped where the package is absent. Runs with the Python that has it: see run.sh.
"""

import concurrent.futures
import sys
import time

import lm_server
from lm_server import NAME, Server, expect, expect_raised

try:
    import openai
except ImportError:
    print("skipped: the Python package openai is absent")
    sys.exit(lm_server.SKIPPED)

PROMPT = "A farmer has 12 boxes with 4 apples each."
ASK = {"model": NAME, "prompt": PROMPT, "max_tokens": 40, "seed": 3}
# Replies that neither end nor stop going in circles.
ENDLESS = {"ignore_eos": True, "repetition_stop": False}
MESSAGES = [{"role": "system", "content": "Answer."}, {"role": "user", "content": PROMPT}]


def client_of(server, **options):
    return openai.OpenAI(**{"base_url": server.url, "api_key": server.key or "none", "max_retries": 0, "timeout": 120, **options})


def test_models(server):
    client = client_of(server)
    expect([model.id for model in client.models.list()], [NAME])
    expect(client.models.retrieve(NAME).id, NAME)
    expect_raised(openai.NotFoundError, lambda: client.models.retrieve("large"), code="model_not_found")


def test_completions(server):
    client = client_of(server)
    reply = client.completions.create(**ASK, n=3)
    expect([choice.index for choice in reply.choices], [0, 1, 2])
    expect((reply.object, reply.model), ("text_completion", NAME))
    assert len({choice.text for choice in reply.choices}) > 1, "all choices are the same"
    assert all(choice.finish_reason in ("stop", "length") for choice in reply.choices)
    usage = reply.usage
    expect(usage.total_tokens, usage.prompt_tokens + usage.completion_tokens)
    again = client.completions.create(**ASK, n=3)
    expect([c.text for c in again.choices], [c.text for c in reply.choices], "the same seed")
    other = client.completions.create(**{**ASK, "seed": 4}, n=3)
    assert [c.text for c in other.choices] != [c.text for c in reply.choices], "another seed"
    two = client.completions.create(**{**ASK, "prompt": [PROMPT, "One"]}, n=3)
    expect([c.text for c in two.choices[:3]], [c.text for c in reply.choices], "among several prompts")
    expect(len(two.choices), 6)
    echo = client.completions.create(**ASK, echo=True)
    assert echo.choices[0].text.startswith(PROMPT)


def test_chat(server):
    reply = client_of(server).chat.completions.create(model=NAME, messages=MESSAGES, max_completion_tokens=20, n=2, seed=1)
    expect(reply.object, "chat.completion")
    expect([choice.message.role for choice in reply.choices], ["assistant", "assistant"])
    assert all(isinstance(choice.message.content, str) for choice in reply.choices)


def test_streams_are_the_reply(server):
    client = client_of(server)
    for temperature in (0, 1, 3):  # the hotter, the more broken characters
        ask = {**ASK, "temperature": temperature, "n": 2, "max_tokens": 120, "extra_body": ENDLESS}
        whole = client.completions.create(**ask)
        texts, reasons, usage = ["", ""], [None, None], None
        for chunk in client.completions.create(**ask, stream=True, stream_options={"include_usage": True}):
            if not chunk.choices:
                usage = chunk.usage
            for choice in chunk.choices:
                expect(chunk.usage, None)
                texts[choice.index] += choice.text
                reasons[choice.index] = choice.finish_reason or reasons[choice.index]
        expect(texts, [choice.text for choice in whole.choices])
        expect(reasons, [choice.finish_reason for choice in whole.choices])
        expect(usage, whole.usage)


def test_chat_streams(server):
    client = client_of(server)
    ask = {"model": NAME, "messages": MESSAGES, "max_tokens": 30, "seed": 2}
    whole = client.chat.completions.create(**ask)
    chunks = list(client.chat.completions.create(**ask, stream=True))
    expect(chunks[0].choices[0].delta.role, "assistant")
    expect("".join(c.choices[0].delta.content or "" for c in chunks), whole.choices[0].message.content)
    expect(chunks[-1].choices[0].finish_reason, whole.choices[0].finish_reason)


def test_logprobs(server):
    client = client_of(server)
    ask = {**ASK, "max_tokens": 20, "temperature": 0}
    reply = client.completions.create(**ask, logprobs=3).choices[0]
    logprobs = reply.logprobs
    expect("".join(logprobs.tokens), reply.text)
    for token, chance, top, offset in zip(logprobs.tokens, logprobs.token_logprobs, logprobs.top_logprobs, logprobs.text_offset):
        expect(max(top.values()), chance, "greedy takes the best")
        expect(reply.text[offset:offset + len(token)], token)
    streamed = [token for chunk in client.completions.create(**ask, logprobs=3, stream=True) if chunk.choices[0].logprobs
                for token in zip(chunk.choices[0].logprobs.tokens, chunk.choices[0].logprobs.text_offset)]
    expect(streamed, list(zip(logprobs.tokens, logprobs.text_offset)))
    chat = client.chat.completions.create(model=NAME, messages=MESSAGES, max_tokens=10, logprobs=True, top_logprobs=2)
    content = chat.choices[0].logprobs.content
    expect(b"".join(bytes(token.bytes) for token in content).decode(errors="replace"), chat.choices[0].message.content)
    assert all(len(token.top_logprobs) == 2 and token.logprob <= 0 for token in content)
    scored = client.completions.create(model=NAME, prompt=PROMPT, max_tokens=0, echo=True, logprobs=1).choices[0]
    expect((scored.text, scored.logprobs.token_logprobs[0]), (PROMPT, None))
    expect(len(scored.logprobs.tokens), len(scored.logprobs.token_logprobs))


def test_stop_texts(server):
    """A stop text split over tokens and one inside a token; nothing of it is ever streamed."""
    client = client_of(server)
    ask = {**ASK, "max_tokens": 30, "extra_body": ENDLESS}
    whole = client.completions.create(**ask, logprobs=0).choices[0]
    tokens = whole.logprobs.tokens
    long = next(i for i, token in enumerate(tokens) if i > 2 and len(token) > 2 and token.isascii())
    for stop in (tokens[long - 1][-1:] + tokens[long][:2], tokens[long][1:3]):
        wanted = whole.text[:whole.text.index(stop)]
        reply = client.completions.create(**ask, stop=[stop, "never said"]).choices[0]
        expect((reply.text, reply.finish_reason, reply.stop_reason), (wanted, "stop", stop))
        streamed = ""
        for chunk in client.completions.create(**ask, stop=stop, stream=True):
            streamed += chunk.choices[0].text
            assert wanted.startswith(streamed), f"{streamed!r} has more than {wanted!r}"
        expect(streamed, wanted)
        kept = client.completions.create(**{**ask, "extra_body": {**ENDLESS, "include_stop_str_in_output": True}}, stop=stop)
        expect(kept.choices[0].text, wanted + stop)


def test_bad_requests(server):
    client = client_of(server)
    for field, value in (("temperature", -1), ("top_p", 2), ("n", 0), ("max_tokens", -5), ("logprobs", 99),
                         ("presence_penalty", 9), ("logit_bias", {"x": 1}), ("stop", 5), ("seed", "x"), ("best_of", 7)):
        expect_raised(openai.BadRequestError, lambda: client.completions.create(**{**ASK, field: value}), param=field,
                      type="invalid_request_error", status_code=400)
    expect_raised(openai.BadRequestError, lambda: client.completions.create(**{**ASK, "prompt": "x " * 5000}),
                  code="context_length_exceeded", param="prompt")
    expect_raised(openai.NotFoundError, lambda: client.completions.create(**{**ASK, "model": "gpt-4"}), code="model_not_found")
    expect_raised(openai.BadRequestError, lambda: client.chat.completions.create(model=NAME, messages=[]), param="messages")
    error = expect_raised(openai.NotFoundError, lambda: client.embeddings.create(model=NAME, input="x"), code="unknown_url")
    assert error.request_id, "no x-request-id"


def test_seeds_do_not_depend_on_the_batch(server):
    client = client_of(server)
    asks = [{**ASK, "seed": seed, "temperature": 0 if seed % 4 == 0 else 1, "frequency_penalty": 0.3 * (seed % 3)}
            for seed in range(64)]
    ask = lambda fields: client.completions.create(**fields, logprobs=1).choices[0]
    alone = [ask(fields) for fields in asks[:12]]
    with concurrent.futures.ThreadPoolExecutor(64) as pool:
        together = list(pool.map(ask, asks))
    for one, other in zip(alone, together):
        expect(other, one)


def test_going_away_cancels(server):
    client = client_of(server)
    name = 'vllm:request_success_total{finished_reason="abort"}'
    ask = {**ASK, "max_tokens": 900, "n": 100, "extra_body": ENDLESS}
    before = server.metrics().get(name, 0)
    stream = client.completions.create(**ask, stream=True)
    for _ in zip(range(3), stream):
        pass
    stream.close()
    server.wait_for_metric(name, before + 1)
    before = server.metrics()[name]
    expect_raised(openai.APITimeoutError, lambda: client_of(server, timeout=0.3).completions.create(**ask))
    server.wait_for_metric(name, before + 1)


def test_full_queue_and_retries(_):
    with Server("--max-queue", "4") as server:
        counter = 'caco_lm:http_requests_total{route="/v1/completions",status="429"}'
        began = time.monotonic()
        expect_raised(openai.RateLimitError, lambda: client_of(server, max_retries=1).completions.create(**ASK, n=5),
                      code="rate_limit_exceeded")
        assert time.monotonic() - began > 0.9, "the client did not wait as long as it was asked to"
        expect(server.metrics()[counter], 2)
        # A queue that is full for a while: the client comes back until there is room.
        with concurrent.futures.ThreadPoolExecutor(1) as pool:
            long = pool.submit(client_of(server).completions.create, **{**ASK, "max_tokens": 900}, n=4, extra_body=ENDLESS)
            server.wait_for_metric("vllm:num_requests_running", 1)
            reply = client_of(server, max_retries=60).completions.create(**ASK)
            assert reply.choices[0].text
            expect(len(long.result().choices), 4)
        assert server.metrics()[counter] >= 3


def test_api_key(_):
    with Server(key="sesame") as server:
        expect([model.id for model in client_of(server).models.list()], [NAME])
        expect_raised(openai.AuthenticationError, client_of(server, api_key="wrong").models.list, code="invalid_api_key")


if __name__ == "__main__":
    print("openai", openai.__version__)
    with Server() as running:
        lm_server.run_tests(sys.modules["__main__"], running)
