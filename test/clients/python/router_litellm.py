"""litellm as a client of each protocol."""

import json
import os

# Its own list of prices will do: it would ask the network for a newer one.
os.environ["LITELLM_LOCAL_MODEL_COST_MAP"] = "True"

import litellm  # noqa: E402
from features import CALL, CITY, HELLO, KEY, MODEL, PNG, SEEN, URL, expect, report, weather
from pydantic import BaseModel

litellm.telemetry = False
litellm.suppress_debug_info = True


class Place(BaseModel):
    name: str
    people: int


def features(provider, base, schemas=True):
    def ask(content="Hi", **more):
        messages = more.pop("messages", [{"role": "user", "content": content}])
        return litellm.completion(
            model=f"{provider}/{MODEL}", api_base=base, api_key=KEY, messages=messages, num_retries=0, **more
        )

    def text():
        answer = ask()
        expect(answer.choices[0].message.content, HELLO)
        expect(answer.usage.completion_tokens > 0, True)

    def stream():
        expect("".join(chunk.choices[0].delta.content or "" for chunk in ask(stream=True)), HELLO)

    def tools():
        declared = [{"type": "function", "function": {"name": "weather", "description": "", "parameters": CITY}}]
        for streamed in (False, True):
            messages = [{"role": "user", "content": CALL}]
            answer = ask(messages=messages, tools=declared, stream=streamed)
            if streamed:
                answer = litellm.stream_chunk_builder(list(answer), messages=messages)
            said = answer.choices[0].message
            [call] = said.tool_calls
            given = weather(**json.loads(call.function.arguments))
            messages += [said.model_dump(), {"role": "tool", "tool_call_id": call.id, "content": given}]
            # For Gemini it wraps results in an object, which goes on as it is.
            expect(ask(messages=messages, tools=declared).choices[0].message.content, "sunny in Bonn")

    def structured():
        Place.model_validate_json(ask(response_format=Place).choices[0].message.content)

    def image():
        url = {"url": f"data:image/png;base64,{PNG}"}
        parts = [{"type": "text", "text": "Look"}, {"type": "image_url", "image_url": url}]
        expect(ask(parts).choices[0].message.content, SEEN)

    asked = {"text": text, "stream": stream, "tools": tools, "image": image}
    return {**asked, "structured": structured} if schemas else asked


report("litellm, chat", features("openai", f"{URL}/v1"))
report("litellm, anthropic", features("anthropic", URL))
# For Gemini models that it does not know it writes the schema into the prompt, where the sandbox does not read it.
report("litellm, gemini", features("gemini", f"{URL}/v1beta", schemas=False))
