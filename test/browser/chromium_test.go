package browser_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/log"
	"github.com/chromedp/chromedp"

	"wxcc.dev/operator/internal/checkout"
)

// patience is how long a page may take.
const patience = 20 * time.Second

// open starts Chromium with an empty profile.
func (s *installation) open(life context.Context, program string) (closeBrowser func(), err error) {
	profile, err := os.MkdirTemp("", "wxcc-chromium-")
	if err != nil {
		return nil, err
	}
	options := []chromedp.ExecAllocatorOption{chromedp.ExecPath(program), chromedp.UserDataDir(profile)}
	for flag, value := range map[string]any{
		"headless": "new", "no-sandbox": true, "disable-gpu": true, "disable-quic": true, "no-first-run": true,
		"disable-background-networking": true, "disable-component-update": true, "disable-sync": true,
		"disable-dev-shm-usage": true, "no-default-browser-check": true, "hide-scrollbars": true,
	} {
		options = append(options, chromedp.Flag(flag, value))
	}
	allocated, endAllocation := chromedp.NewExecAllocator(life, options...)
	browser, endBrowser := chromedp.NewContext(allocated)
	closeBrowser = func() {
		if err := chromedp.Cancel(browser); err != nil {
			fmt.Fprintln(os.Stderr, "close Chromium:", err)
		}
		endBrowser()
		endAllocation()
		if err := os.RemoveAll(profile); err != nil {
			fmt.Fprintln(os.Stderr, "remove Chromium's profile:", err)
		}
	}
	if err := chromedp.Do(browser); err != nil {
		closeBrowser()
		return nil, fmt.Errorf("start %s: %w", program, err)
	}
	s.browser = browser
	return closeBrowser, nil
}

// tab is a private window.
type tab struct {
	t   *testing.T
	ctx context.Context

	mu sync.Mutex
	// complaints are what the browser logged as errors, of the content policy for instance.
	complaints []string
}

// newTab opens a window that shares nothing with others.
func (s *installation) newTab(t *testing.T) *tab {
	t.Helper()
	ctx, cancel := chromedp.NewContext(s.browser, chromedp.WithNewBrowserContext())
	t.Cleanup(cancel)
	b := &tab{t: t, ctx: ctx}
	if err := chromedp.Listen(ctx, b.note); err != nil {
		t.Fatalf("open a window: %v", err)
	}
	if _, err := chromedp.Call(ctx, log.Enable, cdp.Empty{}); err != nil {
		t.Fatalf("listen to a window: %v", err)
	}
	b.do("size the window", chromedp.EmulateViewport(1100, 1000))
	t.Cleanup(func() {
		b.mu.Lock()
		defer b.mu.Unlock()
		for _, complaint := range b.complaints {
			t.Errorf("the browser complains: %s", complaint)
		}
	})
	return b
}

// note keeps what the browser says against the page's content policy and the like.
func (b *tab) note(event any) {
	entry, ok := event.(*log.EventEntryAdded)
	if !ok || entry.Entry.Level != log.EntryLevelError || entry.Entry.Source != log.EntrySourceSecurity {
		return
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	b.complaints = append(b.complaints, entry.Entry.Text)
}

// do does something in the window, in time.
func (b *tab) do(what string, action chromedp.Action[chromedp.Void]) {
	b.t.Helper()
	ask(b, what, action)
}

// ask does something in the window that has an answer, in time.
func ask[T any](b *tab, what string, action chromedp.Action[T]) T {
	b.t.Helper()
	ctx, cancel := context.WithTimeout(b.ctx, patience)
	defer cancel()
	answer, err := chromedp.Run(ctx, action)
	if err != nil {
		where, whereErr := chromedp.Run(b.ctx, chromedp.Location())
		text, textErr := chromedp.Run(b.ctx, chromedp.Text(chromedp.CSS("body")))
		b.t.Fatalf("%s: %v\nat %s the window shows:\n%s", what, errors.Join(err, whereErr, textErr), where, text)
	}
	return answer
}

// visit opens an address and waits for a page with this heading.
func (b *tab) visit(address, heading string) {
	b.t.Helper()
	b.do("open "+address, chromedp.Navigate(address))
	b.wantHeading(heading)
}

// press clicks and waits for a page with this heading.
func (b *tab) press(button, heading string) {
	b.t.Helper()
	b.do("press "+button, chromedp.Click(chromedp.CSS(button)))
	b.wantHeading(heading)
}

// wantHeading waits for a page with this heading. While the window goes from one page to the next, questions to it fail.
func (b *tab) wantHeading(heading string) {
	b.t.Helper()
	ctx, cancel := context.WithTimeout(b.ctx, patience)
	defer cancel()
	there := chromedp.Evaluate[bool](fmt.Sprintf(
		`document.readyState === "complete" && [...document.querySelectorAll("h1")].some(h => h.textContent.includes(%q))`, heading))
	ticker := time.NewTicker(25 * time.Millisecond)
	defer ticker.Stop()
	for {
		found, err := chromedp.Run(ctx, there)
		if found && err == nil {
			return
		}
		select {
		case <-ctx.Done():
			b.t.Fatalf("no page %q: %v\nat %s the window shows:\n%s", heading, err, b.address(), b.text())
		case <-ticker.C:
		}
	}
}

// text is what the page says.
func (b *tab) text() string {
	b.t.Helper()
	return ask(b, "read the page", chromedp.Text(chromedp.CSS("body")))
}

func (b *tab) address() string {
	b.t.Helper()
	return ask(b, "read the address", chromedp.Location())
}

// darkAndNarrow makes the window a narrow one that prefers dark colours.
func (b *tab) darkAndNarrow() {
	b.t.Helper()
	b.do("narrow the window", chromedp.EmulateViewport(390, 844))
	_, err := chromedp.Call(b.ctx, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{
		Features: []*emulation.MediaFeature{{Name: "prefers-color-scheme", Value: "dark"}},
	})
	if err != nil {
		b.t.Fatalf("prefer dark: %v", err)
	}
}

// screenshot keeps the whole page as bin/screenshots/<name>.png.
func (b *tab) screenshot(name string) {
	b.t.Helper()
	root, err := checkout.Root()
	if err != nil {
		b.t.Fatal(err)
	}
	image := ask(b, "take a screenshot", chromedp.FullScreenshot(100))
	dir := filepath.Join(root, "bin", "screenshots")
	if err := errors.Join(os.MkdirAll(dir, 0o755), os.WriteFile(filepath.Join(dir, name+".png"), image, 0o644)); err != nil {
		b.t.Fatal(err)
	}
}

// findings is a script that lists what would keep people from reading or using a page: text whose contrast with its
// ground is under 4.5 (WCAG 2, AA), controls without a name, a page wider than the window.
const findings = `(() => {
  const found = [];
  const parse = c => { const n = c.match(/[\d.]+/g).map(Number); return n.length === 3 ? [...n, 1] : n; };
  const light = c => { const f = v => { v /= 255; return v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4; };
    return 0.2126 * f(c[0]) + 0.7152 * f(c[1]) + 0.0722 * f(c[2]); };
  const ground = e => { for (; e; e = e.parentElement) { const c = parse(getComputedStyle(e).backgroundColor); if (c[3] > 0) return c; } return [255, 255, 255, 1]; };
  for (const e of document.querySelectorAll("body *")) {
    if (![...e.childNodes].some(n => n.nodeType === 3 && n.textContent.trim())) continue;
    const a = light(parse(getComputedStyle(e).color)), b = light(ground(e));
    const contrast = (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
    if (contrast < 4.5) found.push("contrast " + contrast.toFixed(2) + ": " + e.textContent.trim().slice(0, 40));
  }
  for (const e of document.querySelectorAll("a, button, input:not([type=hidden]), select"))
    if (!(e.textContent.trim() || (e.labels && e.labels.length))) found.push("no name: " + e.outerHTML);
  for (const e of document.querySelectorAll("img")) if (!e.hasAttribute("alt")) found.push("no alt: " + e.outerHTML);
  if (document.documentElement.lang !== "en") found.push("no language");
  if (!document.title) found.push("no title");
  if (document.querySelectorAll("h1").length !== 1) found.push("not one h1");
  if (document.documentElement.scrollWidth > window.innerWidth) found.push("wider than the window");
  return found;
})()`

// wantReadable checks that everybody can read and use the page.
func (b *tab) wantReadable() {
	b.t.Helper()
	for _, finding := range ask(b, "look at the page", chromedp.Evaluate[[]string](findings)) {
		b.t.Errorf("%s: %s", b.address(), finding)
	}
}
