package contract

import (
	"encoding/json"
	"errors"
	"io"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"wxcc.dev/operator/internal/checkout"
)

// corpus are the tests of internal/simulator whose answers come from a service without special settings.
var corpus = []string{
	"TestEveryEntity", "TestRulesOfOneEntity", "TestRulesBetweenObjects", "TestAudioFiles", "TestCountsAndOrderOfSchedules", "TestUsers",
	"TestUserLookUps", "TestQueueLookUps", "TestRoutesBesideTheConfiguration", "TestFreshTenant", "TestUserProfilesHaveTwoSchemas",
	"TestFlows", "TestPlatformRoutes", "TestWholesaleCustomers", "TestWholesalePages", "TestBulkPatch", "TestPages",
}

// TestAnswersFitTheSpecification repeats tests of the simulator and holds every answer against the OpenAPI documents. Where
// they are known to be wrong, the exception names the section of the reference that says so.
func TestAnswersFitTheSpecification(t *testing.T) {
	t.Parallel()
	spec, err := Load()
	if errors.Is(err, ErrAbsent) {
		t.Skip(err)
	}
	if err != nil {
		t.Fatal(err)
	}
	rows := simulatorExchanges(t)
	unexcused, used := map[string]int{}, map[string]int{}
	for _, row := range rows {
		for _, difference := range spec.Answer(row) {
			if exception := excuse(answers, difference); exception != "" {
				used[exception]++
			} else {
				unexcused[difference.String()]++
			}
		}
	}
	t.Logf("%d answers; %d exceptions used", len(rows), len(used))
	for _, difference := range slices.Sorted(maps.Keys(unexcused)) {
		t.Errorf("%d times %s", unexcused[difference], difference)
	}
	for _, exception := range unused(answers, used) {
		t.Errorf("no answer needs the exception %q", exception)
	}
}

// simulatorExchanges runs the corpus and returns what its tests asked and got.
func simulatorExchanges(t *testing.T) []Exchange {
	t.Helper()
	root, err := checkout.Root()
	if err != nil {
		t.Fatal(err)
	}
	recorded := filepath.Join(t.TempDir(), "exchanges")
	command := exec.CommandContext(t.Context(), "go", "test", "-v", "-count=1", "-run", "^("+strings.Join(corpus, "|")+")$", "./internal/simulator")
	command.Dir = root
	command.Env = append(os.Environ(), "WXCC_EXCHANGES="+recorded)
	output, err := command.CombinedOutput()
	if err != nil {
		t.Fatalf("%v: %v\n%s", command, err, output)
	}
	for _, name := range corpus {
		if !strings.Contains(string(output), "\n--- PASS: "+name+" ") {
			t.Errorf("%s of internal/simulator did not run", name)
		}
	}
	file, err := os.Open(recorded)
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	var rows []Exchange
	for lines := json.NewDecoder(file); ; {
		var row Exchange
		err := lines.Decode(&row)
		if errors.Is(err, io.EOF) {
			return rows
		}
		if err != nil {
			t.Fatal(err)
		}
		rows = append(rows, row)
	}
}
