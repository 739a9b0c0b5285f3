"""instructor: answers as objects, in each of the ways that its clients know."""

import instructor
from anthropic import Anthropic
from features import KEY, MODEL, URL, expect, report
from google import genai
from google.genai import types
from openai import OpenAI
from pydantic import BaseModel


class Place(BaseModel):
    """A place."""

    name: str
    people: int


openai = OpenAI(base_url=f"{URL}/v1", api_key=KEY, max_retries=0)
claude = Anthropic(base_url=URL, api_key=KEY, max_retries=0)
google = genai.Client(api_key=KEY, http_options=types.HttpOptions(base_url=URL))


def features(client, **more):
    def structured():
        messages = [{"role": "user", "content": "Hi"}]
        place = client.create(model=MODEL, messages=messages, response_model=Place, max_retries=0, **more)
        expect(isinstance(place, Place), True)

    return {"structured": structured}


report("instructor, chat", features(instructor.from_openai(openai, mode=instructor.Mode.TOOLS)))
report("instructor, responses", features(instructor.from_openai(openai, mode=instructor.Mode.RESPONSES_TOOLS)))
report("instructor, anthropic", features(instructor.from_anthropic(claude), max_tokens=4000))
report("instructor, google", features(instructor.from_genai(google, mode=instructor.Mode.GENAI_STRUCTURED_OUTPUTS)))
