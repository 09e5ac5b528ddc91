package main

import (
	"encoding/binary"
	"errors"
)

// WebSocket frames (RFC 6455 section 5.2), by hand: a library wants a goroutine and buffers for each socket, which for
// tens of thousands costs more than what is measured. Servers we know send no fragments and no extensions.

const (
	opText  = 1
	opClose = 8
	opPing  = 9
	opPong  = 10
)

var errFrame = errors.New("a frame that no server of ours sends: masked, in fragments or with an extension")

// clientFrame has a mask, as the protocol wants it, and it is zero: it guards proxies against chosen bytes.
func clientFrame(opcode byte, payload []byte) []byte {
	frame := []byte{0x80 | opcode, 0x80 | byte(min(len(payload), 126))}
	if len(payload) >= 126 {
		// What a client says here is a token at most.
		frame = binary.BigEndian.AppendUint16(frame, uint16(len(payload)))
	}
	frame = append(frame, 0, 0, 0, 0)
	return append(frame, payload...)
}

// serverFrame is the first frame in these bytes and its length with its head; 0 where not all of it is there.
func serverFrame(data []byte) (opcode byte, payload []byte, length int, err error) {
	if len(data) < 2 {
		return 0, nil, 0, nil
	}
	if data[0]&0xf0 != 0x80 || data[0]&0x0f == 0 || data[1]&0x80 != 0 {
		return 0, nil, 0, errFrame
	}
	head, size := 2, uint64(data[1])
	switch {
	case size == 126 && len(data) >= 4:
		head, size = 4, uint64(binary.BigEndian.Uint16(data[2:]))
	case size == 127 && len(data) >= 10:
		head, size = 10, binary.BigEndian.Uint64(data[2:])
	case size >= 126:
		return 0, nil, 0, nil
	}
	if uint64(len(data)-head) < size {
		return 0, nil, 0, nil
	}
	length = head + int(size)
	return data[0] & 0x0f, data[head:length], length, nil
}
