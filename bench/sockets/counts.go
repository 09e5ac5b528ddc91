package main

import (
	"bytes"
	"math"
	"strconv"
	"time"
)

const (
	// One bucket of the histogram. Microseconds.
	bucketMicros = 10
	// Later than this is counted as this late: 10 s.
	bucketsMax = 1_000_000
)

var (
	eventMark    = []byte(`{"type":"event","callId":"`)
	snapshotMark = []byte(`{"type":"snapshot","callId":"`)
	timeMark     = []byte(`"time":"`)
)

// counts of a group since it began, as the caller gets them.
type counts struct {
	Sockets    int   `json:"sockets"`
	Frames     int64 `json:"frames"`
	Bytes      int64 `json:"bytes"`
	Deliveries int64 `json:"deliveries"`
	// Deliveries that do not follow the one before, that came before, and snapshots in the place of any.
	Gaps    int64 `json:"gaps"`
	Repeats int64 `json:"repeats"`
	Resyncs int64 `json:"resyncs"`
	// Sockets that ended, and why the first of them did.
	Ended int    `json:"ended"`
	Why   string `json:"why,omitempty"`
	// From an event's own time until its frame was read. Milliseconds; absent where nothing came.
	P50Ms float64 `json:"p50Ms,omitempty"`
	P99Ms float64 `json:"p99Ms,omitempty"`
	MaxMs float64 `json:"maxMs,omitempty"`
}

// tally counts what one group gets.
type tally struct {
	counts
	buckets []uint32
	// Deliveries in the buckets.
	timed     int64
	maxMicros int64
	// The time read last: one event's is read once for all who get it.
	timeText   []byte
	timeMicros int64
}

func newTally() *tally {
	return &tally{buckets: make([]uint32, bucketsMax+1)}
}

// take looks at one text frame.
func (t *tally) take(s *socket, text []byte, nowMicros int64) {
	t.Frames++
	t.Bytes += int64(len(text))
	if bytes.Contains(text, snapshotMark) {
		t.Resyncs++
	}
	for {
		at := bytes.Index(text, eventMark)
		if at < 0 {
			return
		}
		text = text[at+len(eventMark):]
		t.event(s, text, nowMicros)
	}
}

// event reads `<callId>","seq":2,"after":1,"event":{ … "time":"2026-11-23T01:35:05.123Z" …`.
func (t *tally) event(s *socket, text []byte, nowMicros int64) {
	t.Deliveries++
	end := bytes.IndexByte(text, '"')
	if end < 0 {
		return
	}
	if index, known := s.group.topics[string(text[:end])]; known {
		seq, rest := number(text[end:], `"seq":`)
		after, _ := number(rest, `"after":`)
		switch last := s.last[index]; {
		case seq <= last:
			t.Repeats++
		case after != last:
			t.Gaps++
		}
		s.last[index] = max(seq, s.last[index])
	}
	at := bytes.Index(text, timeMark)
	if at < 0 || len(text) < at+len(timeMark)+24 {
		return
	}
	if written := text[at+len(timeMark):][:24]; !bytes.Equal(written, t.timeText) {
		parsed, err := time.Parse(time.RFC3339, string(written))
		if err != nil {
			return
		}
		t.timeText = append(t.timeText[:0], written...)
		t.timeMicros = parsed.UnixMicro()
	}
	// The clock that wrote it may have been corrected meanwhile.
	late := max(0, nowMicros-t.timeMicros)
	t.maxMicros = max(t.maxMicros, late)
	t.buckets[min(late/bucketMicros, bucketsMax)]++
	t.timed++
}

// number behind the first mark; what follows it. 0 where there is none.
func number(text []byte, mark string) (int64, []byte) {
	at := bytes.Index(text, []byte(mark))
	if at < 0 {
		return 0, text
	}
	text = text[at+len(mark):]
	end := 0
	for end < len(text) && text[end] >= '0' && text[end] <= '9' {
		end++
	}
	n, err := strconv.ParseInt(string(text[:end]), 10, 64)
	if err != nil {
		return 0, text
	}
	return n, text[end:]
}

func (t *tally) read() counts {
	sum := t.counts
	sum.P50Ms, sum.P99Ms = t.percentile(0.5), t.percentile(0.99)
	sum.MaxMs = float64(t.maxMicros) / 1_000
	return sum
}

// percentile is the upper end of the bucket by nearest rank. Milliseconds.
func (t *tally) percentile(share float64) float64 {
	rank := int64(math.Ceil(share * float64(t.timed)))
	if rank == 0 {
		return 0
	}
	index := 0
	for below := int64(t.buckets[0]); below < rank; below += int64(t.buckets[index]) {
		index++
	}
	return float64((index+1)*bucketMicros) / 1_000
}
