package engine

import "sync"

// syncMap is a map with a type and a lock.
type syncMap[K comparable, V any] struct {
	mu     sync.Mutex
	values map[K]V
}

func (m *syncMap[K, V]) load(key K) (V, bool) {
	m.mu.Lock()
	defer m.mu.Unlock()
	value, ok := m.values[key]
	return value, ok
}

func (m *syncMap[K, V]) store(key K, value V) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.values == nil {
		m.values = map[K]V{}
	}
	m.values[key] = value
}

func (m *syncMap[K, V]) delete(key K) {
	m.mu.Lock()
	defer m.mu.Unlock()
	delete(m.values, key)
}
