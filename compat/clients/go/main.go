// The lines of a file to partition 0 of a topic and back, with franz-go.
package main

import (
	"bufio"
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"sync"
	"time"

	"github.com/twmb/franz-go/pkg/kgo"
)

const silenceMax = 30 * time.Second

func main() {
	if len(os.Args) < 2 {
		fail(errors.New("produce or consume"))
	}
	flags := flag.NewFlagSet(os.Args[1], flag.ExitOnError)
	broker := flags.String("broker", "", "HOST:PORT")
	topic := flags.String("topic", "", "topic")
	file := flags.String("file", "", "lines to produce")
	codec := flags.String("codec", "none", "none, gzip, snappy, lz4 or zstd")
	acks := flags.String("acks", "all", "0, 1 or all")
	idempotent := flags.Bool("idempotent", false, "idempotent producer")
	count := flags.Int64("count", 0, "records to consume")
	out := flags.String("out", "", "file for the consumed lines")
	fail(flags.Parse(os.Args[2:]))
	switch os.Args[1] {
	case "transactions":
		fail(transactions(*broker, *topic, *out))
	case "produce":
		fail(produce(*broker, *topic, *file, *codec, *acks, *idempotent))
	case "consume":
		fail(consume(*broker, *topic, *count, *out))
	default:
		fail(errors.New("produce or consume"))
	}
}

func fail(err error) {
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func produce(broker, topic, file, codec, acks string, idempotent bool) error {
	codecs := map[string]kgo.CompressionCodec{
		"none": kgo.NoCompression(), "gzip": kgo.GzipCompression(), "snappy": kgo.SnappyCompression(),
		"lz4": kgo.Lz4Compression(), "zstd": kgo.ZstdCompression(),
	}
	needed := map[string]kgo.Acks{"0": kgo.NoAck(), "1": kgo.LeaderAck(), "all": kgo.AllISRAcks()}
	options := []kgo.Opt{
		kgo.SeedBrokers(broker), kgo.ProducerBatchCompression(codecs[codec]), kgo.RequiredAcks(needed[acks]),
		kgo.RecordPartitioner(kgo.ManualPartitioner()),
	}
	if !idempotent {
		options = append(options, kgo.DisableIdempotentWrite(), kgo.MaxProduceRequestsInflightPerBroker(1))
	}
	client, err := kgo.NewClient(options...)
	if err != nil {
		return err
	}
	defer client.Close()
	in, err := os.Open(file)
	if err != nil {
		return err
	}
	defer in.Close()
	var once sync.Once
	var failure error
	reader := bufio.NewReaderSize(in, 1<<16)
	for {
		line, err := reader.ReadBytes('\n')
		if err == io.EOF && len(line) == 0 {
			break
		} else if err != nil && err != io.EOF {
			return err
		}
		if line[len(line)-1] == '\n' {
			line = line[:len(line)-1]
		}
		client.Produce(context.Background(), &kgo.Record{Topic: topic, Partition: 0, Value: line},
			func(_ *kgo.Record, err error) {
				if err != nil {
					once.Do(func() { failure = err })
				}
			})
	}
	if err := client.Flush(context.Background()); err != nil {
		return err
	}
	return failure
}

func consume(broker, topic string, count int64, out string) error {
	client, err := kgo.NewClient(kgo.SeedBrokers(broker), kgo.ConsumePartitions(
		map[string]map[int32]kgo.Offset{topic: {0: kgo.NewOffset().At(0)}}))
	if err != nil {
		return err
	}
	defer client.Close()
	file, err := os.Create(out)
	if err != nil {
		return err
	}
	writer := bufio.NewWriterSize(file, 1<<16)
	for due := int64(0); due < count; {
		patience, cancel := context.WithTimeout(context.Background(), silenceMax)
		fetches := client.PollFetches(patience)
		cancel()
		if err := fetches.Err(); err != nil {
			return fmt.Errorf("at offset %d: %w", due, err)
		}
		for iterator := fetches.RecordIter(); !iterator.Done() && due < count; due++ {
			record := iterator.Next()
			if record.Offset != due {
				return fmt.Errorf("offset %d where %d is due", record.Offset, due)
			}
			writer.Write(record.Value)
			writer.WriteByte('\n')
		}
	}
	if err := writer.Flush(); err != nil {
		return err
	}
	return file.Close()
}
