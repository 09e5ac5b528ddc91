package main

import (
	"encoding/binary"
	"sync/atomic"
	"time"

	"github.com/pion/rtcp"
	"github.com/pion/rtp"
	"github.com/pion/webrtc/v4"
)

const (
	// Opus at 32 kbit/s in frames of 20 ms.
	audioBytes   = 80
	audioEvery   = 20 * time.Millisecond
	audioSamples = 960
	// As browsers cut video for an MTU of 1,200.
	videoBytes  = 1_100
	videoEvery  = time.Second / 30
	videoTicks  = 3_000
	pictureMask = 0x7fff
)

// sender is one person's microphone and camera. Contents are noise; lengths, pace and headers are what servers look at.
type sender struct {
	audio, video *webrtc.TrackLocalStaticRTP
	videoBps     int
	// Set where a server asks for one.
	keyFrame atomic.Bool

	packets, bytes, keyFrames atomic.Int64
	// How late a packet was sent at worst. Nanoseconds.
	lateMax atomic.Int64
}

func newSender(videoBps int) *sender {
	s := &sender{videoBps: videoBps}
	s.audio = newTrack(webrtc.MimeTypeOpus, 48_000, 2, "microphone")
	s.video = newTrack(webrtc.MimeTypeVP8, 90_000, 0, "camera")
	s.keyFrame.Store(true)
	return s
}

func newTrack(mimeType string, clockRate uint32, channels uint16, id string) *webrtc.TrackLocalStaticRTP {
	codec := webrtc.RTPCodecCapability{MimeType: mimeType, ClockRate: clockRate, Channels: channels}
	// Fails for a bad RID alone, and there is none.
	track, _ := webrtc.NewTrackLocalStaticRTP(codec, id, "person")
	return track
}

func (s *sender) tracks() []webrtc.TrackLocal {
	return []webrtc.TrackLocal{s.audio, s.video}
}

// heed answers PLI and FIR with a key frame, and keeps the sender's RTCP read.
func (s *sender) heed(to *webrtc.RTPSender) {
	for {
		packets, _, err := to.ReadRTCP()
		if err != nil {
			return
		}
		for _, packet := range packets {
			switch packet.(type) {
			case *rtcp.PictureLossIndication, *rtcp.FullIntraRequest:
				s.keyFrame.Store(true)
			}
		}
	}
}

// run sends until stopped. The senders' frames are spread over a frame's time: no burst that real people would not make.
func (s *sender) run(index, of int, stopped <-chan struct{}) {
	share := func(every time.Duration) time.Duration { return every * time.Duration(index) / time.Duration(of) }
	begin := time.Now()
	go s.pace(begin.Add(share(audioEvery)), audioEvery, stopped, s.audioFrame())
	go s.pace(begin.Add(share(videoEvery)), videoEvery, stopped, s.videoFrame())
}

// pace calls at fixed times: what was late is made up for, and the longest delay is kept.
func (s *sender) pace(due time.Time, every time.Duration, stopped <-chan struct{}, frame func()) {
	for {
		select {
		case <-stopped:
			return
		case <-time.After(time.Until(due)):
		}
		late := int64(time.Since(due))
		for {
			max := s.lateMax.Load()
			if late <= max || s.lateMax.CompareAndSwap(max, late) {
				break
			}
		}
		frame()
		due = due.Add(every)
	}
}

func (s *sender) audioFrame() func() {
	header := rtp.Header{Version: 2}
	payload := make([]byte, audioBytes)
	payload[0] = 0x78 // TOC (RFC 6716 section 3.1): CELT, fullband, 20 ms, mono
	return func() {
		s.write(s.audio, header, payload)
		header.SequenceNumber++
		header.Timestamp += audioSamples
	}
}

func (s *sender) videoFrame() func() {
	header := rtp.Header{Version: 2}
	payload := make([]byte, videoBytes)
	perFrame := float64(s.videoBps) / 8 * videoEvery.Seconds() / videoBytes
	due := 0.0
	picture := uint16(0)
	return func() {
		due += perFrame
		packets := max(1, int(due))
		due -= float64(packets)
		key := s.keyFrame.Swap(false)
		if key {
			s.keyFrames.Add(1)
		}
		for index := range packets {
			vp8Header(payload, picture, index == 0, key)
			header.Marker = index == packets-1
			s.write(s.video, header, payload)
			header.SequenceNumber++
		}
		header.Timestamp += videoTicks
		picture = (picture + 1) & pictureMask
	}
}

// vp8Header writes the payload descriptor with a picture id of 15 bits (RFC 7741 section 4.2) and, in a frame's first
// packet, the payload header (section 4.3) of a picture of 640x360.
func vp8Header(payload []byte, picture uint16, first, key bool) {
	const x, s, i, m = 0x80, 0x10, 0x80, 0x8000
	payload[0], payload[1] = x, i
	binary.BigEndian.PutUint16(payload[2:], m|picture)
	clear(payload[4:14])
	if !first {
		return
	}
	payload[0] |= s
	if !key {
		payload[4] = 1 // P: not a key frame
		return
	}
	copy(payload[7:], []byte{0x9d, 0x01, 0x2a})
	binary.LittleEndian.PutUint16(payload[10:], 640)
	binary.LittleEndian.PutUint16(payload[12:], 360)
}

func (s *sender) write(track *webrtc.TrackLocalStaticRTP, header rtp.Header, payload []byte) {
	// Before the connection is there, or after it is gone: not sent, not counted; what misses at receivers shows.
	if track.WriteRTP(&rtp.Packet{Header: header, Payload: payload}) != nil {
		return
	}
	s.packets.Add(1)
	s.bytes.Add(int64(len(payload)))
}
