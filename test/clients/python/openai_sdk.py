"""openai, Chat and Responses, with strict validation of every answer."""

import json

from features import ANSWERED, CALL, CITY, HELLO, KEY, MODEL, PNG, SEEN, URL, expect, report, weather
from openai import OpenAI
from pydantic import BaseModel

client = OpenAI(base_url=f"{URL}/v1", api_key=KEY, max_retries=0, _strict_response_validation=True)
DATA_URL = f"data:image/png;base64,{PNG}"


class Place(BaseModel):
    name: str
    people: int


# ---------------------------------------------------------------- Chat


def hi(text="Hi"):
    return [{"role": "user", "content": text}]


def chat_text():
    answer = client.chat.completions.create(model=MODEL, messages=hi())
    expect(answer.choices[0].message.content, HELLO)
    expect(answer.usage.completion_tokens > 0, True)


def chat_stream():
    with client.chat.completions.stream(
        model=MODEL, messages=hi(), stream_options={"include_usage": True}
    ) as stream:
        pieces = "".join(event.delta for event in stream if event.type == "content.delta")
        whole = stream.get_final_completion()
    expect(pieces, HELLO)
    expect(whole.choices[0].message.content, pieces)
    expect(whole.usage.total_tokens > 0, True)


def chat_tools():
    tools = [{"type": "function", "function": {"name": "weather", "parameters": CITY}}]
    messages = hi(CALL)
    for streamed in (False, True):
        asked = dict(model=MODEL, messages=messages, tools=tools)
        if streamed:
            with client.chat.completions.stream(**asked) as stream:
                said = stream.get_final_completion().choices[0].message
        else:
            said = client.chat.completions.create(**asked).choices[0].message
        [call] = said.tool_calls
        given = weather(**json.loads(call.function.arguments))
        messages = [*messages, said, {"role": "tool", "tool_call_id": call.id, "content": given}]
        answer = client.chat.completions.create(model=MODEL, messages=messages, tools=tools)
        expect(answer.choices[0].message.content, ANSWERED)
        messages = [*messages, answer.choices[0].message, *hi(CALL)]


def chat_structured():
    answer = client.chat.completions.parse(model=MODEL, messages=hi(), response_format=Place)
    expect(isinstance(answer.choices[0].message.parsed, Place), True)


def chat_image():
    parts = [{"type": "text", "text": "Look"}, {"type": "image_url", "image_url": {"url": DATA_URL}}]
    answer = client.chat.completions.create(model=MODEL, messages=[{"role": "user", "content": parts}])
    expect(answer.choices[0].message.content, SEEN)


def chat_thinking():
    answer = client.chat.completions.create(model=MODEL, messages=hi(), reasoning_effort="high")
    expect(answer.choices[0].message.content, HELLO)
    expect(answer.choices[0].message.reasoning_content, "The user said")


# ---------------------------------------------------------------- Responses


def responses_text():
    answer = client.responses.create(model=MODEL, input="Hi", store=False)
    expect(answer.output_text, HELLO)
    expect(answer.usage.output_tokens > 0, True)


def responses_stream():
    with client.responses.stream(model=MODEL, input="Hi", store=False) as stream:
        pieces = "".join(event.delta for event in stream if event.type == "response.output_text.delta")
        whole = stream.get_final_response()
    expect(pieces, HELLO)
    expect(whole.output_text, pieces)


def responses_tools():
    tools = [{"type": "function", "name": "weather", "parameters": CITY, "strict": False}]
    history = hi(CALL)
    for streamed in (False, True):
        asked = dict(model=MODEL, input=history, tools=tools, store=False)
        if streamed:
            with client.responses.stream(**asked) as stream:
                said = stream.get_final_response()
        else:
            said = client.responses.create(**asked)
        [call] = [item for item in said.output if item.type == "function_call"]
        given = weather(**json.loads(call.arguments))
        result = {"type": "function_call_output", "call_id": call.call_id, "output": given}
        items = [item.to_dict() for item in said.output]
        for item in items:
            item.pop("parsed_arguments", None)
        history = [*history, *items, result]
        answer = client.responses.create(model=MODEL, input=history, tools=tools, store=False)
        expect(answer.output_text, ANSWERED)
        history = [*history, *[item.to_dict() for item in answer.output], *hi(CALL)]


def responses_structured():
    answer = client.responses.parse(model=MODEL, input="Hi", text_format=Place, store=False)
    expect(isinstance(answer.output_parsed, Place), True)


def responses_image():
    parts = [{"type": "input_text", "text": "Look"}, {"type": "input_image", "image_url": DATA_URL}]
    answer = client.responses.create(model=MODEL, input=[{"role": "user", "content": parts}], store=False)
    expect(answer.output_text, SEEN)


def responses_thinking():
    answer = client.responses.create(
        model=MODEL,
        input="Hi",
        reasoning={"effort": "high", "summary": "auto"},
        include=["reasoning.encrypted_content"],
        store=False,
    )
    # Gemini signs text after it, and so a second item may hold the signature.
    thoughts = [item for item in answer.output if item.type == "reasoning"]
    expect(thoughts[0].summary[0].text, "The user said")
    expect(any(thought.encrypted_content for thought in thoughts), True)


report(
    "openai, chat",
    {
        "text": chat_text,
        "stream": chat_stream,
        "tools": chat_tools,
        "structured": chat_structured,
        "image": chat_image,
        "thinking": chat_thinking,
    },
)
report(
    "openai, responses",
    {
        "text": responses_text,
        "stream": responses_stream,
        "tools": responses_tools,
        "structured": responses_structured,
        "image": responses_image,
        "thinking": responses_thinking,
    },
)
