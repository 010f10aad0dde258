package webex

import (
	"sync"
	"time"

	"wxcc.dev/operator/internal/remote"
)

// pulse is the health of the contact center.
type pulse struct {
	mu     sync.Mutex
	health remote.Health
}

// Trouble tells why the contact center gives no proper answers, by all calls that were made to it; nil while it does.
func (c *Client) Trouble() error {
	c.pulse.mu.Lock()
	defer c.pulse.mu.Unlock()
	_, err := c.pulse.health.Trouble()
	return err
}

// feel takes in how a call ended.
func (c *Client) feel(call call, err error) {
	if call.base != c.options.ContactCenterURL {
		return
	}
	c.pulse.mu.Lock()
	c.pulse.health.Note(err, time.Now())
	news := c.pulse.health.News()
	c.pulse.mu.Unlock()
	if news {
		c.options.Changed()
	}
}
