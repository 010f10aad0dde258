// Package consent turns an administrator's consent at Webex into tokens in an organization's Secret.
//
// It serves the web page on which the authorization code grant with PKCE begins and ends, and it checks what comes of a
// grant of any kind before it is stored: the tokens must belong to the organization that the resource is pinned to, and
// they must carry the scopes without which nothing works. Otherwise nothing is written and older tokens stay.
//
// Every replica of the manager serves the page. What a browser has begun on one it may end on another: the link and the
// cookie of an attempt are made with keys that are derived from the organization's client secret, which every replica
// can read, and the end of an attempt is kept in the Secret's annotations.
package consent
