// Package remote is the vocabulary between the engine and the services it configures: objects as the services spell
// them, what a collection of them can do, and what an error means. It imports nothing of the operator.
package remote
