package main

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
)

// book is the output file: one document a line, the newest last.
type book struct {
	file string
	docs []*document
}

func openBook(file string) (*book, error) {
	b := &book{file: file}
	text, err := os.Open(file)
	if errors.Is(err, fs.ErrNotExist) {
		return b, nil
	}
	if err != nil {
		return nil, fmt.Errorf("earlier runs: %w", err)
	}
	defer text.Close()
	lines := bufio.NewScanner(text)
	lines.Buffer(nil, 1<<20)
	for lines.Scan() {
		doc := &document{}
		if err := json.Unmarshal(lines.Bytes(), doc); err != nil {
			return nil, fmt.Errorf("earlier runs in %s: %w", file, err)
		}
		b.docs = append(b.docs, doc)
	}
	if err := lines.Err(); err != nil {
		return nil, fmt.Errorf("earlier runs in %s: %w", file, err)
	}
	return b, nil
}

func (b *book) add(d *document) (err error) {
	line, err := json.Marshal(d)
	if err != nil {
		return fmt.Errorf("encode the run: %w", err)
	}
	if err := os.MkdirAll(filepath.Dir(b.file), 0o755); err != nil {
		return fmt.Errorf("keep the run: %w", err)
	}
	file, err := os.OpenFile(b.file, os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o644)
	if err != nil {
		return fmt.Errorf("keep the run: %w", err)
	}
	defer func() { err = errors.Join(err, file.Close()) }()
	if _, err := file.Write(append(line, '\n')); err != nil {
		return fmt.Errorf("keep the run: %w", err)
	}
	b.docs = append(b.docs, d)
	return nil
}

// smaller is the last measurement of a phase in the same setting with the next smaller size, and that size; nil if there is
// none. Sizes under a thousand are left out: what does not grow with the objects hides there what does.
func (b *book) smaller(d *document, phase string) (found *measurement, size int) {
	for _, other := range b.docs {
		if other.Setting != d.Setting || other.Size >= d.Size || other.Size < max(1000, size) {
			continue
		}
		if m := other.phase(phase); m != nil {
			found, size = m, other.Size
		}
	}
	return found, size
}
