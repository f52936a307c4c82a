"""What do the topics look like to a machine?  One AsyncAPI 3.0 document, made from the types and the topics' settings."""

from collections.abc import Iterable, Mapping
from typing import Any

import msgspec

from stream.admin.record_types import RECORDS, Schema, components, name_of
from topics.catalogue import DEAD_LETTERS, INPUTS, TOPICS
from topics.settings import TopicSettings

VERSION = "1.0.0"
"""Of the contract: the second number rises with an optional field, the first never should."""

KAFKA_BINDING = "0.5.0"
IN_THE_BINDING = ("cleanup.policy", "retention.ms", "delete.retention.ms", "max.message.bytes")
"""What the binding knows; all settings, with why, stand in ``x-settings``."""

DEAD_LETTER = "dead_letter"
KEYS: Mapping[str, str] = {
    **dict.fromkeys(INPUTS, "The shop_id."),
    "alerts": "The alert_id; the record lies in the partition of its shop.",
    "rates": "The shop_id.",
    "policies": "The digest.",
    **dict.fromkeys(DEAD_LETTERS.values(), "topic/partition/offset of the original."),
}

DEAD_LETTER_HEADERS: Mapping[str, str] = {
    "reason": "Why, in one word.",
    "detail": "Why, in a sentence.",
    "topic": "Where it came from.",
    "partition": "Where it came from.",
    "offset": "Where it came from.",
    "timestamp": "The original's, in milliseconds since 1970.",
    "length": "Of a value of more than 1,000,000 bytes, how long it was; the first 1,000,000 are kept.",
    "original.key": "Its key, up to 2,048 bytes.",
    "original.key.length": "Of a longer key, how long it was.",
}


def document() -> Schema:
    """The whole document."""
    topics = [topic for topic in TOPICS if topic.name in KEYS]
    return {
        "asyncapi": "3.0.0",
        "info": {
            "title": "shopwatch",
            "version": VERSION,
            "description": "Events of a marketplace in; alerts, rates and dead letters out. Times are RFC 3339 with an "
            "offset. Unknown fields are ignored; new fields are always optional.",
        },
        "defaultContentType": "application/json",
        "channels": {topic.name: _channel(topic) for topic in topics},
        "operations": {_operation(topic): _operation_of(topic) for topic in topics},
        "components": {"messages": _messages(), "schemas": components("#/components/schemas/{name}")},
    }


def _channel(topic: TopicSettings) -> Schema:
    return {
        "address": topic.name,
        "description": topic.carries,
        "messages": {name: {"$ref": f"#/components/messages/{name}"} for name in _names(topic.name)},
        "bindings": {
            "kafka": {
                "topic": topic.name,
                "topicConfiguration": dict(_binding(topic.config)),
                "bindingVersion": KAFKA_BINDING,
            }
        },
        "x-key": KEYS[topic.name],
        "x-settings": {
            name: {"value": setting.value, "why": setting.why} for name, setting in topic.settings.items()
        },
    }


def _names(topic: str) -> Iterable[str]:
    """What its records are called."""
    return map(name_of, RECORDS[topic]) if topic in RECORDS else [DEAD_LETTER]


def _binding(config: Mapping[str, str]) -> Iterable[tuple[str, Any]]:
    for name in IN_THE_BINDING:
        if name in config:
            value = config[name]
            yield name, value.split(",") if name == "cleanup.policy" else int(value)


def _operation(topic: TopicSettings) -> str:
    return f"{'receive' if topic.name in INPUTS else 'send'}_{topic.name}"


def _operation_of(topic: TopicSettings) -> Schema:
    """Seen from shopwatch: it receives what producers send."""
    return {
        "action": "receive" if topic.name in INPUTS else "send",
        "channel": {"$ref": f"#/channels/{topic.name}"},
        "messages": [{"$ref": f"#/channels/{topic.name}/messages/{name}"} for name in _names(topic.name)],
    }


def _messages() -> Mapping[str, Schema]:
    messages = {
        name_of(kind): _message(kind, KEYS[topic]) for topic, kinds in RECORDS.items() for kind in kinds
    }
    return {**messages, DEAD_LETTER: _dead_letter()}


def _message(kind: type[msgspec.Struct], key: str) -> Schema:
    return {
        "name": name_of(kind),
        "payload": {"$ref": f"#/components/schemas/{kind.__name__}"},
        "bindings": _key(key),
    }


def _dead_letter() -> Schema:
    properties = {name: {"type": "string", "description": text} for name, text in DEAD_LETTER_HEADERS.items()}
    return {
        "name": DEAD_LETTER,
        "contentType": "application/octet-stream",
        "headers": {"type": "object", "properties": properties, "required": list(DEAD_LETTER_HEADERS)[:6]},
        "payload": {"description": "The bytes as they came, whatever they are."},
        "bindings": _key(KEYS[next(iter(DEAD_LETTERS.values()))]),
    }


def _key(text: str) -> Schema:
    return {
        "kafka": {"key": {"type": "string", "description": text}, "bindingVersion": KAFKA_BINDING},
    }
