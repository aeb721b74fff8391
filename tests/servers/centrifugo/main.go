// A Centrifugo protocol server for the tests of kick_live: the real library behind the wire, and
// an HTTP door beside it through which a test publishes, refuses, unsubscribes and disconnects.
package main

import (
	"context"
	"errors"
	"flag"
	"log"
	"net/http"
	"os"
	"os/signal"
	"regexp"
	"strings"
	"syscall"
	"time"

	"github.com/centrifugal/centrifuge"
)

const kickOrigin = "https://kick.com"

type options struct {
	address, cert, key       string
	ping, pong               time.Duration
	ttl, grace, stale, delay time.Duration
	tokenPrefix, token       string
	checkOrigin              bool
	channelLimit             int
}

func parse() options {
	var o options
	flag.StringVar(&o.address, "address", "127.0.0.1:0", "host and port to listen on")
	flag.StringVar(&o.cert, "tls-cert", "", "certificate file; with -tls-key the server speaks TLS")
	flag.StringVar(&o.key, "tls-key", "", "private key file")
	flag.DurationVar(&o.ping, "ping", 25*time.Second, "time between two pings of the server")
	flag.DurationVar(&o.pong, "pong", 10*time.Second, "time a client has to answer a ping")
	flag.DurationVar(&o.ttl, "ttl", 0, "life of a token in whole seconds; 0 is for ever")
	flag.DurationVar(&o.grace, "grace", 25*time.Second, "time after a token's end until the close")
	flag.DurationVar(&o.stale, "stale", 15*time.Second, "time a client has to send connect")
	flag.DurationVar(&o.delay, "write-delay", 0, "time to gather replies and pushes into one frame")
	flag.StringVar(&o.tokenPrefix, "token-prefix", "", "accept only tokens that begin so")
	flag.StringVar(&o.token, "token", "", "accept only this token")
	flag.BoolVar(&o.checkOrigin, "check-origin", true, "refuse an Origin other than "+kickOrigin)
	flag.IntVar(&o.channelLimit, "channel-limit", 128, "topics a connection may have")
	flag.Parse()
	return o
}

// accepts says whether a token may connect or refresh at all, whatever word is in it.
func (o options) accepts(token string) bool {
	if o.token != "" && token != o.token {
		return false
	}
	return strings.HasPrefix(token, o.tokenPrefix)
}

// expireAt is the moment a token given now ends, or 0 if tokens last.
func (o options) expireAt() int64 {
	if o.ttl <= 0 {
		return 0
	}
	return time.Now().Add(o.ttl).Unix()
}

var words = regexp.MustCompile(`[A-Za-z0-9]+`)

// hasWord looks for a whole word, so that a chance run of letters inside a base64 token counts not.
func hasWord(token, word string) bool {
	for _, found := range words.FindAllString(token, -1) {
		if found == word {
			return true
		}
	}
	return false
}

// connectError is what the words in a token ask for when it connects.
func (o options) connectError(token string) error {
	switch {
	case hasWord(token, "expired"):
		return centrifuge.ErrorTokenExpired
	case hasWord(token, "perm"):
		return centrifuge.ErrorPermissionDenied
	case hasWord(token, "tmp"):
		return centrifuge.ErrorInternal
	case hasWord(token, "bad"), !o.accepts(token):
		return centrifuge.DisconnectInvalidToken
	}
	return nil
}

// refresh is what the words in a token ask for when it refreshes.
func (o options) refresh(token string) (centrifuge.RefreshReply, error) {
	switch {
	case hasWord(token, "bad"):
		return centrifuge.RefreshReply{}, centrifuge.ErrorTokenExpired
	case hasWord(token, "expired"):
		return centrifuge.RefreshReply{Expired: true}, nil
	case hasWord(token, "invalid"), !o.accepts(token):
		return centrifuge.RefreshReply{}, centrifuge.DisconnectInvalidToken
	}
	return centrifuge.RefreshReply{ExpireAt: o.expireAt()}, nil
}

func newNode(o options, refusals *refusals, counts *counts) (*centrifuge.Node, error) {
	node, err := centrifuge.New(centrifuge.Config{
		Version:                 "6.x",
		ClientExpiredCloseDelay: o.grace,
		ClientStaleCloseDelay:   o.stale,
		ClientChannelLimit:      o.channelLimit,
		LogLevel:                centrifuge.LogLevelWarn,
		LogHandler: func(entry centrifuge.LogEntry) {
			log.Printf("%s %v", entry.Message, entry.Fields)
		},
	})
	if err != nil {
		return nil, err
	}
	node.OnConnecting(func(_ context.Context, event centrifuge.ConnectEvent) (centrifuge.ConnectReply, error) {
		if err := o.connectError(event.Token); err != nil {
			return centrifuge.ConnectReply{}, err
		}
		return centrifuge.ConnectReply{
			Credentials:       &centrifuge.Credentials{ExpireAt: o.expireAt()},
			ClientSideRefresh: true,
			WriteDelay:        o.delay,
		}, nil
	})
	node.OnConnect(func(client *centrifuge.Client) {
		counts.connected.Add(1)
		client.OnSubscribe(func(event centrifuge.SubscribeEvent, reply centrifuge.SubscribeCallback) {
			reply(centrifuge.SubscribeReply{}, refusals.take(event.Channel))
		})
		client.OnRefresh(func(event centrifuge.RefreshEvent, reply centrifuge.RefreshCallback) {
			counts.refreshed.Add(1)
			reply(o.refresh(event.Token))
		})
	})
	return node, nil
}

func run(o options) error {
	refused, counted := newRefusals(), &counts{}
	node, err := newNode(o, refused, counted)
	if err != nil {
		return err
	}
	if err := node.Run(); err != nil {
		return err
	}
	routes := http.NewServeMux()
	routes.Handle("/connection/websocket", centrifuge.NewWebsocketHandler(node, centrifuge.WebsocketConfig{
		CheckOrigin: func(request *http.Request) bool {
			origin := request.Header.Get("Origin")
			return !o.checkOrigin || origin == "" || origin == kickOrigin
		},
		PingPongConfig: centrifuge.PingPongConfig{PingInterval: o.ping, PongTimeout: o.pong},
	}))
	addControl(routes, node, refused, counted)

	server := &http.Server{Addr: o.address, Handler: routes, ReadHeaderTimeout: 5 * time.Second}
	stopped := make(chan struct{})
	go func() {
		defer close(stopped)
		signals := make(chan os.Signal, 1)
		signal.Notify(signals, syscall.SIGTERM, os.Interrupt)
		<-signals
		// The door first, so that a client that is quick to return does not find the old server;
		// its WebSockets are not the HTTP server's any more and stay open.
		ctx, cancel := context.WithTimeout(context.Background(), time.Second)
		defer cancel()
		_ = server.Shutdown(ctx)
		_ = node.Shutdown(ctx) // closes every client with 3001
	}()

	if o.cert != "" {
		err = server.ListenAndServeTLS(o.cert, o.key)
	} else {
		err = server.ListenAndServe()
	}
	if !errors.Is(err, http.ErrServerClosed) {
		return err
	}
	<-stopped
	return nil
}

func main() {
	if err := run(parse()); err != nil {
		log.Fatal(err)
	}
}
