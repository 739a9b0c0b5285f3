"""google-genai: chats that remember, and functions that it calls by itself."""

from features import ANSWERED, CALL, HELLO, KEY, MODEL, PNG_BYTES, SEEN, URL, expect, report, weather
from google import genai
from google.genai import types
from pydantic import BaseModel

client = genai.Client(api_key=KEY, http_options=types.HttpOptions(base_url=URL))


class Place(BaseModel):
    name: str
    people: int


def text():
    answer = client.models.generate_content(model=MODEL, contents="Hi")
    expect(answer.text, HELLO)
    expect(answer.usage_metadata.candidates_token_count > 0, True)


def stream():
    chat = client.chats.create(model=MODEL)
    expect("".join(chunk.text or "" for chunk in chat.send_message_stream("Hi")), HELLO)
    # A turn that the SDK holds for invalid is gone from what it says next.
    expect("".join(chunk.text or "" for chunk in chat.send_message_stream("say turns")), ", user")
    expect(len(chat.get_history(curated=True)) >= 4, True)


def tools():
    config = types.GenerateContentConfig(tools=[weather])
    chat = client.chats.create(model=MODEL, config=config)
    answer = chat.send_message(CALL)
    expect(answer.text, ANSWERED)
    expect("".join(chunk.text or "" for chunk in chat.send_message_stream(CALL)), ANSWERED)
    expect(chat.send_message("Thanks").text, HELLO)


def structured():
    config = types.GenerateContentConfig(response_mime_type="application/json", response_schema=Place)
    answer = client.models.generate_content(model=MODEL, contents="Hi", config=config)
    expect(isinstance(answer.parsed, Place), True)


def image():
    parts = ["Look", types.Part.from_bytes(data=PNG_BYTES, mime_type="image/png")]
    expect(client.models.generate_content(model=MODEL, contents=parts).text, SEEN)


def thinking():
    config = types.GenerateContentConfig(
        thinking_config=types.ThinkingConfig(include_thoughts=True, thinking_budget=2048)
    )
    answer = client.models.generate_content(model=MODEL, contents="Hi", config=config)
    parts = answer.candidates[0].content.parts
    expect(parts[0].thought, True)
    expect(parts[0].text, "The user said")
    expect(answer.text, HELLO)


report(
    "google-genai",
    {
        "text": text,
        "stream": stream,
        "tools": tools,
        "structured": structured,
        "image": image,
        "thinking": thinking,
    },
)
