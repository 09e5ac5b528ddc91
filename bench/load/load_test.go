package main

import "testing"

func TestParse(t *testing.T) {
	plain := append([]byte{0x80, 101, 0x12, 0x34, 0, 0, 0, 0, 0, 0, 0, 0}, make([]byte, 50)...)
	if payload, sequence, ok := parse(plain); payload != 50 || sequence != 0x1234 || !ok {
		t.Fatalf("plain: %d, %x, %v", payload, sequence, ok)
	}
	// One header extension word, three bytes of padding.
	extended := append([]byte{0xb0, 101, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0xbe, 0xde, 0, 1, 0x10, 1, 0, 0}, 7, 7, 0, 0, 3)
	if payload, _, ok := parse(extended); payload != 2 || !ok {
		t.Fatalf("extended: %d, %v", payload, ok)
	}
	for _, bad := range [][]byte{nil, plain[:11], extended[:14]} {
		if _, _, ok := parse(bad); ok {
			t.Fatalf("%v is no packet", bad)
		}
	}
}

func TestSequenceWraps(t *testing.T) {
	var count trackCount
	for _, sequence := range []uint16{65_534, 65_535, 0, 2, 1} {
		count.add(sequence, 10)
	}
	if expected := count.highest.Load() - count.first.Load() + 1; expected != 5 {
		t.Fatalf("expected %d packets", expected)
	}
	if count.packets.Load() != 5 || count.bytes.Load() != 50 {
		t.Fatalf("%d packets, %d bytes", count.packets.Load(), count.bytes.Load())
	}
}

func TestVP8Header(t *testing.T) {
	payload := make([]byte, 20)
	vp8Header(payload, 5, true, true)
	if payload[0] != 0x90 || payload[2] != 0x80 || payload[3] != 5 || payload[4]&1 != 0 || payload[7] != 0x9d {
		t.Fatalf("key frame: %x", payload)
	}
	vp8Header(payload, 6, true, false)
	if payload[4]&1 != 1 {
		t.Fatalf("not a key frame: %x", payload)
	}
	vp8Header(payload, 6, false, true)
	if payload[0] != 0x80 {
		t.Fatalf("not a first packet: %x", payload)
	}
}
