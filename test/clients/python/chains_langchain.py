"""langchain-openai, langchain-anthropic and langchain-google-genai."""

from features import ANSWERED, CALL, HELLO, KEY, MODEL, PNG, SEEN, URL, expect, report, weather
from langchain_anthropic import ChatAnthropic
from langchain_core.messages import HumanMessage, ToolMessage
from langchain_core.tools import tool
from langchain_google_genai import ChatGoogleGenerativeAI
from langchain_openai import ChatOpenAI
from pydantic import BaseModel


class Place(BaseModel):
    """A place."""

    name: str
    people: int


def features(make, thinks=None):
    def text():
        answer = make().invoke("Hi")
        expect(answer.text, HELLO)
        expect(answer.usage_metadata["output_tokens"] > 0, True)

    def stream():
        expect("".join(chunk.text for chunk in make().stream("Hi")), HELLO)

    def tools():
        for more in [{}] if thinks is None else [{}, thinks]:
            model = make(**more).bind_tools([tool(weather)])
            for streamed in (False, True):
                messages = [HumanMessage(CALL)]
                if streamed:
                    said = None
                    for chunk in model.stream(messages):
                        said = chunk if said is None else said + chunk
                else:
                    said = model.invoke(messages)
                [call] = said.tool_calls
                result = ToolMessage(weather(**call["args"]), tool_call_id=call["id"], name=call["name"])
                expect(model.invoke([*messages, said, result]).text, ANSWERED)

    def structured():
        expect(isinstance(make().with_structured_output(Place).invoke("Hi"), Place), True)

    def image():
        parts = [{"type": "text", "text": "Look"}, {"type": "image", "base64": PNG, "mime_type": "image/png"}]
        expect(make().invoke([HumanMessage(parts)]).text, SEEN)

    def thinking():
        answer = make(**thinks).invoke("Hi")
        expect(answer.text, HELLO)
        thought = [block for block in answer.content_blocks if block["type"] == "reasoning"]
        expect("".join(block.get("reasoning", "") for block in thought), "The user said")

    asked = {"text": text, "stream": stream, "tools": tools, "structured": structured, "image": image}
    return asked if thinks is None else {**asked, "thinking": thinking}


def chat(**more):
    return ChatOpenAI(model=MODEL, base_url=f"{URL}/v1", api_key=KEY, max_retries=0, stream_usage=True, **more)


def responses(**more):
    return chat(use_responses_api=True, output_version="responses/v1", **more)


def claude(**more):
    return ChatAnthropic(model=MODEL, base_url=URL, api_key=KEY, max_retries=0, max_tokens=4000, **more)


def google(**more):
    return ChatGoogleGenerativeAI(model=MODEL, base_url=URL, google_api_key=KEY, max_retries=1, **more)


# Its Chat client shows no thinking.
report("langchain-openai, chat", features(chat))
report("langchain-openai, responses", features(responses, {"reasoning": {"effort": "high", "summary": "auto"}}))
report("langchain-anthropic", features(claude, {"thinking": {"type": "enabled", "budget_tokens": 1024}}))
report("langchain-google-genai", features(google, {"include_thoughts": True, "thinking_budget": 2048}))
