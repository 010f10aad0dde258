package instance

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"net"
	"os"
	"path/filepath"
	"strconv"
)

// SamplePort is where config/samples expect the simulator.
const SamplePort = 8090

// Ports of the three processes on 127.0.0.1; kept in a file so that a process that is started again takes its old one.
type Ports struct {
	Simulator int
	Metrics   int
	Probes    int
}

func portsFile(dir string) string { return filepath.Join(dir, "ports.json") }

// ReadPorts reads what Write wrote into the directory; without it, the ports that config/samples expect.
func ReadPorts(dir string) (Ports, error) {
	p := Ports{Simulator: SamplePort}
	text, err := os.ReadFile(portsFile(dir))
	if errors.Is(err, fs.ErrNotExist) {
		return p, nil
	}
	if err != nil {
		return p, err
	}
	return p, json.Unmarshal(text, &p)
}

// Write keeps the ports in the directory.
func (p Ports) Write(dir string) error {
	text, err := json.Marshal(p)
	if err != nil {
		return err
	}
	return os.WriteFile(portsFile(dir), text, 0o600)
}

// freePort is the preferred port when nobody listens on it, else any free one; 0 prefers none.
func freePort(preferred int) (int, error) {
	listener, err := net.Listen("tcp", loopback(preferred))
	if err != nil && preferred != 0 {
		listener, err = net.Listen("tcp", loopback(0))
	}
	if err != nil {
		return 0, fmt.Errorf("no free port: %w", err)
	}
	_, port, err := net.SplitHostPort(listener.Addr().String())
	if err := errors.Join(err, listener.Close()); err != nil {
		return 0, err
	}
	return strconv.Atoi(port)
}

func loopback(port int) string {
	return net.JoinHostPort("127.0.0.1", strconv.Itoa(port))
}
