"""The official Python client against a running Ghee: called with its base URL, prints one JSON line."""

import json
import sys

from openai import OpenAI

client = OpenAI(base_url=sys.argv[1], api_key="sk-python")
TOOLS = [
    {
        "type": "function",
        "function": {
            "name": "get_weather",
            "parameters": {"type": "object", "properties": {"city": {"type": "string"}}},
        },
    }
]


def ask(content, headers=None):
    raw = client.chat.completions.with_raw_response.create(
        model="demo", messages=[{"role": "user", "content": content}], extra_headers=headers
    )
    return [raw.headers["butter-cache"], raw.parse().choices[0].message.content]


def stream(content):
    text = ""
    for chunk in client.chat.completions.create(
        model="demo", messages=[{"role": "user", "content": content}], stream=True
    ):
        text += chunk.choices[0].delta.content or ""
    return text


def converse(city, temperature, condition):
    messages = [{"role": "user", "content": f"What is the weather in {city}?"}]
    caches = []
    for _ in range(2):
        raw = client.chat.completions.with_raw_response.create(model="demo", messages=messages, tools=TOOLS)
        caches.append(raw.headers["butter-cache"])
        message = raw.parse().choices[0].message
        if not message.tool_calls:
            return [caches, message.content]
        messages.append(message)
        messages.append(
            {
                "role": "tool",
                "tool_call_id": message.tool_calls[0].id,
                "content": json.dumps({"temperature": temperature, "condition": condition}),
            }
        )


for line in sys.stdin:
    name, *arguments = json.loads(line)
    print(json.dumps({"ask": ask, "stream": stream, "converse": converse}[name](*arguments)), flush=True)
