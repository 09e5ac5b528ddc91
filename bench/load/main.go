// load: WebRTC clients for `npm run bench -- sfu`. Commands come as JSON lines on stdin, answers go to stdout as
// JSON lines with the same id. Signalling is the caller's: this program only makes offers and answers, sends paced
// RTP and counts what arrives. It ends when stdin does.
package main

import (
	"bufio"
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"sync"
)

// An offer of a hundred media sections is about 100 kB.
const lineBytesMax = 1 << 20

type command struct {
	ID int    `json:"id"`
	Do string `json:"do"`
	// One peer connection; the caller's name for it.
	Peer string `json:"peer"`
	SDP  string `json:"sdp"`
	// do "send": the camera's bits per second, RTP payload.
	VideoBps int `json:"videoBps"`
}

type answer struct {
	ID          int     `json:"id"`
	Error       string  `json:"error,omitempty"`
	SDP         string  `json:"sdp,omitempty"`
	Fingerprint string  `json:"fingerprint,omitempty"`
	Counts      *totals `json:"counts,omitempty"`
}

func main() {
	address := flag.String("address", "127.0.0.1", "IPv4 address that all peer connections use")
	flag.Parse()
	crowd, err := newCrowd(*address)
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	var mutex sync.Mutex
	out := json.NewEncoder(os.Stdout)
	say := func(a answer) {
		mutex.Lock()
		defer mutex.Unlock()
		if out.Encode(a) != nil {
			os.Exit(0) // nobody listens any more
		}
	}
	in := bufio.NewScanner(os.Stdin)
	in.Buffer(nil, lineBytesMax)
	for in.Scan() {
		var c command
		if err := json.Unmarshal(in.Bytes(), &c); err != nil {
			fmt.Fprintln(os.Stderr, "not a command:", err)
			os.Exit(1)
		}
		// Side by side: gathering and DTLS of one is not waited for by the others.
		go func() {
			a, err := crowd.do(c)
			if err != nil {
				a = answer{Error: err.Error()}
			}
			a.ID = c.ID
			say(a)
		}()
	}
	if err := in.Err(); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	crowd.close()
}

func (c *crowd) do(cmd command) (answer, error) {
	switch cmd.Do {
	case "fingerprint":
		return answer{Fingerprint: c.fingerprint}, nil
	case "send":
		sdp, err := c.send(cmd.Peer, cmd.VideoBps)
		return answer{SDP: sdp}, err
	case "answered":
		return answer{}, c.answered(cmd.Peer, cmd.SDP)
	case "receive":
		sdp, err := c.receive(cmd.Peer, cmd.SDP)
		return answer{SDP: sdp}, err
	case "start":
		c.start()
		return answer{}, nil
	case "counts":
		counts := c.counts()
		return answer{Counts: &counts}, nil
	}
	return answer{}, fmt.Errorf("unknown command %q", cmd.Do)
}
