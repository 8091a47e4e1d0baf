"""The lines of a file to partition 0 of a topic and back, with confluent-kafka (librdkafka)."""
import sys

from confluent_kafka import Consumer, Producer, TopicPartition

import line_arguments


def produce(options):
    producer = Producer({
        "bootstrap.servers": options.broker,
        "compression.type": options.codec,
        "acks": options.acks,
        "enable.idempotence": options.idempotent,
    })
    failures = []

    def delivered(error, _):
        if error:
            failures.append(str(error))

    for line in line_arguments.lines(options.file):
        while not failures:
            try:
                producer.produce(options.topic, line, partition=0, on_delivery=delivered)
                break
            except BufferError:
                producer.poll(0.1)
        producer.poll(0)
    if producer.flush(60) or failures:
        sys.exit(f"not delivered: {failures[:1] or 'time is up'}")


def consume(options):
    consumer = Consumer({
        "bootstrap.servers": options.broker,
        "group.id": "unused",
        "enable.auto.commit": False,
        "auto.offset.reset": "error",
    })
    consumer.assign([TopicPartition(options.topic, 0, 0)])
    due = 0
    with open(options.out, "wb") as out:
        while due < options.count:
            messages = consumer.consume(min(10000, options.count - due), timeout=30)
            if not messages:
                sys.exit(f"no record for 30 s at offset {due}")
            for message in messages:
                if message.error():
                    sys.exit(str(message.error()))
                if message.offset() != due:
                    sys.exit(f"offset {message.offset()} where {due} is due")
                out.write(message.value() + b"\n")
                due += 1
    consumer.close()


arguments = line_arguments.parse()
{"produce": produce, "consume": consume}[arguments.command](arguments)
