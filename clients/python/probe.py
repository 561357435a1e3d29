"""Reads the task from standard input and prints one line of JSON for each probe: what the client returned, or what it raised."""

import json
import sys

import anthropic

# Bytes: the encoding of standard input depends on the locale.
task = json.load(sys.stdin.buffer)
model, tool, prompts = task["model"], task["tool"], task["prompts"]


def user(content):
    return [{"role": "user", "content": content}]


def shown(message):
    usage = message.usage
    tokens = [usage.input_tokens, usage.cache_creation_input_tokens or 0, usage.cache_read_input_tokens or 0]
    return {
        "text": "".join(block.text for block in message.content if block.type == "text"),
        "tools": [{"name": block.name, "input": block.input} for block in message.content if block.type == "tool_use"],
        "stop": message.stop_reason,
        "inputTokens": None if usage.input_tokens is None else sum(tokens),
        "outputTokens": usage.output_tokens,
    }


def streamed(client, **request):
    with client.messages.stream(model=model, **request) as stream:
        return stream.get_final_message()


def forced():
    return {"max_tokens": 512, "tools": [tool], "tool_choice": {"type": "tool", "name": tool["name"]}}


def tool_loop(client):
    asked = user(prompts["tool"])
    first = client.messages.create(model=model, messages=asked, **forced())
    results = [
        {"type": "tool_result", "tool_use_id": block.id, "content": prompts["result"]}
        for block in first.content
        if block.type == "tool_use"
    ]
    messages = [*asked, {"role": "assistant", "content": first.content}, {"role": "user", "content": results}]
    return client.messages.create(model=model, max_tokens=512, messages=messages, tools=[tool])


PROBES = {
    "create": lambda client: client.messages.create(model=model, max_tokens=64, messages=user(prompts["plain"])),
    "stream": lambda client: streamed(client, max_tokens=64, messages=user(prompts["plain"])),
    "stream-tool": lambda client: streamed(client, messages=user(prompts["tool"]), **forced()),
    "text-and-tools": lambda client: streamed(
        client, max_tokens=512, messages=user(prompts["textAndTools"]), tools=[tool]
    ),
    "tool-loop": tool_loop,
    "rejected": lambda client: client.messages.create(
        model=prompts["noModel"], max_tokens=64, messages=user(prompts["plain"])
    ),
}

for probe in task["probes"]:
    client = anthropic.Anthropic(
        base_url=probe["url"], api_key=task["apiKey"], default_headers=task["headers"], max_retries=0, timeout=30
    )
    try:
        line = {"probe": probe["name"], "message": shown(PROBES[probe["name"]](client))}
    except Exception as error:  # Whatever the client raises is the result.
        status = getattr(error, "status_code", None)
        line = {"probe": probe["name"], "error": {"class": type(error).__name__, "message": str(error), "status": status}}
    print(json.dumps(line), flush=True)
