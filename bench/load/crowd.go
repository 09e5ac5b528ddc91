package main

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"errors"
	"fmt"
	"net"
	"strings"
	"sync"

	"github.com/pion/interceptor"
	"github.com/pion/webrtc/v4"
)

// Payload types as the routers have them: nothing is mapped on the way in.
const (
	opusPayloadType = 100
	vp8PayloadType  = 101
)

// crowd is everybody's peer connections. They share one certificate, as one page's do.
type crowd struct {
	api           *webrtc.API
	configuration webrtc.Configuration
	fingerprint   string
	stopped       chan struct{}

	mutex   sync.Mutex
	peers   map[string]*webrtc.PeerConnection
	senders []*sender
	tracks  []*trackCount
	// Connections whose DTLS is through, and those that failed or closed.
	connected, failed int
}

func newCrowd(address string) (*crowd, error) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return nil, err
	}
	certificate, err := webrtc.GenerateCertificate(key)
	if err != nil {
		return nil, err
	}
	fingerprints, err := certificate.GetFingerprints()
	if err != nil {
		return nil, err
	}
	api, err := newAPI(net.ParseIP(address))
	if err != nil {
		return nil, err
	}
	return &crowd{
		api:           api,
		configuration: webrtc.Configuration{Certificates: []webrtc.Certificate{*certificate}},
		fingerprint:   strings.ToUpper(fingerprints[0].Value),
		stopped:       make(chan struct{}),
		peers:         map[string]*webrtc.PeerConnection{},
	}, nil
}

func newAPI(address net.IP) (*webrtc.API, error) {
	if address.To4() == nil {
		return nil, errors.New("--address must be an IPv4 address")
	}
	media := &webrtc.MediaEngine{}
	feedback := []webrtc.RTCPFeedback{{Type: "nack"}, {Type: "nack", Parameter: "pli"}, {Type: "goog-remb"}}
	codecs := map[webrtc.RTPCodecType]webrtc.RTPCodecParameters{
		webrtc.RTPCodecTypeAudio: {
			RTPCodecCapability: webrtc.RTPCodecCapability{MimeType: webrtc.MimeTypeOpus, ClockRate: 48_000, Channels: 2},
			PayloadType:        opusPayloadType,
		},
		webrtc.RTPCodecTypeVideo: {
			RTPCodecCapability: webrtc.RTPCodecCapability{MimeType: webrtc.MimeTypeVP8, ClockRate: 90_000, RTCPFeedback: feedback},
			PayloadType:        vp8PayloadType,
		},
	}
	for kind, codec := range codecs {
		if err := media.RegisterCodec(codec, kind); err != nil {
			return nil, err
		}
	}
	// What a browser does all the time: reports and transport-wide feedback. No NACK, although it is announced: the
	// servers keep what could be asked for, and what was lost stays lost and is counted.
	interceptors := &interceptor.Registry{}
	if err := webrtc.ConfigureRTCPReports(interceptors); err != nil {
		return nil, err
	}
	if err := webrtc.ConfigureTWCCHeaderExtensionSender(media, interceptors); err != nil {
		return nil, err
	}
	if err := webrtc.ConfigureTWCCSender(media, interceptors); err != nil {
		return nil, err
	}
	settings := webrtc.SettingEngine{}
	settings.SetIncludeLoopbackCandidate(true)
	settings.SetNetworkTypes([]webrtc.NetworkType{webrtc.NetworkTypeUDP4})
	settings.SetIPFilter(func(ip net.IP) bool { return ip.Equal(address) })
	return webrtc.NewAPI(
		webrtc.WithMediaEngine(media),
		webrtc.WithInterceptorRegistry(interceptors),
		webrtc.WithSettingEngine(settings),
	), nil
}

func (c *crowd) open(name string) (*webrtc.PeerConnection, error) {
	peer, err := c.api.NewPeerConnection(c.configuration)
	if err != nil {
		return nil, err
	}
	c.mutex.Lock()
	defer c.mutex.Unlock()
	if c.peers[name] != nil {
		return nil, errors.Join(fmt.Errorf("there is a peer %q already", name), peer.Close())
	}
	c.peers[name] = peer
	peer.OnConnectionStateChange(func(state webrtc.PeerConnectionState) {
		c.mutex.Lock()
		defer c.mutex.Unlock()
		switch state {
		case webrtc.PeerConnectionStateConnected:
			c.connected++
		case webrtc.PeerConnectionStateFailed, webrtc.PeerConnectionStateClosed:
			c.failed++
		}
	})
	return peer, nil
}

// send makes somebody's sending connection: one microphone, one camera. Returns the offer.
func (c *crowd) send(name string, videoBps int) (string, error) {
	peer, err := c.open(name)
	if err != nil {
		return "", err
	}
	s := newSender(videoBps)
	for _, track := range s.tracks() {
		to, err := peer.AddTransceiverFromTrack(track, webrtc.RTPTransceiverInit{
			Direction: webrtc.RTPTransceiverDirectionSendonly,
		})
		if err != nil {
			return "", err
		}
		go s.heed(to.Sender())
	}
	c.mutex.Lock()
	c.senders = append(c.senders, s)
	c.mutex.Unlock()
	offer, err := peer.CreateOffer(nil)
	if err != nil {
		return "", err
	}
	return setLocal(peer, offer)
}

func (c *crowd) answered(name, sdp string) error {
	c.mutex.Lock()
	peer := c.peers[name]
	c.mutex.Unlock()
	if peer == nil {
		return fmt.Errorf("there is no peer %q", name)
	}
	return peer.SetRemoteDescription(webrtc.SessionDescription{Type: webrtc.SDPTypeAnswer, SDP: sdp})
}

// receive makes somebody's receiving connection from the server's offer. Returns the answer.
func (c *crowd) receive(name, sdp string) (string, error) {
	peer, err := c.open(name)
	if err != nil {
		return "", err
	}
	peer.OnTrack(func(track *webrtc.TrackRemote, _ *webrtc.RTPReceiver) {
		count := &trackCount{}
		c.mutex.Lock()
		c.tracks = append(c.tracks, count)
		c.mutex.Unlock()
		count.read(track)
	})
	offer := webrtc.SessionDescription{Type: webrtc.SDPTypeOffer, SDP: sdp}
	if err := peer.SetRemoteDescription(offer); err != nil {
		return "", err
	}
	// Nothing else would read RTCP, and the interceptors work on what is read.
	for _, receiver := range peer.GetReceivers() {
		go drain(receiver)
	}
	answer, err := peer.CreateAnswer(nil)
	if err != nil {
		return "", err
	}
	return setLocal(peer, answer)
}

func drain(receiver *webrtc.RTPReceiver) {
	buffer := make([]byte, 1500)
	for {
		if _, _, err := receiver.Read(buffer); err != nil {
			return
		}
	}
}

// setLocal returns the description with all candidates.
func setLocal(peer *webrtc.PeerConnection, description webrtc.SessionDescription) (string, error) {
	gathered := webrtc.GatheringCompletePromise(peer)
	if err := peer.SetLocalDescription(description); err != nil {
		return "", err
	}
	<-gathered
	return peer.LocalDescription().SDP, nil
}

func (c *crowd) start() {
	c.mutex.Lock()
	defer c.mutex.Unlock()
	for index, s := range c.senders {
		go s.run(index, len(c.senders), c.stopped)
	}
}

func (c *crowd) close() {
	close(c.stopped)
	c.mutex.Lock()
	peers := c.peers
	c.mutex.Unlock()
	var all sync.WaitGroup
	for _, peer := range peers {
		all.Add(1)
		go func() {
			defer all.Done()
			_ = peer.Close() // it ends anyway
		}()
	}
	all.Wait()
}
