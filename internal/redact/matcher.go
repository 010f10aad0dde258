package redact

// window is how many bytes of a secret are hashed to find where it may begin.
const window = shortest

// cutFrom is how much of a secret's beginning counts as the secret: somebody may have cut it off.
const cutFrom = 16

// span is a piece of a text.
type span struct{ from, to int }

// matcher finds many secrets in one pass: what it costs does not depend on how many there are.
type matcher struct {
	// may has a bit for each hash that a secret begins with.
	may     [1 << 16 / 64]uint64
	secrets map[uint32][]string
	// least is the length of the shortest one.
	least int
	// cut: a long beginning of a secret counts as the secret.
	cut bool
}

func newMatcher(secrets []string, cut bool) *matcher {
	m := &matcher{secrets: map[uint32][]string{}, cut: cut}
	for _, secret := range secrets {
		head := headOf([]byte(secret))
		m.secrets[head] = append(m.secrets[head], secret)
		bit := mix(head)
		m.may[bit/64] |= 1 << (bit % 64)
		if m.least == 0 || len(secret) < m.least {
			m.least = len(secret)
		}
	}
	return m
}

func (m *matcher) empty() bool { return len(m.secrets) == 0 }

// plain returns where secrets stand as they are, without regard to the case of letters.
func (m *matcher) plain(text []byte) []span {
	if len(text) < window {
		return nil
	}
	var found []span
	head := headOf(text)
	for at, covered := 0, 0; ; at++ {
		if bit := mix(head); at >= covered && m.may[bit/64]&(1<<(bit%64)) != 0 {
			if length := m.longest(head, text, at); length > 0 {
				found = append(found, span{at, at + length})
				covered = at + length
			}
		}
		if at+window >= len(text) {
			return found
		}
		head = head>>8 | uint32(folded[text[at+window]])<<24
	}
}

// longest returns how much of a text from at on is one of the secrets that begin like it.
func (m *matcher) longest(head uint32, text []byte, at int) int {
	length := 0
	for _, secret := range m.secrets[head] {
		length = max(length, m.matched(secret, text, at))
	}
	return length
}

// matched returns how much of a text from at on is the secret, or a long beginning of it; 0 if it is not. A weak secret
// must be a word of its own.
func (m *matcher) matched(secret string, text []byte, at int) int {
	length := 0
	for length < len(secret) && at+length < len(text) && folded[secret[length]] == folded[text[at+length]] {
		length++
	}
	switch {
	case length < len(secret) && (!m.cut || length < cutFrom):
		return 0
	case !strong(secret) && (at > 0 && wordly(text[at-1]) || at+length < len(text) && wordly(text[at+length])):
		return 0
	}
	return length
}

func headOf(text []byte) uint32 {
	return uint32(folded[text[0]]) | uint32(folded[text[1]])<<8 | uint32(folded[text[2]])<<16 | uint32(folded[text[3]])<<24
}

func mix(head uint32) uint32 { return head * 2654435761 >> 16 }

// folded makes letters of either case equal, and a plus sign equal to the space that it stands for in forms.
var folded = func() (table [256]byte) {
	for i := range table {
		table[i] = byte(i)
		if 'A' <= i && i <= 'Z' {
			table[i] |= 0x20
		}
	}
	table['+'] = ' '
	return table
}()

func wordly(b byte) bool {
	return 'a' <= b && b <= 'z' || 'A' <= b && b <= 'Z' || '0' <= b && b <= '9'
}
