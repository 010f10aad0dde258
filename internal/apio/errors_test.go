package apio_test

import (
	"net/http"
	"strings"
	"testing"

	"wxcc.dev/operator/internal/remote"
)

// Proves: S3.41
func TestErrorShapes(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		status int
		body   string
		class  remote.Class
		text   string
	}{
		"gateway":               {400, `{"errors":[{"code":18,"message":"Invalid operation"}]}`, remote.Rejected, "Invalid operation (gateway code 18)"},
		"gateway, code as text": {400, `{"errors":[{"code":"18","message":"Invalid operation"}]}`, remote.Rejected, "Invalid operation (gateway code 18)"},
		"details alone":         {422, `{"details":"a bad file"}`, remote.Rejected, "a bad file"},
		"Core":                  {403, `{"error":"no right"}`, remote.Forbidden, "no right"},
		"Core with a code":      {403, `{"error":"no right","error_code":7}`, remote.Forbidden, "no right (Core code 7)"},
		"BroadWorks": {
			400, `{"errors":[{"code":99,"message":"Refused","details":{"errors":{"0":{"error_code":4400,"level":"Error","summary":"[Error 4400] Could not assign service","detail":"x"}}}}]}`,
			remote.Rejected, "[Error 4400] Could not assign service",
		},
		"BroadWorks, code element only": {
			400, `{"errors":[{"code":99,"message":"Refused","details":{"errors":{"0":{"error_code":"4400","summary":"Could not assign"}}}}]}`,
			remote.Rejected, "[Error 4400] Could not assign",
		},
		"BroadWorks, warning first": {
			400, `{"details":{"errors":{"0":{"error_code":"","level":"Warning","summary":"careful"},"1":{"level":"Error","summary":"[Error 4200] User already exists: a@b"}}}}`,
			remote.Exists, "User already exists: a@b",
		},
		"BroadWorks, errors as a list":       {400, `{"details":{"errors":[{"summary":"[Error 4200] exists"}]}}`, remote.Exists, "[Error 4200] exists"},
		"BroadWorks, exists as server error": {500, `{"details":{"errors":{"0":{"error_code":4200,"summary":"[Error 4200] exists"}}}}`, remote.Exists, "[Error 4200] exists"},
		"BroadWorks, bad login":              {400, `{"details":{"errors":{"0":{"summary":"[Error 4962] Invalid password"}}}}`, remote.Unauthorized, "[Error 4962] Invalid password"},
		"BroadWorks, unknown user":           {400, `{"details":{"errors":{"0":{"summary":"[Error 4008] User not found"}}}}`, remote.NotFound, "[Error 4008] User not found"},
		"conflict":                           {409, `{}`, remote.Exists, "Conflict"},
		"body is no JSON object":             {416, ``, remote.Rejected, "Requested Range Not Satisfiable"},
		"endpoint gone":                      {410, `<html>`, remote.Rejected, "Gone"},
		"format":                             {406, ``, remote.Rejected, "Not Acceptable"},
		"too many":                           {429, ``, remote.RateLimited, "Too Many Requests"},
		"proxy page":                         {502, `<html>Bad gateway</html>`, remote.Unavailable, "Bad Gateway"},
		"nothing new":                        {304, ``, remote.InvalidResponse, "Not Modified"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			const item = centersPath + "care@x/"
			s, centers := script(t, map[string]answer{"PUT " + item: {status: test.status, body: test.body}})
			err := apply(t, centers, remote.Update, remote.Write{ID: "care@x", Object: remote.Object{"queueLength": 1}}).Err
			if remote.ClassOf(err) != test.class || err == nil || !strings.Contains(err.Error(), test.text) {
				t.Errorf("%s: %v, want %s with %q", remote.ClassOf(err), err, test.class, test.text)
			}
			if ambiguous := test.class == remote.Unavailable || test.class == remote.InvalidResponse; remote.IsAmbiguous(err) != ambiguous {
				t.Errorf("ambiguous is %t", remote.IsAmbiguous(err))
			}
			if puts := len(s.to(http.MethodPut)); puts > 1 && test.class != remote.Unauthorized {
				t.Errorf("sent %d times", puts)
			}
		})
	}
}

// Done in part is not done, and may be done: it is looked at again.
func TestDoneInPartIsAmbiguous(t *testing.T) {
	t.Parallel()
	_, centers := script(t, map[string]answer{
		"PUT " + centersPath + "active_instance/": {status: http.StatusMultiStatus, body: `{"errors":[{"message":"one of them is busy"}]}`},
	})
	result := apply(t, centers, remote.Update, remote.Write{ID: "care@x", Object: remote.Object{"active": true}})
	if remote.ClassOf(result.Err) != remote.Unavailable || !remote.IsAmbiguous(result.Err) || !strings.Contains(result.Err.Error(), "one of them is busy") {
		t.Errorf("activation = %+v", result)
	}
}
