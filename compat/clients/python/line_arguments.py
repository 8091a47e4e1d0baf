"""The command line that every client program here has in common."""
import argparse


def parse():
    parser = argparse.ArgumentParser()
    commands = parser.add_subparsers(dest="command", required=True)
    produce, consume = commands.add_parser("produce"), commands.add_parser("consume")
    for command in (produce, consume):
        command.add_argument("--broker", required=True)
        command.add_argument("--topic", required=True)
    produce.add_argument("--file", required=True)
    produce.add_argument("--codec", default="none")
    produce.add_argument("--acks", default="all")
    produce.add_argument("--idempotent", action="store_true")
    consume.add_argument("--count", type=int, required=True)
    consume.add_argument("--out", required=True)
    return parser.parse_args()


def lines(path):
    with open(path, "rb") as file:
        for line in file:
            yield line.rstrip(b"\n")
