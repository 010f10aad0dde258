// Command bench measures what the operator costs: requests to Webex, writes to Kubernetes, CPU, memory and time. It runs
// control plane, simulator and manager as three processes, keeps N AuxiliaryCodes in one organization and takes them
// through their life: create, a sweep without change, drift, edits, a restart, deletion. With -callcenters it keeps
// CallCenters behind one gateway instead.
//
//	bench -size=1000,10000 -settings=unlimited,limited
//	bench -callcenters -size=500 -groups=10
//	bench -memory -size=1000,10000,50000
//	bench -markdown
//
// Every measured setting becomes one line of the output file and is held against the limits in limits.go. Linux only: memory
// is read from /proc.
package main

import (
	"context"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"path/filepath"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"syscall"

	"github.com/go-logr/logr"
	"sigs.k8s.io/controller-runtime/pkg/log"

	"wxcc.dev/operator/hack/instance"
	"wxcc.dev/operator/internal/checkout"
)

// The kernel ends the processes that a thread started with that thread: it must be one that lives to the end.
func init() {
	runtime.LockOSThread()
}

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM, syscall.SIGHUP)
	defer stop()
	log.SetLogger(logr.Discard())
	if err := run(ctx, os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, "\nFAILED:", err)
		os.Exit(1)
	}
}

// options are the command line.
type options struct {
	sizes          []int
	settings       []setting
	phases         []string
	memory         bool
	callCenters    bool
	groups         int
	noFail         bool
	markdown       bool
	out            string
	managerFlags   []string
	simulatorFlags []string
}

// The sizes without -size.
var (
	manyCodes   = []int{10000}
	manyCenters = []int{500}
)

func parse(args []string) (options, error) {
	o := options{settings: settings}
	flags := flag.NewFlagSet("bench", flag.ContinueOnError)
	flags.Func("size", "`numbers` of objects, one run after the other (default 10000; 500 call centers)", o.setSizes)
	flags.Func("settings", "`names` of the settings: unlimited, limited (default both)", o.setSettings)
	flags.Func("phases", "`names` of the phases to run, beside connect and create, which always run: sweep, drift, edits, restart, delete; of call centers sweep, off, on, delete (default all)", o.setPhases)
	flags.BoolVar(&o.memory, "memory", false, "measure only memory: create the objects without a request budget, and stop")
	flags.BoolVar(&o.callCenters, "callcenters", false, "keep call centers behind a gateway instead of codes in a contact center")
	flags.IntVar(&o.groups, "groups", 10, "`number` of groups over which call centers are spread")
	flags.BoolVar(&o.noFail, "no-fail", false, "exit with 0 even if a limit is missed")
	flags.BoolVar(&o.markdown, "markdown", false, "measure nothing: print the newest figures of the output file as a table in Markdown")
	flags.StringVar(&o.out, "out", filepath.Join("bin", "bench.json"), "`file` to which every run appends one line of JSON")
	flags.Func("manager-flags", "more `flags` for the manager", words(&o.managerFlags))
	flags.Func("simulator-flags", "more `flags` for the simulator", words(&o.simulatorFlags))
	if err := flags.Parse(args); err != nil {
		return o, err
	}
	if flags.NArg() > 0 {
		return o, fmt.Errorf("unexpected argument %q", flags.Arg(0))
	}
	return o, o.complete()
}

// complete fills in what depends on other flags.
func (o *options) complete() error {
	usual := manyCodes
	if o.callCenters {
		if o.groups < 1 {
			return fmt.Errorf("%d is not a number of groups", o.groups)
		}
		o.settings, usual = []setting{inGroups(o.groups)}, manyCenters
	}
	if len(o.sizes) == 0 {
		o.sizes = usual
	}
	if o.memory {
		o.settings, o.phases = o.settings[:1], []string{phaseCreate}
	}
	return nil
}

func words(into *[]string) func(string) error {
	return func(text string) error {
		*into = strings.Fields(text)
		return nil
	}
}

func (o *options) setSizes(text string) error {
	o.sizes = nil
	for part := range strings.FieldsFuncSeq(text, comma) {
		size, err := strconv.Atoi(part)
		if err != nil || size < 1 {
			return fmt.Errorf("%q is not a number of objects", part)
		}
		o.sizes = append(o.sizes, size)
	}
	return nil
}

func (o *options) setSettings(text string) error {
	o.settings = nil
	for part := range strings.FieldsFuncSeq(text, comma) {
		index := slices.IndexFunc(settings, func(s setting) bool { return s.name == part })
		if index < 0 {
			return fmt.Errorf("unknown setting %q", part)
		}
		o.settings = append(o.settings, settings[index])
	}
	return nil
}

func (o *options) setPhases(text string) error {
	for part := range strings.FieldsFuncSeq(text, comma) {
		if !slices.ContainsFunc(slices.Concat(codePhases, centerPhases), func(p phase) bool { return p.name == part }) {
			return fmt.Errorf("unknown phase %q", part)
		}
		o.phases = append(o.phases, part)
	}
	return nil
}

func comma(r rune) bool { return r == ',' || r == ' ' }

// wants tells whether a phase runs; what the others stand on always does.
func (o *options) wants(phase string) bool {
	return len(o.phases) == 0 || phase == phaseConnect || phase == phaseCreate || slices.Contains(o.phases, phase)
}

func run(ctx context.Context, args []string) error {
	o, err := parse(args)
	if err != nil {
		return err
	}
	root, err := checkout.Root()
	if err != nil {
		return err
	}
	book, err := openBook(filepath.Join(root, o.out))
	if err != nil {
		return err
	}
	if o.markdown {
		book.markdown(os.Stdout)
		return nil
	}
	return o.measure(ctx, root, book)
}

// measure runs every setting at every size.
func (o *options) measure(ctx context.Context, root string, book *book) error {
	var missed []string
	learned := &slots{} // they depend on names, which are the same in every run
	for _, size := range o.sizes {
		for _, s := range o.settings {
			made := &instance.Instance{
				Root: root, Dir: filepath.Join(root, "bin", "bench"),
				ManagerFlags: o.managerFlags, SimulatorFlags: slices.Concat(s.simulatorFlags, o.simulatorFlags),
			}
			doc, err := measureSetting(ctx, o, made, size, s, learned)
			if err != nil {
				return fmt.Errorf("%d objects, %s: %w", size, s.name, err)
			}
			doc.Checks = check(doc, s.fleet, book)
			if err := book.add(doc); err != nil {
				return err
			}
			doc.print()
			missed = append(missed, doc.missed()...)
		}
	}
	if len(missed) > 0 && !o.noFail {
		return fmt.Errorf("missed: %s", strings.Join(missed, "; "))
	}
	return nil
}
