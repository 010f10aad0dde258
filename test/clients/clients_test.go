// Package clients_test runs programs that were written for the real service against the simulator.
package clients_test

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"wxcc.dev/operator/internal/checkout"
	"wxcc.dev/operator/internal/simulator"
)

const installLimit = 5 * time.Minute

// profileOutput is what the program prints.
type profileOutput struct {
	Profile struct {
		AgentID, AgentName, AgentMailID, AgentProfileID, SiteID, EnterpriseID, TenantTimezone, Environment string
		MultimediaProfileID, DefaultWrapupCode, IdleCodesAccess, OutdialANIID, AddressBookID, AgentDBID    string
		Teams                                                                                              []struct{ ID, Name, SiteName string }
		IdleCodes, WrapupCodes                                                                             []struct {
			ID, Name            string
			IsSystem, IsDefault bool
		}
		DialPlan struct {
			DialPlanEntity []struct{ Name, Regex, Prefix, StrippedChars string }
		}
		LoginVoiceOptions                                     []string
		WebRtcEnabled, IsEndCallEnabled, AllowConsultToQueue  bool
		IsOutboundEnabledForTenant, IsOutboundEnabledForAgent bool
		URLMappings                                           struct{ AcqueonAPIURL string }
		AIFeature                                             struct{ AutoCSAT struct{ Enable bool } }
	}
	Media     struct{ Name, BlendingMode string }
	CallerIDs []struct{ Name, Number string }
}

// TestAgentProfileThroughTheServicesOwnClient reads what an agent's desktop needs with the package that real desktops use.
func TestAgentProfileThroughTheServicesOwnClient(t *testing.T) {
	t.Parallel()
	program := install(t)
	state := tenant(t)
	sim := simulator.New(simulator.Options{})
	if err := sim.SetState(state); err != nil {
		t.Fatal(err)
	}
	server := httptest.NewServer(sim)
	defer server.Close()
	user := state.Organizations[0].Objects["user"][0]

	command := exec.CommandContext(t.Context(), "node", filepath.Join(program, "read.cjs"))
	command.Env = append(os.Environ(),
		"SIMULATOR="+server.URL, "TOKEN="+state.Organizations[0].AccessToken, "ORGANIZATION="+simulator.DemoOrganization,
		fmt.Sprintf("AGENT=%v", user["ciUserId"]),
	)
	var complaint bytes.Buffer
	command.Stderr = &complaint
	printed, err := command.Output()
	if err != nil {
		t.Fatalf("%v: %s", err, complaint.Bytes())
	}
	var got profileOutput
	if err := json.Unmarshal(printed, &got); err != nil {
		t.Fatalf("%v: %s", err, printed)
	}
	check(t, got, user)
	for _, request := range sim.Requests() {
		if request.Status != "200" {
			t.Errorf("%s %s: %s", request.Method, request.Path, request.Status)
		}
	}
}

// tenant is the demonstration tenant, with an outdial ANI on the desktop profile of the first agent.
func tenant(t *testing.T) simulator.State {
	t.Helper()
	state := simulator.DemoState()
	objects := state.Organizations[0].Objects
	const callerID = "29c4e7f1-6b08-4d5a-a3f9-c0e1b7d28645"
	objects["outdial-ani"] = []map[string]any{{"id": callerID, "name": "Main", "outdialANIEntries": []any{
		map[string]any{"name": "Front desk", "number": "+351210000123", "defaultANIEntry": true},
	}}}
	desk := objects["user"][0]["agentProfileId"]
	at := slices.IndexFunc(objects["agent-profile"], func(one map[string]any) bool { return one["id"] == desk })
	if at < 0 {
		t.Fatal("the agent has no desktop profile")
	}
	objects["agent-profile"][at]["outdialANIId"] = callerID
	return state
}

func check(t *testing.T, got profileOutput, user map[string]any) {
	t.Helper()
	p := got.Profile
	for name, pair := range map[string][2]any{
		"agentId":        {p.AgentID, user["ciUserId"]},
		"agentName":      {p.AgentName, "Ines Duarte"},
		"agentMailId":    {p.AgentMailID, user["email"]},
		"agentProfileID": {p.AgentProfileID, user["agentProfileId"]},
		"agentDbId":      {p.AgentDBID, user["dbId"]},
		"siteId":         {p.SiteID, user["siteId"]},
		"enterpriseId":   {p.EnterpriseID, simulator.DemoOrganization},
		"timezone":       {p.TenantTimezone, "Europe/Berlin"},
		"teams":          {len(p.Teams), 1},
		"idle codes":     {len(p.IdleCodes), 4}, // three of the tenant, and Available
		"wrap-up codes":  {len(p.WrapupCodes), 1},
		"dial plans":     {len(p.DialPlan.DialPlanEntity), 2},
		"voice options":  {strings.Join(p.LoginVoiceOptions, " "), "AGENT_DN EXTENSION BROWSER"},
		"media":          {got.Media.Name, "Default Telephony Profile"},
		"caller ids":     {fmt.Sprint(got.CallerIDs), "[{Front desk +351210000123}]"},
		"web calls":      {p.WebRtcEnabled, true},
		"end call":       {p.IsEndCallEnabled, true},
		"queues":         {p.AllowConsultToQueue, true},
		"outdial":        {p.IsOutboundEnabledForTenant && p.IsOutboundEnabledForAgent, true},
	} {
		if pair[0] != pair[1] {
			t.Errorf("%s = %v, want %v", name, pair[0], pair[1])
		}
	}
	if len(p.Teams) == 1 && (p.Teams[0].Name != "Team-1" || p.Teams[0].SiteName != "Site-1") {
		t.Errorf("team %+v", p.Teams[0])
	}
	if len(p.WrapupCodes) == 1 && (p.WrapupCodes[0].Name != "Sale" || p.DefaultWrapupCode != p.WrapupCodes[0].ID) {
		t.Errorf("wrap-up codes %+v, default %s", p.WrapupCodes, p.DefaultWrapupCode)
	}
}

// install gives the folder of the program with the pinned package. What was installed once for the same lock file is used
// again. Where Node.js is absent or the package cannot be had, the test is skipped.
func install(t *testing.T) string {
	t.Helper()
	for _, tool := range []string{"node", "npm"} {
		if _, err := exec.LookPath(tool); err != nil {
			t.Skipf("%s is needed to run the service's own client: %v", tool, err)
		}
	}
	root, err := checkout.Root()
	if err != nil {
		t.Fatal(err)
	}
	source := filepath.Join(root, "test", "clients", "agentprofile")
	files := []string{"package.json", "package-lock.json", ".npmrc", "read.cjs", filepath.Join("leftout", "package.json")}
	sum := sha256.New()
	for _, name := range files {
		content, err := os.ReadFile(filepath.Join(source, name))
		if err != nil {
			t.Fatal(err)
		}
		sum.Write(content)
	}
	target := filepath.Join(root, "bin", "clients", "agentprofile-"+hex.EncodeToString(sum.Sum(nil))[:16])
	if _, err := os.Stat(target); err == nil {
		return target
	}
	// Installed beside the place and moved there, so that an interrupted install leaves nothing half done.
	if err := os.MkdirAll(filepath.Dir(target), 0o750); err != nil {
		t.Fatal(err)
	}
	staging, err := os.MkdirTemp(filepath.Dir(target), "installing-")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(staging) })
	if err := os.CopyFS(staging, os.DirFS(source)); err != nil {
		t.Fatal(err)
	}
	if err := npm(t.Context(), staging); err != nil {
		t.Skipf("the service's own client cannot be installed: %v", err)
	}
	if err := os.Rename(staging, target); err != nil && !errors.Is(err, os.ErrExist) {
		t.Fatal(err)
	}
	return target
}

func npm(ctx context.Context, folder string) error {
	ctx, cancel := context.WithTimeout(ctx, installLimit)
	defer cancel()
	command := exec.CommandContext(ctx, "npm", "ci")
	command.Dir = folder
	if output, err := command.CombinedOutput(); err != nil {
		return fmt.Errorf("npm ci: %w: %s", err, bytes.TrimSpace(output))
	}
	return nil
}
