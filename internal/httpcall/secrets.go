package httpcall

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"io"
	"net/http"
	"net/url"
	"strings"
)

// secretFields are the fields of forms whose values are secret, next to those that secretName knows.
var secretFields = []string{"code", "code_verifier", "device_code", "assertion"}

// secretName tells by its name whether a field of a form or of JSON is secret: password, newPassword, access_token, ….
func secretName(name string) bool {
	name = strings.ToLower(name)
	for _, end := range []string{"password", "passphrase", "passcode", "secret", "token"} {
		if strings.HasSuffix(name, end) {
			return true
		}
	}
	return name == "device_code"
}

// secretsOf are the secrets that a request carries, but for those of a proxy.
func secretsOf(request *http.Request) []string {
	found := append(headerSecrets(request.Header), userSecrets(request.URL)...)
	for _, cookie := range request.Cookies() {
		found = append(found, cookie.Value)
	}
	body := bodyOf(request)
	switch mediaType, _, _ := strings.Cut(request.Header.Get("Content-Type"), ";"); mediaType {
	case "application/x-www-form-urlencoded":
		return append(found, formSecrets(body)...)
	case "application/json":
		return append(found, jsonSecrets(body)...)
	}
	return found
}

// headerSecrets are credentials as they are sent and, with Basic, the user's name and password behind them.
func headerSecrets(header http.Header) []string {
	var found []string
	for _, name := range []string{"Authorization", "Proxy-Authorization"} {
		for _, value := range header.Values(name) {
			scheme, credentials, _ := strings.Cut(value, " ")
			found = append(found, credentials)
			if decoded, err := base64.StdEncoding.DecodeString(credentials); err == nil && strings.EqualFold(scheme, "Basic") {
				_, password, _ := strings.Cut(string(decoded), ":")
				found = append(found, string(decoded), password)
				if plain, err := url.QueryUnescape(password); err == nil {
					found = append(found, plain) // RFC 6749, 2.3.1: both parts are escaped
				}
			}
		}
	}
	return found
}

func userSecrets(address *url.URL) []string {
	if address == nil {
		return nil
	}
	password, set := address.User.Password()
	if !set {
		return nil
	}
	return []string{password, address.User.Username() + ":" + password}
}

func cookieSecrets(response *http.Response) []string {
	var found []string
	for _, cookie := range response.Cookies() {
		found = append(found, cookie.Value)
	}
	return found
}

// bodyOf reads a copy of a request's body, if it is there to be read twice.
func bodyOf(request *http.Request) []byte {
	if request.GetBody == nil {
		return nil
	}
	body, err := request.GetBody()
	if err != nil {
		return nil
	}
	defer body.Close() //nolint:errcheck // it is in memory
	content, err := io.ReadAll(body)
	if err != nil {
		return nil
	}
	return content
}

func formSecrets(body []byte) []string {
	form, err := url.ParseQuery(string(body))
	if err != nil {
		return nil
	}
	var found []string
	for name, values := range form {
		if secretName(name) {
			found = append(found, values...)
		}
	}
	for _, name := range secretFields {
		found = append(found, form[name]...)
	}
	return found
}

// jsonSecrets are the texts in fields that secretName knows, at any depth.
func jsonSecrets(body []byte) []string {
	folded := bytes.ToLower(body)
	if !bytes.Contains(folded, []byte("pass")) && !bytes.Contains(folded, []byte("secret")) &&
		!bytes.Contains(folded, []byte("token")) && !bytes.Contains(folded, []byte("device_code")) {
		return nil
	}
	var decoded any
	if json.Unmarshal(body, &decoded) != nil {
		return nil
	}
	return secretValues(decoded)
}

func secretValues(value any) []string {
	var found []string
	switch typed := value.(type) {
	case []any:
		for _, element := range typed {
			found = append(found, secretValues(element)...)
		}
	case map[string]any:
		for name, field := range typed {
			if text, ok := field.(string); ok && secretName(name) {
				found = append(found, text)
			}
			found = append(found, secretValues(field)...)
		}
	}
	return found
}
