// Package token keeps the OAuth tokens of one organization: it reads them from the organization's Secret, renews them
// before they end, and writes what it got into that Secret before anybody may use it.
//
// A refresh token that the token server replaces at each use and invalidates at once cannot survive a crash between
// the server's answer and the write of the Secret: the new one is lost with the process and the old one is dead. The
// organization then shows ReconnectRequired and needs new consent. Servers that keep the refresh token, extend it,
// leave it out of the answer, or let the replaced one live on for a while survive such a crash: the next process
// refreshes once more with the token in the Secret.
package token
