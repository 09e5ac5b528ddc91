package main

import (
	"sync/atomic"

	"github.com/pion/webrtc/v4"
)

// trackCount is one received track.
type trackCount struct {
	packets, bytes atomic.Int64
	// Sequence numbers, extended by their cycles (RFC 3550 appendix A.1); 0 before the first packet.
	first, highest atomic.Int64
}

// totals are running sums: whoever wants a window takes the difference of two.
type totals struct {
	Connected int `json:"connected"`
	Failed    int `json:"failed"`
	Tracks    int `json:"tracks"`
	// Tracks that at least one packet came on.
	Flowing         int   `json:"flowing"`
	SentPackets     int64 `json:"sentPackets"`
	SentBytes       int64 `json:"sentBytes"`
	KeyFrames       int64 `json:"keyFrames"`
	ReceivedPackets int64 `json:"receivedPackets"`
	// Payload alone: headers are not the same from every server.
	ReceivedBytes int64 `json:"receivedBytes"`
	// By sequence numbers; what is more than received was lost.
	ExpectedPackets int64   `json:"expectedPackets"`
	LateMsMax       float64 `json:"lateMsMax"`
}

func (t *trackCount) read(track *webrtc.TrackRemote) {
	buffer := make([]byte, 1600)
	for {
		n, _, err := track.Read(buffer)
		if err != nil {
			return
		}
		if payload, sequence, ok := parse(buffer[:n]); ok {
			t.add(sequence, payload)
		}
	}
}

func (t *trackCount) add(sequence uint16, payload int) {
	highest := t.highest.Load()
	if highest == 0 {
		// One cycle ahead: a packet from before the first one is no negative number.
		highest = int64(sequence) + 1<<16
		t.first.Store(highest)
		t.highest.Store(highest)
	} else if ahead := int64(int16(sequence - uint16(highest))); ahead > 0 {
		t.highest.Store(highest + ahead)
	}
	t.packets.Add(1)
	t.bytes.Add(int64(payload))
}

// parse returns the length of an RTP packet's payload (RFC 3550 section 5.1) without padding, and its sequence number.
// The payload is 0 where a server probes the bandwidth with padding alone.
func parse(packet []byte) (payload int, sequence uint16, ok bool) {
	if len(packet) < 12 {
		return 0, 0, false
	}
	header := 12 + 4*int(packet[0]&0x0f)
	if packet[0]&0x10 != 0 {
		if len(packet) < header+4 {
			return 0, 0, false
		}
		header += 4 + 4*(int(packet[header+2])<<8|int(packet[header+3]))
	}
	end := len(packet)
	if packet[0]&0x20 != 0 {
		end -= int(packet[end-1])
	}
	sequence = uint16(packet[2])<<8 | uint16(packet[3])
	return end - header, sequence, end >= header
}

func (c *crowd) counts() totals {
	c.mutex.Lock()
	defer c.mutex.Unlock()
	sum := totals{Connected: c.connected, Failed: c.failed, Tracks: len(c.tracks)}
	for _, s := range c.senders {
		sum.SentPackets += s.packets.Load()
		sum.SentBytes += s.bytes.Load()
		sum.KeyFrames += s.keyFrames.Load()
		// Of the time since it was last asked for.
		sum.LateMsMax = max(sum.LateMsMax, float64(s.lateMax.Swap(0))/1e6)
	}
	for _, track := range c.tracks {
		// Expected first: what arrives meanwhile must not look like a loss.
		highest := track.highest.Load()
		packets := track.packets.Load()
		if highest == 0 {
			continue
		}
		sum.Flowing++
		sum.ExpectedPackets += highest - track.first.Load() + 1
		sum.ReceivedPackets += packets
		sum.ReceivedBytes += track.bytes.Load()
	}
	return sum
}
