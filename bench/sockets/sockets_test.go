package main

import (
	"bufio"
	"fmt"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"
)

const call = "00-019a9d5c-7a00-7c4e-b1a2-5d1f3c9b7e10"

// delivery is one as the gateway writes it, without what is not looked at.
func delivery(seq, after int, at time.Time) string {
	return fmt.Sprintf(`{"type":"event","callId":"%s","seq":%d,"after":%d,"event":{"id":"x","time":"%s","sequence":%d}}`,
		call, seq, after, at.UTC().Format("2006-01-02T15:04:05.000Z"), seq)
}

func frameOf(text string) []byte {
	payload := []byte(text)
	if len(payload) < 126 {
		return append([]byte{0x81, byte(len(payload))}, payload...)
	}
	return append([]byte{0x81, 126, byte(len(payload) >> 8), byte(len(payload))}, payload...)
}

func someone() *socket {
	g := &group{asked: opening{Dialect: "plain"}, topics: map[string]int{call: 0}, tally: newTally()}
	return &socket{group: g, fd: -1, accepted: true, last: []int64{0}}
}

func TestFramesInPieces(t *testing.T) {
	s := someone()
	var all []byte
	for seq := 1; seq <= 5; seq++ {
		all = append(all, frameOf("["+delivery(seq, seq-1, time.Now())+"]")...)
	}
	for at := 0; at < len(all); at += 7 {
		if err := s.take(all[at:min(at+7, len(all))], 0); err != nil {
			t.Fatal(err)
		}
	}
	got := s.group.tally.read()
	if got.Frames != 5 || got.Deliveries != 5 || got.Gaps != 0 || got.Repeats != 0 || s.rest != nil {
		t.Fatalf("%+v, %d left", got, len(s.rest))
	}
}

func TestFramesWeDoNotTake(t *testing.T) {
	for _, bad := range [][]byte{{0x01, 0}, {0x80, 0}, {0xc1, 0}, {0x81, 0x80}} {
		if _, _, _, err := serverFrame(bad); err == nil {
			t.Fatalf("% x was taken", bad)
		}
	}
}

func TestClientFrame(t *testing.T) {
	if frame := clientFrame(opText, []byte("hi")); string(frame) != "\x81\x82\x00\x00\x00\x00hi" {
		t.Fatalf("% x", frame)
	}
	long := clientFrame(opText, make([]byte, 300))
	if len(long) != 308 || long[1] != 0xfe || long[2] != 1 || long[3] != 44 {
		t.Fatalf("% x", long[:8])
	}
}

func TestGapsRepeatsAndTimes(t *testing.T) {
	s := someone()
	at := time.UnixMilli(1_763_576_674_816)
	frame := func(texts ...string) {
		if err := s.take(frameOf("["+strings.Join(texts, ",")+"]"), at.UnixMicro()+2_500); err != nil {
			t.Fatal(err)
		}
	}
	frame(delivery(1, 0, at), delivery(3, 2, at), delivery(3, 2, at))
	// Two it may not see lie between: no gap.
	frame(delivery(6, 3, at))
	frame(`{"type":"snapshot","callId":"x"}`)
	got := s.group.tally.read()
	if got.Deliveries != 4 || got.Gaps != 1 || got.Repeats != 1 || got.Resyncs != 1 {
		t.Fatalf("%+v", got)
	}
	if got.P50Ms != 2.51 || got.P99Ms != 2.51 || got.MaxMs != 2.5 {
		t.Fatalf("%+v", got)
	}
}

func TestCrowd(t *testing.T) {
	listener, err := net.Listen("tcp4", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer listener.Close()
	go func() {
		for {
			conn, err := listener.Accept()
			if err != nil {
				return
			}
			go func() {
				if _, err := http.ReadRequest(bufio.NewReader(conn)); err != nil {
					return
				}
				// The first frame comes with the answer, the second in two pieces, then a ping that wants a pong.
				second := frameOf("[" + delivery(2, 1, time.Now()) + "]")
				_, _ = fmt.Fprintf(conn, "HTTP/1.1 101 Switching Protocols\r\n\r\n%s%s",
					frameOf("["+delivery(1, 0, time.Now())+"]"), second[:50])
				time.Sleep(10 * time.Millisecond)
				_, _ = conn.Write(append(second[50:], 0x80|opPing, 1, 'x'))
				pong := make([]byte, 7)
				if _, err := conn.Read(pong); err == nil && string(pong) == "\x8a\x81\x00\x00\x00\x00x" {
					_, _ = conn.Write(frameOf("[" + delivery(3, 2, time.Now()) + "]"))
				}
			}()
		}
	}()
	c, err := newCrowd()
	if err != nil {
		t.Fatal(err)
	}
	g, err := c.open("all", opening{URL: "http://" + listener.Addr().String(), Dialect: "plain", Count: 50})
	if err != nil {
		t.Fatal(err)
	}
	if err := c.wait(g, "served", func() bool { return g.tally.Deliveries >= 150 }); err != nil {
		t.Fatal(err)
	}
	got := c.counts(g)
	if got.Sockets != 50 || got.Deliveries != 150 || got.Ended != 0 || got.P99Ms == 0 {
		t.Fatalf("%+v", got)
	}
	c.close(g)
	if got := c.counts(g); got.Sockets != 0 || got.Ended != 0 {
		t.Fatalf("%+v", got)
	}
}
