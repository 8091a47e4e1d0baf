"""The same numbered records as compat/lib/numbered.py, by confluent-kafka (librdkafka), idempotent, acks=all.

  numbered_confluent.py HOST:PORT TOPIC PARTITION NAME ACK_FILE      ends on SIGTERM
"""
import os
import signal
import sys
import time

from confluent_kafka import Producer

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..", "lib"))
import numbered

RECORDS_PER_SECOND = 1000


def main():
    address, topic, partition, name, path = sys.argv[1:]
    partition = int(partition)
    acks = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND)
    stopping = []
    signal.signal(signal.SIGTERM, lambda *_: stopping.append(True))

    def fatal(error):
        if error.fatal():
            sys.exit(f"{name}: {error}")

    producer = Producer({
        "bootstrap.servers": address, "acks": "all", "enable.idempotence": True, "linger.ms": 2,
        "message.timeout.ms": 120000, "retry.backoff.ms": 10, "retry.backoff.max.ms": 50, "reconnect.backoff.ms": 5,
        "reconnect.backoff.max.ms": 50, "log_level": 0, "error_cb": fatal, "message.send.max.retries": 10000000,
    })

    def delivered(number):
        def callback(error, message):
            if error:
                sys.exit(f"{name}: record {number} failed: {error}")
            os.write(acks, b"%d %d %d 1\n" % (partition, message.offset(), number))
        return callback

    number = 0
    while not stopping:
        # A burst, and a pause in which the answers come.
        for _ in range(RECORDS_PER_SECOND // 100):
            try:
                producer.produce(topic, numbered.value(name, number), partition=partition, on_delivery=delivered(number))
                number += 1
            except BufferError:
                break
        producer.poll(0)
        time.sleep(0.01)
    if producer.flush(60):
        sys.exit(f"{name}: not all was delivered")


main()
