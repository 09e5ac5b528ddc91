package main

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"strconv"
	"time"
)

// dialect is how one kind of server is talked to. Deliveries look the same in all of them: the same bytes.
type dialect struct {
	// Behind the URL of the group.
	path string
	// Said first; nil: nothing has to be said.
	hello func(s *socket) string
	// Begins or stands in the frame that accepts it.
	accepted string
	// Asks for a topic; nil: the server knows by the URL.
	subscribe func(s *socket, t topic) string
	// Stands in the frame that says yes, and in the one that says no.
	subscribed, refused string
	// A frame that asks whether we live, and the answer to it.
	ping, pong string
}

var dialects = map[string]dialect{
	"ringback": {
		path:       "/v1/ws",
		hello:      connectMessage,
		accepted:   `"type":"connected"`,
		subscribe:  watchMessage,
		subscribed: `"ok":true`,
		refused:    `"ok":false`,
	},
	// WebSocket servers without a protocol of their own.
	"plain": {},
	// Engine.IO 4: an open packet comes by itself, 40 connects to the default namespace, 2 is a ping, 3 a pong.
	"socket.io": {
		path:     "&EIO=4&transport=websocket",
		hello:    func(*socket) string { return "40" },
		accepted: `40{`,
		ping:     "2",
		pong:     "3",
	},
	// Its JSON protocol, for a server that takes anonymous clients.
	"centrifugo": {
		path:     "/connection/websocket",
		hello:    func(*socket) string { return `{"id":1,"connect":{}}` },
		accepted: `"connect":{`,
		subscribe: func(_ *socket, t topic) string {
			return fmt.Sprintf(`{"id":2,"subscribe":{"channel":%q}}`, t.Name)
		},
		subscribed: `"subscribe":{`,
		refused:    `"error":{`,
		ping:       "{}",
		pong:       "{}",
	},
}

func connectMessage(s *socket) string {
	return fmt.Sprintf(`{"type":"connect","id":"%s","protocol":1,"token":"%s"}`, s.messageID(), s.token())
}

func watchMessage(s *socket, t topic) string {
	return fmt.Sprintf(`{"type":"watch","id":"%s","callId":%q,"after":%d}`, s.messageID(), t.Name, t.After)
}

// messageID is a UUID, as the ids of messages are.
func (s *socket) messageID() string {
	s.said++
	return fmt.Sprintf("%08x-0000-4000-8000-%012x", s.index, s.said)
}

// token is a join token (RFC 7519, HS256) for an hour: a user of its own, who may watch every call of the tenant.
func (s *socket) token() string {
	now := time.Now().Unix()
	claims := `{"iss":` + strconv.Quote(s.group.asked.APIKey) + `,"aud":"ringback","sub":"load-` + strconv.Itoa(s.index) +
		`","iat":` + strconv.FormatInt(now, 10) + `,"exp":` + strconv.FormatInt(now+3_600, 10) +
		`,"video":{"roomJoin":true,"roomAdmin":true}}`
	encode := base64.RawURLEncoding.EncodeToString
	signed := encode([]byte(`{"alg":"HS256","typ":"JWT"}`)) + "." + encode([]byte(claims))
	mac := hmac.New(sha256.New, []byte(s.group.asked.APISecret))
	mac.Write([]byte(signed))
	return signed + "." + encode(mac.Sum(nil))
}
