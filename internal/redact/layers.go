package redact

// maxLayers is how many encodings one inside another are seen through: a header in base64, in a query, in JSON.
const maxLayers = 5

// search is one search of a text.
type search struct {
	*matcher
	// left is how many more bytes are decoded. Only a text made for it needs so many.
	left int
	// buffers for what is decoded, one a layer.
	buffers [maxLayers + 1][]byte
}

func (m *matcher) search(text []byte) []span {
	const factor, least = 12, 1 << 16
	s := search{matcher: m, left: factor*len(text) + least}
	return s.find(text, maxLayers)
}

// find returns where secrets stand in a text, in any spelling. Spans may overlap and come in no order.
func (s *search) find(text []byte, layers int) []span {
	found := s.plain(text)
	if layers == 0 {
		return found
	}
	if inner := unescape(text); inner != nil {
		s.left -= len(inner.text)
		for _, one := range s.find(inner.text, layers-1) {
			found = append(found, span{inner.origin(one.from), inner.origin(one.to)})
		}
	}
	found = append(found, s.encoded(text, layers, base64Runs)...)
	return append(found, s.encoded(text, layers, hexRuns)...)
}

// runs are texts of one alphabet, each byte of which stands for so many bits.
type runs struct {
	bits  int
	value *[256]int8
	// phases in which a run may begin: in the middle of a text that nobody knows the beginning of.
	phases int
}

const (
	outside = -1
	// skipped belongs to a run and means nothing: line ends in base64.
	skipped = -2
)

var (
	base64Runs = runs{bits: 6, phases: 4, value: alphabet("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/", "-_\r\n", 62, 63, skipped, skipped)}
	hexRuns    = runs{bits: 4, phases: 2, value: alphabet("0123456789abcdef", "ABCDEF", 10, 11, 12, 13, 14, 15)}
)

func alphabet(letters, others string, values ...int8) *[256]int8 {
	var table [256]int8
	for i := range table {
		table[i] = outside
	}
	for i := range len(letters) {
		table[letters[i]] = int8(i)
	}
	for i := range len(others) {
		table[others[i]] = values[i]
	}
	return &table
}

// encoded returns the runs of an alphabet that a secret is in. A run is removed as a whole: what is left of it would not
// be readable anyway.
func (s *search) encoded(text []byte, layers int, kind runs) []span {
	var found []span
	least := (s.least*8 + kind.bits - 1) / kind.bits
	for at := 0; at < len(text); {
		if kind.value[text[at]] == outside {
			at++
			continue
		}
		from := at
		for at < len(text) && kind.value[text[at]] != outside {
			at++
		}
		if at-from >= least && s.hidden(text[from:at], layers, kind) {
			found = append(found, span{from, at})
		}
	}
	return found
}

// hidden tells whether a run decodes to a text with a secret, whichever letter it begins with. One that cannot be searched
// to the end counts as if it did.
func (s *search) hidden(run []byte, layers int, kind runs) bool {
	buffer := &s.buffers[layers]
	for phase := range kind.phases {
		*buffer = kind.decode((*buffer)[:0], run, phase)
		decoded := *buffer
		if s.left -= len(decoded); s.left < 0 {
			return true
		}
		if len(s.plain(decoded)) > 0 || s.within(decoded, layers-1) {
			return true
		}
	}
	return false
}

// within looks for further encodings in what is readable of a decoded text: all of them are, and what was never encoded
// hardly is.
func (s *search) within(decoded []byte, layers int) bool {
	for at := 0; at < len(decoded); at++ {
		from := at
		for at < len(decoded) && readable(decoded[at]) {
			at++
		}
		if at-from >= s.least && len(s.find(decoded[from:at], layers)) > 0 {
			return true
		}
	}
	return false
}

func readable(b byte) bool { return ' ' <= b && b <= '~' || '\t' <= b && b <= '\r' }

// decode reads a run from its letter number phase on.
func (kind runs) decode(into, run []byte, phase int) []byte {
	bits, held := uint32(0), 0
	for _, letter := range run {
		value := kind.value[letter]
		if value == skipped {
			continue
		}
		if phase > 0 {
			phase--
			continue
		}
		bits = bits<<kind.bits | uint32(value)
		if held += kind.bits; held >= 8 {
			held -= 8
			into = append(into, byte(bits>>held))
		}
	}
	return into
}
