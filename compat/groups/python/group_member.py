"""One confluent-kafka consumer as a program: `group_member.py BROKER GROUP PROTOCOL TOPIC…`.

Prints what it has, as JSON, whenever that changes; ends, and leaves the group, when its standard input does.
"""
import json
import select
import sys

from confluent_kafka import Consumer


def main():
    broker, group, protocol, *topics = sys.argv[1:]
    settings = {
        "bootstrap.servers": broker, "group.id": group, "group.protocol": protocol, "auto.offset.reset": "earliest",
    }
    if protocol == "classic":
        settings.update({"partition.assignment.strategy": "cooperative-sticky", "heartbeat.interval.ms": 500,
                         "session.timeout.ms": 10_000})
    consumer = Consumer(settings)
    consumer.subscribe(topics)
    last, read = None, 0
    while not select.select([sys.stdin], [], [], 0)[0]:
        message = consumer.poll(0.1)
        read += message is not None and message.error() is None
        has = sorted(f"{p.topic}-{p.partition}" for p in consumer.assignment())
        if has != last:
            last = has
            print(json.dumps(has), flush=True)
    consumer.close()
    print(json.dumps({"read": read}), flush=True)


main()
