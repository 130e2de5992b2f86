#!/usr/bin/python3
"""Sends a log's events as another make's producer would that uses a Schema Registry: Confluent's client for Python with its own serializers.

    registry_producer.py ADDRESS TOPIC json|protobuf PROTO_ROOT < LOG

Each line of the log (JSON, one event) becomes a record keyed by its customer, placed as Java's client does. No registry is contacted: the
serializers are given one that numbers schemas by itself, from 41 on. Prints the id of the value's schema.
"""

import importlib
import json
import pathlib
import subprocess
import sys
import tempfile

from confluent_kafka import Producer
from confluent_kafka.schema_registry import RegisteredSchema
from confluent_kafka.schema_registry.json_schema import JSONSerializer
from confluent_kafka.schema_registry.protobuf import ProtobufSerializer
from confluent_kafka.serialization import MessageField, SerializationContext
from google.protobuf import json_format
from google.protobuf.descriptor import FieldDescriptor

ENVELOPE = ("id", "source", "type", "time", "customer_id", "backfill")


class Registry:
    """What the serializers ask of a registry's client."""

    def __init__(self):
        self.ids = {}

    def register_schema(self, subject, schema):
        return self.ids.setdefault((subject, schema.schema_str), 41 + len(self.ids))

    def lookup_schema(self, subject, schema):
        number = self.register_schema(subject, schema)
        return RegisteredSchema(number, schema, subject, 1)


def vocabulary(proto_root):
    """The generated modules of proto/, made into a folder of their own."""
    folder = tempfile.mkdtemp()
    files = [str(path.relative_to(proto_root)) for path in pathlib.Path(proto_root).rglob("*.proto")]
    subprocess.run(["protoc", f"-I{proto_root}", f"--python_out={folder}", *files], check=True)
    sys.path.insert(0, folder)
    return importlib.import_module("antiphon.v1.events_pb2"), importlib.import_module("antiphon.v1.options_pb2")


class AsProtobuf:
    def __init__(self, registry, proto_root):
        self.parse = json_format.ParseDict
        self.events, options = vocabulary(proto_root)
        messages = self.events.DESCRIPTOR.message_types_by_name.values()
        self.messages = {
            message.GetOptions().Extensions[options.event_type]: getattr(self.events, message.name)
            for message in messages if message.GetOptions().HasExtension(options.event_type)
        }
        self.serializer = ProtobufSerializer(self.events.Event, registry)

    def __call__(self, event, context):
        envelope = self.parse({key: event[key] for key in ENVELOPE if key in event}, self.events.Event())
        message = self.messages[event["type"]]()
        fields = {key: value for key, value in event.items() if key not in ENVELOPE and value is not None}
        for key, value in fields.items():  # money is a text in protobuf
            if message.DESCRIPTOR.fields_by_name[key].cpp_type == FieldDescriptor.CPPTYPE_STRING:
                fields[key] = str(value)
        envelope.data.Pack(self.parse(fields, message))
        return self.serializer(envelope, context)


def as_json(registry):
    schema = {"$schema": "http://json-schema.org/draft-07/schema#", "title": "Event", "type": "object", "required": ["id", "type", "time"]}
    return JSONSerializer(json.dumps(schema), registry, to_dict=lambda event, _: event)


def main():
    address, topic, form, proto_root = sys.argv[1:]
    registry = Registry()
    serializer = as_json(registry) if form == "json" else AsProtobuf(registry, proto_root)
    producer = Producer({"bootstrap.servers": address, "partitioner": "murmur2_random", "linger.ms": 5})
    context = SerializationContext(topic, MessageField.VALUE)
    for line in sys.stdin:
        event = json.loads(line)
        producer.produce(topic, key=event["customer_id"], value=serializer(event, context))
        producer.poll(0)
    if producer.flush(30):
        sys.exit("registry_producer: not all records were delivered")
    print(registry.ids[max(registry.ids, key=registry.ids.get)])


if __name__ == "__main__":
    main()
