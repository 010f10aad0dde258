package consent

import (
	"net"
	"net/http"
	"net/netip"
	"sync"
	"time"

	"golang.org/x/time/rate"
)

// What the page serves, requests per second and burst: to one remote address, and to all. A page takes three requests,
// and behind an ingress all browsers may share one address.
const (
	addressRate, addressBurst = 5, 60
	overallRate, overallBurst = 50, 200
)

// rememberedAddresses bounds the memory that strangers can take.
const rememberedAddresses = 4096

// limits admits requests by remote address and overall.
type limits struct {
	now     func() time.Time
	overall *rate.Limiter

	mu        sync.Mutex
	addresses map[netip.Prefix]*rate.Limiter
}

func newLimits(now func() time.Time) *limits {
	return &limits{now: now, overall: rate.NewLimiter(overallRate, overallBurst), addresses: map[netip.Prefix]*rate.Limiter{}}
}

// admit counts a request. One address at its limit takes nothing of what all share.
func (l *limits) admit(r *http.Request) bool {
	now := l.now()
	return l.of(networkOf(r.RemoteAddr), now).AllowN(now, 1) && l.overall.AllowN(now, 1)
}

func (l *limits) of(network netip.Prefix, now time.Time) *rate.Limiter {
	l.mu.Lock()
	defer l.mu.Unlock()
	limiter, known := l.addresses[network]
	if !known {
		if len(l.addresses) >= rememberedAddresses {
			l.forget(now)
		}
		limiter = rate.NewLimiter(addressRate, addressBurst)
		l.addresses[network] = limiter
	}
	return limiter
}

// forget drops the addresses that have been quiet, or all where none has: the overall limit still holds.
func (l *limits) forget(now time.Time) {
	for network, limiter := range l.addresses {
		if limiter.TokensAt(now) >= addressBurst {
			delete(l.addresses, network)
		}
	}
	if len(l.addresses) >= rememberedAddresses {
		clear(l.addresses)
	}
}

// networkOf is the remote address, or its /64 for IPv6, which one household has.
func networkOf(remote string) netip.Prefix {
	host, _, err := net.SplitHostPort(remote)
	if err != nil {
		host = remote
	}
	address, err := netip.ParseAddr(host)
	if err != nil {
		return netip.Prefix{}
	}
	bits := 32
	if address = address.Unmap().WithZone(""); address.Is6() {
		bits = 64
	}
	network, err := address.Prefix(bits)
	if err != nil {
		return netip.Prefix{}
	}
	return network
}
