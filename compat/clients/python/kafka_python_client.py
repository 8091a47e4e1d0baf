"""The lines of a file to partition 0 of a topic and back, with kafka-python."""
import sys

from kafka import KafkaConsumer, KafkaProducer, TopicPartition

import line_arguments


def produce(options):
    producer = KafkaProducer(
        bootstrap_servers=options.broker,
        compression_type=None if options.codec == "none" else options.codec,
        acks=options.acks if options.acks == "all" else int(options.acks),
        enable_idempotence=options.idempotent,
        max_in_flight_requests_per_connection=1,
        linger_ms=5,
    )
    failures = []
    for line in line_arguments.lines(options.file):
        producer.send(options.topic, line, partition=0).add_errback(failures.append)
        if failures:
            break
    producer.flush(60)
    producer.close()
    if failures:
        sys.exit(f"not delivered: {failures[0]!r}")


def consume(options):
    consumer = KafkaConsumer(
        bootstrap_servers=options.broker,
        enable_auto_commit=False,
        auto_offset_reset="none",
        consumer_timeout_ms=30000,
    )
    partition = TopicPartition(options.topic, 0)
    consumer.assign([partition])
    consumer.seek(partition, 0)
    due = 0
    with open(options.out, "wb") as out:
        for message in consumer:
            if message.offset != due:
                sys.exit(f"offset {message.offset} where {due} is due")
            out.write(message.value + b"\n")
            due += 1
            if due == options.count:
                break
    if due < options.count:
        sys.exit(f"no record for 30 s at offset {due}")
    consumer.close()


arguments = line_arguments.parse()
{"produce": produce, "consume": consume}[arguments.command](arguments)
