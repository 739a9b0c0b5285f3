"""anthropic, with strict validation of every answer, and its own loop of tools."""

from anthropic import Anthropic, beta_tool
from features import ANSWERED, CALL, HELLO, KEY, MODEL, PNG, SEEN, URL, expect, report, weather
from pydantic import BaseModel

client = Anthropic(base_url=URL, api_key=KEY, max_retries=0, _strict_response_validation=True)
THINKING = {"type": "enabled", "budget_tokens": 1024}


class Place(BaseModel):
    name: str
    people: int


def asked(text="Hi", **more):
    return {"model": MODEL, "max_tokens": 4000, "messages": [{"role": "user", "content": text}], **more}


def text_of(message):
    return "".join(block.text for block in message.content if block.type == "text")


def text():
    answer = client.messages.create(**asked())
    expect(text_of(answer), HELLO)
    expect(answer.usage.output_tokens > 0, True)


def stream():
    with client.messages.stream(**asked()) as events:
        pieces = "".join(events.text_stream)
        whole = events.get_final_message()
    expect(pieces, HELLO)
    expect(text_of(whole), pieces)
    expect(whole.stop_reason, "end_turn")


def tools():
    for streamed in (False, True):
        for thinking in ({"type": "disabled"}, THINKING):
            runner = client.beta.messages.tool_runner(
                tools=[beta_tool(weather)], stream=streamed, **asked(CALL, thinking=thinking)
            )
            expect(text_of(runner.until_done()), ANSWERED)


def structured():
    answer = client.messages.parse(**asked(), output_format=Place)
    expect(isinstance(answer.parsed_output, Place), True)


def image():
    source = {"type": "base64", "media_type": "image/png", "data": PNG}
    answer = client.messages.create(**asked([{"type": "text", "text": "Look"}, {"type": "image", "source": source}]))
    expect(text_of(answer), SEEN)


def thinking():
    answer = client.messages.create(**asked(thinking=THINKING))
    expect(answer.content[0].type, "thinking")
    expect(answer.content[0].thinking, "The user said")
    expect(bool(answer.content[0].signature), True)
    plain = client.messages.create(**asked())
    expect([block.type for block in plain.content], ["text"])


report(
    "anthropic",
    {
        "text": text,
        "stream": stream,
        "tools": tools,
        "structured": structured,
        "image": image,
        "thinking": thinking,
    },
)
