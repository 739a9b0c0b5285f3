"""openai-agents over Chat and Responses."""

import asyncio

from agents import (
    Agent,
    ModelSettings,
    OpenAIChatCompletionsModel,
    OpenAIResponsesModel,
    Runner,
    function_tool,
    set_tracing_disabled,
)
from features import ANSWERED, CALL, HELLO, KEY, MODEL, PNG, SEEN, URL, expect, report, weather
from openai import AsyncOpenAI
from openai.types.shared import Reasoning
from pydantic import BaseModel

set_tracing_disabled(True)


class Place(BaseModel):
    name: str
    people: int


client = AsyncOpenAI(base_url=f"{URL}/v1", api_key=KEY, max_retries=0)
# One loop for all runs: the client's connections belong to it.
loop = asyncio.new_event_loop()


def features(model):
    def agent(**more):
        return Agent(name="agent", model=model(MODEL, client), **more)

    def run(given, **more):
        return loop.run_until_complete(Runner.run(agent(**more), given)).final_output

    def text():
        expect(run("Hi"), HELLO)

    def stream():
        async def streamed():
            result = Runner.run_streamed(agent(), "Hi")
            async for _ in result.stream_events():
                pass
            return result.final_output

        expect(loop.run_until_complete(streamed()), HELLO)

    def tools():
        expect(run(CALL, tools=[function_tool(weather)]), ANSWERED)
        reasoning = ModelSettings(reasoning=Reasoning(effort="high", summary="auto"))
        expect(run(CALL, tools=[function_tool(weather)], model_settings=reasoning), ANSWERED)

    def structured():
        expect(isinstance(run("Hi", output_type=Place), Place), True)

    def image():
        parts = [
            {"type": "input_text", "text": "Look"},
            {"type": "input_image", "image_url": f"data:image/png;base64,{PNG}", "detail": "auto"},
        ]
        expect(run([{"role": "user", "content": parts}]), SEEN)

    return {"text": text, "stream": stream, "tools": tools, "structured": structured, "image": image}


report("openai-agents, chat", features(OpenAIChatCompletionsModel))
report("openai-agents, responses", features(OpenAIResponsesModel))
