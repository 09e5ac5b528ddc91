package main

import (
	"errors"
	"fmt"
	"os"
	"sync"
	"syscall"
	"time"
)

const (
	// Sockets being opened at once: each holds a thread until its upgrade is answered.
	opensAtOnce = 32
	// Topics asked for and not answered, all sockets of a group together: as a gateway gets them when many come back.
	asksAtOnce = 256
	// All that is asked is answered within this.
	patience = 120 * time.Second
	// What one read of the kernel may bring. Bytes.
	readBytes = 256 << 10
	// Sockets looked at before the counts may be read.
	eventsAtOnce = 256
)

// group is sockets that are opened and counted together. Guarded by the crowd's mutex.
type group struct {
	asked   opening
	to      target
	sockets []*socket
	// Numbers of topics.
	topics map[string]int
	tally  *tally
	// Sockets whose server has accepted them; topics asked for and not answered.
	accepted, asking int
}

// crowd is everybody: one thread reads all sockets.
type crowd struct {
	epoll  int
	groups map[string]*group
	mutex  sync.Mutex
	byFd   map[int32]*socket
}

func newCrowd() (*crowd, error) {
	epoll, err := syscall.EpollCreate1(syscall.EPOLL_CLOEXEC)
	if err != nil {
		return nil, os.NewSyscallError("epoll_create1", err)
	}
	c := &crowd{epoll: epoll, groups: map[string]*group{}, byFd: map[int32]*socket{}}
	go c.read()
	return c, nil
}

func (c *crowd) read() {
	events := make([]syscall.EpollEvent, eventsAtOnce)
	buffer := make([]byte, readBytes)
	for {
		n, err := syscall.EpollWait(c.epoll, events, -1)
		if err != nil && err != syscall.EINTR {
			fmt.Fprintln(os.Stderr, os.NewSyscallError("epoll_wait", err))
			os.Exit(1)
		}
		c.mutex.Lock()
		for _, event := range events[:max(0, n)] {
			// Closed by us since.
			if s := c.byFd[event.Fd]; s != nil {
				c.readOne(s, buffer)
			}
		}
		c.mutex.Unlock()
	}
}

// readOne reads once: where there is more, epoll says so again.
func (c *crowd) readOne(s *socket, buffer []byte) {
	n, err := syscall.Read(s.fd, buffer)
	now := time.Now().UnixMicro()
	switch {
	case err == syscall.EAGAIN || err == syscall.EINTR:
	case err != nil:
		c.end(s, os.NewSyscallError("read", err))
	case n == 0:
		c.end(s, errors.New("closed without a word"))
	default:
		if err := s.take(buffer[:n], now); err != nil {
			c.end(s, err)
		}
	}
}

// end takes a socket out. The first reason in a group is kept.
func (c *crowd) end(s *socket, why error) {
	c.drop(s)
	t := s.group.tally
	t.Ended++
	if t.Why == "" {
		t.Why = fmt.Sprintf("socket %d: %v", s.index, why)
	}
}

func (c *crowd) drop(s *socket) {
	if s.fd < 0 {
		return
	}
	delete(c.byFd, int32(s.fd))
	// With it, it is out of the epoll too.
	_ = syscall.Close(s.fd)
	if s.accepted {
		s.group.accepted--
	}
	s.group.asking -= s.asking
	s.fd, s.rest, s.accepted, s.asking = -1, nil, false, 0
}

// open opens the sockets of a new group and waits until the server has accepted all of them.
func (c *crowd) open(name string, asked opening) (*group, error) {
	if _, known := dialects[asked.Dialect]; !known {
		return nil, fmt.Errorf("there is no dialect %q", asked.Dialect)
	}
	to, err := targetOf(asked)
	if err != nil {
		return nil, err
	}
	g := &group{asked: asked, to: to, topics: map[string]int{}, tally: newTally()}
	for index := range asked.Count {
		g.sockets = append(g.sockets, &socket{group: g, index: index, fd: -1})
	}
	c.mutex.Lock()
	c.groups[name] = g
	c.mutex.Unlock()
	return g, c.openAll(g)
}

func (c *crowd) openAll(g *group) error {
	todo := make(chan *socket)
	failed := make(chan error, len(g.sockets))
	var workers sync.WaitGroup
	for range opensAtOnce {
		workers.Add(1)
		go func() {
			defer workers.Done()
			for s := range todo {
				if err := c.openOne(s, g.to); err != nil {
					failed <- fmt.Errorf("socket %d: %w", s.index, err)
				}
			}
		}()
	}
	for _, s := range g.sockets {
		todo <- s
		if len(failed) > 0 {
			break
		}
	}
	close(todo)
	workers.Wait()
	if len(failed) > 0 {
		return <-failed
	}
	return c.wait(g, "accepted", func() bool { return g.accepted == len(g.sockets) })
}

func (c *crowd) openOne(s *socket, to target) error {
	if err := s.open(to); err != nil {
		return err
	}
	how := dialects[s.group.asked.Dialect]
	c.mutex.Lock()
	defer c.mutex.Unlock()
	if how.hello == nil {
		s.accepted = true
		s.group.accepted++
	} else if err := s.say(how.hello(s)); err != nil {
		return err
	}
	early := s.rest
	s.rest = nil
	if err := s.take(early, time.Now().UnixMicro()); err != nil {
		return err
	}
	c.byFd[int32(s.fd)] = s
	event := syscall.EpollEvent{Events: syscall.EPOLLIN, Fd: int32(s.fd)}
	return os.NewSyscallError("epoll_ctl", syscall.EpollCtl(c.epoll, syscall.EPOLL_CTL_ADD, s.fd, &event))
}

// watch lets every socket of a group follow these topics, and waits until the server has said yes to all.
func (c *crowd) watch(g *group, topics []topic) error {
	c.mutex.Lock()
	for _, t := range topics {
		index, known := g.topics[t.Name]
		if !known {
			index = len(g.topics)
			g.topics[t.Name] = index
		}
		for _, s := range g.sockets {
			for len(s.last) <= index {
				s.last = append(s.last, 0)
			}
			s.last[index] = t.After
		}
	}
	c.mutex.Unlock()
	return c.ask(g, topics)
}

// ask says what each socket follows, from where it is.
func (c *crowd) ask(g *group, topics []topic) error {
	how := dialects[g.asked.Dialect]
	if how.subscribe == nil {
		return nil
	}
	for _, s := range g.sockets {
		for _, t := range topics {
			if err := c.wait(g, "asked", func() bool { return g.asking < asksAtOnce }); err != nil {
				return err
			}
			c.mutex.Lock()
			t.After = s.last[g.topics[t.Name]]
			s.asking++
			g.asking++
			err := s.say(how.subscribe(s, t))
			c.mutex.Unlock()
			if err != nil {
				return fmt.Errorf("socket %d: %w", s.index, err)
			}
		}
	}
	return c.wait(g, "followed", func() bool { return g.asking == 0 })
}

// reopen drops all sockets of a group without a word; they come back and go on where they were.
func (c *crowd) reopen(g *group) error {
	c.mutex.Lock()
	for _, s := range g.sockets {
		c.drop(s)
	}
	var topics []topic
	for name := range g.topics {
		topics = append(topics, topic{Name: name})
	}
	c.mutex.Unlock()
	if err := c.openAll(g); err != nil {
		return err
	}
	return c.ask(g, topics)
}

// wait looks again and again, until it is so or a socket has ended.
func (c *crowd) wait(g *group, what string, done func() bool) error {
	for until := time.Now().Add(patience); ; time.Sleep(time.Millisecond) {
		c.mutex.Lock()
		is, ended, why := done(), g.tally.Ended, g.tally.Why
		c.mutex.Unlock()
		switch {
		case ended > 0:
			return errors.New(why)
		case is:
			return nil
		case time.Now().After(until):
			return fmt.Errorf("not all sockets were %s within %v", what, patience)
		}
	}
}

// begin counts anew.
func (c *crowd) begin(g *group) {
	c.mutex.Lock()
	defer c.mutex.Unlock()
	ended, why := g.tally.Ended, g.tally.Why
	g.tally = newTally()
	g.tally.Ended, g.tally.Why = ended, why
}

func (c *crowd) counts(g *group) counts {
	c.mutex.Lock()
	defer c.mutex.Unlock()
	sum := g.tally.read()
	sum.Sockets = g.accepted
	return sum
}

// close closes all sockets of a group.
func (c *crowd) close(g *group) {
	c.mutex.Lock()
	defer c.mutex.Unlock()
	for _, s := range g.sockets {
		c.drop(s)
	}
}
