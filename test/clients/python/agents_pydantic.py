"""pydantic-ai with each of its providers."""

from features import CALL, HELLO, KEY, MODEL, PNG_BYTES, SEEN, URL, expect, report, weather
from pydantic import BaseModel
from pydantic_ai import Agent, BinaryContent, ThinkingPart
from pydantic_ai.models.anthropic import AnthropicModel, AnthropicModelSettings
from pydantic_ai.models.google import GoogleModel, GoogleModelSettings
from pydantic_ai.models.openai import (
    OpenAIChatModel,
    OpenAIChatModelSettings,
    OpenAIResponsesModel,
    OpenAIResponsesModelSettings,
)
from pydantic_ai.providers.anthropic import AnthropicProvider
from pydantic_ai.providers.google import GoogleProvider
from pydantic_ai.providers.openai import OpenAIProvider

openai = OpenAIProvider(base_url=f"{URL}/v1", api_key=KEY)


class Place(BaseModel):
    name: str
    people: int


def features(model, thinking_settings):
    def text():
        expect(Agent(model).run_sync("Hi").output, HELLO)

    def stream():
        result = Agent(model).run_stream_sync("Hi")
        expect("".join(result.stream_text(delta=True)), HELLO)

    def tools():
        agent = Agent(model, tools=[weather])
        first = agent.run_sync(CALL)
        # Its provider for Google wraps results in an object, which goes on as it is.
        expect(first.output, "sunny in Bonn")
        # The loop with thinking, and with what was said before.
        again = agent.run_sync(CALL, message_history=first.all_messages(), model_settings=thinking_settings)
        expect(again.output, "sunny in Bonn")

    def structured():
        expect(isinstance(Agent(model, output_type=Place).run_sync("Hi").output, Place), True)

    def image():
        expect(Agent(model).run_sync(["Look", BinaryContent(PNG_BYTES, media_type="image/png")]).output, SEEN)

    def thinking():
        result = Agent(model).run_sync("Hi", model_settings=thinking_settings)
        expect(result.output, HELLO)
        parts = [part for message in result.all_messages() for part in message.parts]
        thought = [part.content for part in parts if isinstance(part, ThinkingPart)]
        expect("".join(thought), "The user said")

    return {
        "text": text,
        "stream": stream,
        "tools": tools,
        "structured": structured,
        "image": image,
        "thinking": thinking,
    }


report(
    "pydantic-ai, chat",
    features(OpenAIChatModel(MODEL, provider=openai), OpenAIChatModelSettings(openai_reasoning_effort="high")),
)
report(
    "pydantic-ai, responses",
    features(
        OpenAIResponsesModel(MODEL, provider=openai),
        OpenAIResponsesModelSettings(openai_reasoning_effort="high", openai_reasoning_summary="auto"),
    ),
)
report(
    "pydantic-ai, anthropic",
    features(
        AnthropicModel(MODEL, provider=AnthropicProvider(base_url=URL, api_key=KEY)),
        AnthropicModelSettings(max_tokens=4000, anthropic_thinking={"type": "enabled", "budget_tokens": 1024}),
    ),
)
report(
    "pydantic-ai, google",
    features(
        GoogleModel(MODEL, provider=GoogleProvider(base_url=URL, api_key=KEY)),
        GoogleModelSettings(google_thinking_config={"include_thoughts": True, "thinking_budget": 2048}),
    ),
)
