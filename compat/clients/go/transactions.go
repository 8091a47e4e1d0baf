package main

import (
	"context"
	"errors"
	"fmt"
	"sort"
	"time"

	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kgo"
)

// What franz-go sees of transactions, one line for each thing seen. The topics exist.
func transactions(broker, source, target string) error {
	say := func(what string, seen any) { fmt.Printf("franz-go %s: %v\n", what, seen) }
	id := kgo.TransactionalID("franz-go-" + target)
	options := []kgo.Opt{
		kgo.SeedBrokers(broker), id, kgo.TransactionTimeout(30 * time.Second),
		kgo.RecordPartitioner(kgo.ManualPartitioner()), kgo.DefaultProduceTopic(target),
	}
	ctx, cancel := context.WithTimeout(context.Background(), 60*time.Second)
	defer cancel()
	writer, err := kgo.NewClient(options...)
	if err != nil {
		return err
	}
	for turn, end := range []kgo.TransactionEndTry{kgo.TryCommit, kgo.TryAbort, kgo.TryCommit} {
		if err := writer.BeginTransaction(); err != nil {
			return err
		}
		for value := range 3 {
			record := kgo.StringRecord(fmt.Sprintf("%d-%d", turn, value))
			if err := writer.ProduceSync(ctx, record).FirstErr(); err != nil {
				return err
			}
		}
		say(fmt.Sprintf("end %d", turn), writer.EndTransaction(ctx, end))
	}
	seen, err := values(ctx, broker, target, 6)
	if err != nil {
		return err
	}
	say("committed", seen)

	// A second client of the same id fences the first.
	if err := writer.BeginTransaction(); err != nil {
		return err
	}
	if err := writer.ProduceSync(ctx, kgo.StringRecord("lost")).FirstErr(); err != nil {
		return err
	}
	second, err := kgo.NewClient(options...)
	if err != nil {
		return err
	}
	if err := second.BeginTransaction(); err != nil {
		return err
	}
	if err := second.ProduceSync(ctx, kgo.StringRecord("second")).FirstErr(); err != nil {
		return err
	}
	say("end of the second", second.EndTransaction(ctx, kgo.TryCommit))
	var fenced *kerr.Error
	if errors.As(writer.EndTransaction(ctx, kgo.TryCommit), &fenced) {
		say("end of the first", fenced.Message)
	}
	writer.Close()
	second.Close()

	// Consume, transform, produce: exactly once in a session of franz-go's own.
	session, err := kgo.NewGroupTransactSession(
		kgo.SeedBrokers(broker), kgo.TransactionalID("franz-go-session-"+target), kgo.ConsumerGroup("franz-go-"+target),
		kgo.ConsumeTopics(source), kgo.FetchIsolationLevel(kgo.ReadCommitted()), kgo.DefaultProduceTopic(target),
		kgo.RecordPartitioner(kgo.ManualPartitioner()), kgo.ConsumeResetOffset(kgo.NewOffset().AtStart()),
		kgo.TransactionTimeout(30*time.Second), kgo.RequireStableFetchOffsets(),
	)
	if err != nil {
		return err
	}
	taken := 0
	for taken < 20 {
		fetches := session.PollFetches(ctx)
		if err := fetches.Err(); err != nil {
			return err
		}
		if fetches.NumRecords() == 0 {
			continue
		}
		if err := session.Begin(); err != nil {
			return err
		}
		for _, record := range fetches.Records() {
			session.Produce(ctx, kgo.StringRecord("x"+string(record.Value)), nil)
			taken++
		}
		committed, err := session.End(ctx, kgo.TryCommit)
		if err != nil || !committed {
			return fmt.Errorf("the session did not commit: %v", err)
		}
	}
	session.Close()
	seen, err = values(ctx, broker, target, 27)
	if err != nil {
		return err
	}
	say("committed", seen)
	return nil
}

// The first `count` committed values of a topic, sorted.
func values(ctx context.Context, broker, topic string, count int) ([]string, error) {
	client, err := kgo.NewClient(
		kgo.SeedBrokers(broker), kgo.FetchIsolationLevel(kgo.ReadCommitted()), kgo.ConsumeTopics(topic),
		kgo.ConsumeResetOffset(kgo.NewOffset().AtStart()),
	)
	if err != nil {
		return nil, err
	}
	defer client.Close()
	var all []string
	for len(all) < count {
		fetches := client.PollFetches(ctx)
		if err := fetches.Err(); err != nil {
			return nil, err
		}
		fetches.EachRecord(func(record *kgo.Record) { all = append(all, string(record.Value)) })
	}
	sort.Strings(all)
	return all, nil
}
