"""Planted violations that the reader of numbered records must find: python3 compat/lib/test_numbered.py"""
import unittest

import numbered
import wire


class FakeConnection:
    def __init__(self, *_, **__):
        pass

    def __enter__(self):
        return self

    def __exit__(self, *_):
        pass


class ReaderFinds(unittest.TestCase):
    def read(self, batches, reader=None, again=False):
        """Reads a log made of (base offset, [values]) batches."""
        log = [wire.batch(values, base_offset=base) for base, values in batches]
        ends = [base + len(values) for base, values in batches]

        def fetch(_connection, _topic, _partition, offset, *_, **__):
            data = b"".join(d for d, end in zip(log, ends) if end > offset)
            return 0, max(ends), data

        wire.Connection, wire.fetch, kept = FakeConnection, fetch, (wire.Connection, wire.fetch)
        try:
            reader = reader or numbered.Reader("", "t", 1)
            reader.read(0, again)
        finally:
            wire.Connection, wire.fetch = kept
        return reader

    def values(self, *numbers, name="p"):
        return [numbered.value(name, number) for number in numbers]

    def test_nothing_in_a_good_log(self):
        reader = self.read([(0, self.values(0, 1)), (2, self.values(0, name="q")), (3, self.values(2, 3))])
        self.assertEqual(reader.acknowledged("p", [b"0 0 0 2", b"0 3 2 2"]), 4)
        self.assertEqual(reader.problems, [])

    def test_a_lost_record(self):
        reader = self.read([(0, self.values(0, 1))])
        reader.acknowledged("p", [b"0 0 0 2", b"0 2 2 1"])
        self.assertEqual(len(reader.problems), 1)

    def test_a_lost_record_that_another_took_the_offset_of(self):
        reader = self.read([(0, self.values(0, 1)), (2, self.values(0, name="q"))])
        reader.acknowledged("p", [b"0 2 2 1"])
        self.assertEqual(len(reader.problems), 1)

    def test_a_doubled_record(self):
        self.assertEqual(len(self.read([(0, self.values(0)), (1, self.values(0))]).problems), 1)

    def test_a_gap_and_a_swap(self):
        self.assertGreaterEqual(len(self.read([(0, self.values(0)), (1, self.values(2)), (2, self.values(1))]).problems), 2)

    def test_an_offset_used_twice_and_one_left_out(self):
        self.assertGreaterEqual(len(self.read([(0, self.values(0)), (5, self.values(1))]).problems), 1)

    def test_a_changed_value(self):
        reader = self.read([(0, [numbered.value("p", 0), numbered.value("p", 3)[:-1]])])
        self.assertIn("record 3 of p is not what was written", reader.problems[0])

    def test_a_log_that_became_shorter(self):
        reader = self.read([(0, self.values(0, 1, 2))])
        self.assertGreaterEqual(len(self.read([(0, self.values(0))], reader, again=True).problems), 1)

    def test_a_record_that_became_another(self):
        reader = self.read([(0, self.values(0)), (1, self.values(0, name="q"))])
        again = self.read([(0, self.values(0, name="q")), (1, self.values(0))], reader, again=True)
        self.assertEqual(len(again.problems), 2)


if __name__ == "__main__":
    unittest.main()
