package main

import (
	"bytes"
	"crypto/rand"
	"encoding/base64"
	"errors"
	"fmt"
	"net"
	"net/url"
	"os"
	"strconv"
	"strings"
	"syscall"
)

const (
	// One source address has 28,000 ports to one server.
	socketsPerAddress = 10_000
	// ip(7), IP_BIND_ADDRESS_NO_PORT: the port is chosen at the connect, so that those of other servers do not count.
	bindAddressNoPort = 24
	// An answer to an upgrade; a server that takes thousands at once may need a while.
	upgradeSeconds = 20
	upgradeBytes   = 4096
)

// socket is one WebSocket. Its fields are guarded by the crowd's mutex once it is read.
type socket struct {
	group *group
	index int
	// -1: none.
	fd int
	// Of a frame that has not come whole.
	rest []byte
	// The last sequence of each topic, by the group's numbers for them.
	last []int64
	// Messages said, for their ids.
	said     int
	accepted bool
	// Topics asked for and not answered.
	asking int
}

// target is where the sockets of a group go.
type target struct {
	address syscall.SockaddrInet4
	host    string
	path    string
}

func targetOf(asked opening) (target, error) {
	u, err := url.Parse(asked.URL)
	if err != nil {
		return target{}, err
	}
	if u.Scheme != "http" && u.Scheme != "ws" {
		return target{}, fmt.Errorf("--url %s: only http:// and ws://, there is no TLS here", asked.URL)
	}
	ips, err := net.LookupIP(u.Hostname())
	if err != nil {
		return target{}, err
	}
	port := 80
	if text := u.Port(); text != "" {
		if port, err = strconv.Atoi(text); err != nil {
			return target{}, err
		}
	}
	path := strings.TrimSuffix(u.RequestURI(), "/") + dialects[asked.Dialect].path
	if path == "" {
		path = "/"
	}
	for _, ip := range ips {
		if four := ip.To4(); four != nil {
			address := syscall.SockaddrInet4{Port: port, Addr: [4]byte(four)}
			return target{address: address, host: u.Host, path: path}, nil
		}
	}
	return target{}, fmt.Errorf("%s has no IPv4 address", u.Hostname())
}

// open connects and asks for the upgrade. What came behind the answer is in `rest`.
func (s *socket) open(to target) (err error) {
	fd, err := syscall.Socket(syscall.AF_INET, syscall.SOCK_STREAM|syscall.SOCK_CLOEXEC, 0)
	if err != nil {
		return os.NewSyscallError("socket", err)
	}
	defer func() {
		if err != nil {
			_ = syscall.Close(fd)
		}
	}()
	if to.address.Addr[0] == 127 {
		from := syscall.SockaddrInet4{Addr: [4]byte{127, 0, 0, byte(1 + s.index/socketsPerAddress)}}
		if err := syscall.SetsockoptInt(fd, syscall.IPPROTO_IP, bindAddressNoPort, 1); err != nil {
			return os.NewSyscallError("setsockopt", err)
		}
		if err := syscall.Bind(fd, &from); err != nil {
			return os.NewSyscallError("bind", err)
		}
	}
	patience := syscall.Timeval{Sec: upgradeSeconds}
	if err := errors.Join(
		syscall.SetsockoptInt(fd, syscall.IPPROTO_TCP, syscall.TCP_NODELAY, 1),
		syscall.SetsockoptTimeval(fd, syscall.SOL_SOCKET, syscall.SO_RCVTIMEO, &patience),
	); err != nil {
		return err
	}
	if err := syscall.Connect(fd, &to.address); err != nil {
		return os.NewSyscallError("connect", err)
	}
	if s.rest, err = upgrade(fd, to); err != nil {
		return err
	}
	s.fd = fd
	return syscall.SetNonblock(fd, true)
}

func upgrade(fd int, to target) (rest []byte, err error) {
	key := make([]byte, 16)
	_, _ = rand.Read(key) // never fails
	request := "GET " + to.path + " HTTP/1.1\r\nHost: " + to.host + "\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n" +
		"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: " + base64.StdEncoding.EncodeToString(key) + "\r\n\r\n"
	if _, err := syscall.Write(fd, []byte(request)); err != nil {
		return nil, os.NewSyscallError("write", err)
	}
	var head []byte
	buffer := make([]byte, upgradeBytes)
	for len(head) < upgradeBytes {
		n, err := syscall.Read(fd, buffer)
		// Go's own signals: a read with a time-out is not taken up again by itself.
		if err == syscall.EINTR {
			continue
		}
		if err != nil {
			return nil, os.NewSyscallError("read", err)
		}
		if n == 0 {
			return nil, errors.New("closed before the upgrade")
		}
		head = append(head, buffer[:n]...)
		if before, after, whole := bytes.Cut(head, []byte("\r\n\r\n")); whole {
			if !bytes.HasPrefix(before, []byte("HTTP/1.1 101")) {
				line, _, _ := bytes.Cut(before, []byte("\r\n"))
				return nil, fmt.Errorf("no upgrade: %s", line)
			}
			return after, nil
		}
	}
	return nil, errors.New("no end of the answer to the upgrade")
}

// say sends a text frame; what we say always fits into the kernel's buffer.
func (s *socket) say(text string) error {
	return s.write(opText, []byte(text))
}

func (s *socket) write(opcode byte, payload []byte) error {
	frame := clientFrame(opcode, payload)
	n, err := syscall.Write(s.fd, frame)
	if err == nil && n < len(frame) {
		err = syscall.EAGAIN
	}
	return os.NewSyscallError("write", err)
}

// take reads what came: whole frames at once, the rest with the next bytes. Returns why the socket ends, if it does.
func (s *socket) take(data []byte, nowMicros int64) error {
	if len(s.rest) > 0 {
		s.rest = append(s.rest, data...)
		data = s.rest
	}
	for {
		opcode, payload, length, err := serverFrame(data)
		if err != nil {
			return err
		}
		if length == 0 {
			break
		}
		data = data[length:]
		if err := s.frame(opcode, payload, nowMicros); err != nil {
			return err
		}
	}
	if len(data) == 0 {
		s.rest = nil
	} else {
		s.rest = append(s.rest[:0], data...)
	}
	return nil
}

func (s *socket) frame(opcode byte, payload []byte, nowMicros int64) error {
	switch opcode {
	case opText:
		return s.text(payload, nowMicros)
	case opPing:
		return s.write(opPong, payload)
	case opClose:
		return fmt.Errorf("close frame: % x %s", payload[:min(2, len(payload))], payload[min(2, len(payload)):])
	}
	return nil
}

func (s *socket) text(text []byte, nowMicros int64) error {
	g := s.group
	how := dialects[g.asked.Dialect]
	if how.ping != "" && string(text) == how.ping {
		return s.say(how.pong)
	}
	if !s.accepted || s.asking > 0 {
		if how.refused != "" && bytes.Contains(text, []byte(how.refused)) {
			return fmt.Errorf("refused: %s", text)
		}
		if !s.accepted && bytes.Contains(text, []byte(how.accepted)) {
			s.accepted = true
			g.accepted++
		} else if s.asking > 0 {
			yes := min(s.asking, bytes.Count(text, []byte(how.subscribed)))
			s.asking -= yes
			g.asking -= yes
		}
	}
	g.tally.take(s, text, nowMicros)
	return nil
}
