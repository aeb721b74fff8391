package main

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"

	"github.com/centrifugal/centrifuge"
)

// counts are what a test may wait for.
type counts struct{ connected, refreshed atomic.Int64 }

// refusal is the answer to the next `left` subscriptions of a topic; below zero is for ever.
type refusal struct {
	code uint32
	left int
}

// refusals holds the topics that a test has asked to be refused, and knows those refused by name.
type refusals struct {
	lock   sync.Mutex
	topics map[string]refusal
}

func newRefusals() *refusals { return &refusals{topics: map[string]refusal{}} }

func (r *refusals) set(topic string, code uint32, times int) {
	r.lock.Lock()
	defer r.lock.Unlock()
	if code == 0 || times == 0 {
		delete(r.topics, topic)
		return
	}
	r.topics[topic] = refusal{code: code, left: times}
}

// take gives the answer to one subscription: nil to accept it.
func (r *refusals) take(topic string) error {
	r.lock.Lock()
	defer r.lock.Unlock()
	if found, ok := r.topics[topic]; ok {
		if found.left > 0 {
			found.left--
			r.topics[topic] = found
		}
		if found.left == 0 {
			delete(r.topics, topic)
		}
		return protocolError(found.code)
	}
	prefix, _, _ := strings.Cut(topic, ":")
	switch prefix {
	case topic: // no colon: a name as Kick's are
		return nil
	case "deny":
		return centrifuge.ErrorPermissionDenied
	case "unknown":
		return centrifuge.ErrorUnknownChannel
	case "tmp":
		return centrifuge.ErrorInternal
	case "tokexp":
		return centrifuge.ErrorTokenExpired
	}
	return nil
}

func protocolError(code uint32) error {
	known := []*centrifuge.Error{
		centrifuge.ErrorInternal, centrifuge.ErrorUnauthorized, centrifuge.ErrorUnknownChannel,
		centrifuge.ErrorPermissionDenied, centrifuge.ErrorMethodNotFound, centrifuge.ErrorAlreadySubscribed,
		centrifuge.ErrorLimitExceeded, centrifuge.ErrorBadRequest, centrifuge.ErrorNotAvailable,
		centrifuge.ErrorTokenExpired, centrifuge.ErrorExpired, centrifuge.ErrorTooManyRequests,
	}
	for _, candidate := range known {
		if candidate.Code == code {
			return candidate
		}
	}
	return &centrifuge.Error{Code: code, Message: "refused by the test"}
}

// number reads a whole number from the query, or gives the fallback if it is absent.
func number(request *http.Request, name string, fallback int) (int, error) {
	text := request.URL.Query().Get(name)
	if text == "" {
		return fallback, nil
	}
	value, err := strconv.Atoi(text)
	if err != nil {
		return 0, fmt.Errorf("%s must be a whole number, not %q", name, text)
	}
	return value, nil
}

type action func(*http.Request) (any, error)

// post answers a POST with what the action gives as JSON, or with 400 and its error.
func post(routes *http.ServeMux, path string, do action) {
	routes.HandleFunc("POST "+path, func(writer http.ResponseWriter, request *http.Request) {
		writer.Header().Set("Content-Type", "application/json")
		result, err := do(request)
		if err != nil {
			writer.WriteHeader(http.StatusBadRequest)
			result = map[string]string{"error": err.Error()}
		}
		_ = json.NewEncoder(writer).Encode(result)
	})
}

func addControl(routes *http.ServeMux, node *centrifuge.Node, refused *refusals, counted *counts) {
	done := map[string]bool{"ok": true}

	routes.HandleFunc("GET /healthz", func(writer http.ResponseWriter, _ *http.Request) {
		_, _ = io.WriteString(writer, "ok")
	})
	routes.HandleFunc("GET /stats", func(writer http.ResponseWriter, request *http.Request) {
		topic := request.URL.Query().Get("channel")
		_ = json.NewEncoder(writer).Encode(map[string]int64{
			"clients":     int64(node.Hub().NumClients()),
			"subscribers": int64(node.Hub().NumSubscribers(topic)),
			"connected":   counted.connected.Load(),
			"refreshed":   counted.refreshed.Load(),
		})
	})
	// The body is published n times; with split=1 it is a JSON array whose items are published in turn.
	post(routes, "/publish", func(request *http.Request) (any, error) {
		topic := request.URL.Query().Get("channel")
		n, err := number(request, "n", 1)
		if err != nil {
			return nil, err
		}
		body, err := io.ReadAll(request.Body)
		if err != nil {
			return nil, err
		}
		if !json.Valid(body) { // a publication that is no JSON closes every subscriber with 3506
			return nil, fmt.Errorf("the body is not JSON")
		}
		items := []json.RawMessage{body}
		if request.URL.Query().Get("split") == "1" {
			if err := json.Unmarshal(body, &items); err != nil {
				return nil, err
			}
		}
		for range n {
			for _, item := range items {
				if _, err := node.Publish(topic, item); err != nil {
					return nil, err
				}
			}
		}
		return map[string]int{"published": n * len(items), "subscribers": node.Hub().NumSubscribers(topic)}, nil
	})
	post(routes, "/refuse", func(request *http.Request) (any, error) {
		code, err := number(request, "code", 0)
		if err != nil {
			return nil, err
		}
		times, err := number(request, "times", -1)
		if err != nil {
			return nil, err
		}
		refused.set(request.URL.Query().Get("channel"), uint32(code), times)
		return done, nil
	})
	post(routes, "/unsubscribe", func(request *http.Request) (any, error) {
		code, err := number(request, "code", 2000)
		if err != nil {
			return nil, err
		}
		topic := request.URL.Query().Get("channel")
		reason := request.URL.Query().Get("reason")
		if reason == "" {
			reason = "server unsubscribe"
		}
		for _, client := range node.Hub().Connections() {
			if client.IsSubscribed(topic) {
				client.Unsubscribe(topic, centrifuge.Unsubscribe{Code: uint32(code), Reason: reason})
			}
		}
		return done, nil
	})
	post(routes, "/disconnect", func(request *http.Request) (any, error) {
		code, err := number(request, "code", 3000)
		if err != nil {
			return nil, err
		}
		for _, client := range node.Hub().Connections() {
			client.Disconnect(centrifuge.Disconnect{Code: uint32(code), Reason: request.URL.Query().Get("reason")})
		}
		return done, nil
	})
}
