// sockets: thousands of WebSocket clients in one process, for `npm run bench -- fanout` and for what k6 cannot reach.
// It costs the machine little: no goroutine, timer or buffer a socket, and nothing is parsed that is not counted.
// With --sockets it runs by itself and prints one JSON line. Without, commands come as JSON lines on stdin, answers
// go to stdout with the same id, and it ends when stdin does. Linux only (epoll), plain ws only (no TLS).
package main

import (
	"bufio"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"os"
	"strings"
	"time"
)

type command struct {
	ID int    `json:"id"`
	Do string `json:"do"`
	// Sockets that are opened and counted together; the caller's name for them.
	Group string `json:"group"`
	opening
	// do "watch".
	Topics []topic `json:"topics"`
}

// opening is how the sockets of a group are opened.
type opening struct {
	URL string `json:"url"`
	// One of `dialects`.
	Dialect string `json:"dialect"`
	Count   int    `json:"count"`
	// dialect "ringback": who signs the tokens.
	APIKey    string `json:"apiKey"`
	APISecret string `json:"apiSecret"`
}

// topic is what a socket follows: a call, or what a peer calls a channel.
type topic struct {
	Name string `json:"name"`
	// The last sequence it has.
	After int64 `json:"after"`
}

type answer struct {
	ID     int     `json:"id"`
	Error  string  `json:"error,omitempty"`
	Counts *counts `json:"counts,omitempty"`
}

func main() {
	asked := opening{Dialect: "ringback", APIKey: os.Getenv("RINGBACK_API_KEY"), APISecret: os.Getenv("RINGBACK_API_SECRET")}
	flag.StringVar(&asked.URL, "url", "http://127.0.0.1:8080", "the platform; tokens are signed with RINGBACK_API_KEY and RINGBACK_API_SECRET")
	flag.IntVar(&asked.Count, "sockets", 0, "how many; 0: commands on stdin say so")
	watch := flag.String("watch", "", "ids of calls that every socket watches, separated by commas")
	seconds := flag.Int("seconds", 60, "how long they stay")
	drop := flag.Bool("drop", false, "at half of the time all of them lose their sockets and come back with the last sequence they have")
	flag.Parse()
	crowd, err := newCrowd()
	if err == nil && asked.Count > 0 {
		err = alone(crowd, asked, *watch, time.Duration(*seconds)*time.Second, *drop)
	} else if err == nil {
		err = serve(crowd)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func alone(c *crowd, asked opening, watch string, stay time.Duration, drop bool) error {
	g, err := c.open("all", asked)
	if err != nil {
		return err
	}
	var topics []topic
	for _, name := range strings.FieldsFunc(watch, func(r rune) bool { return r == ',' }) {
		topics = append(topics, topic{Name: name})
	}
	if err := c.watch(g, topics); err != nil {
		return err
	}
	time.Sleep(stay / 2)
	if drop {
		if err := c.reopen(g); err != nil {
			return err
		}
	}
	time.Sleep(stay / 2)
	return json.NewEncoder(os.Stdout).Encode(c.counts(g))
}

func serve(c *crowd) error {
	out := json.NewEncoder(os.Stdout)
	in := bufio.NewScanner(os.Stdin)
	for in.Scan() {
		var cmd command
		if err := json.Unmarshal(in.Bytes(), &cmd); err != nil {
			return fmt.Errorf("not a command: %w", err)
		}
		a, err := c.do(cmd)
		if err != nil {
			a = answer{Error: err.Error()}
		}
		a.ID = cmd.ID
		if out.Encode(a) != nil {
			return nil // nobody listens any more
		}
	}
	return in.Err()
}

func (c *crowd) do(cmd command) (answer, error) {
	if cmd.Do == "open" {
		_, err := c.open(cmd.Group, cmd.opening)
		return answer{}, err
	}
	g := c.groups[cmd.Group]
	if g == nil {
		return answer{}, fmt.Errorf("there is no group %q", cmd.Group)
	}
	switch cmd.Do {
	case "watch":
		return answer{}, c.watch(g, cmd.Topics)
	case "begin":
		c.begin(g)
		return answer{}, nil
	case "counts":
		counts := c.counts(g)
		return answer{Counts: &counts}, nil
	case "close":
		c.close(g)
		return answer{}, nil
	}
	return answer{}, errors.New("unknown command " + cmd.Do)
}
