package simulator

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"mime"
	"mime/multipart"
	"net/http"
	"strings"
)

// Audio files (contact-center reference 8.19): metadata with a blob beside it, written as multipart/form-data.

func audioFiles() entity {
	return entity{
		route: "audio-file", created: 200, deleted: 200, bare: true, decode: decodeAudio,
		paths: []path{
			{create: true, read: true, update: true, delete: true, patch: true},
			{version: "v2", list: envelope},
		},
		unique: true, systemDefault: true, searchColumns: []string{"name"},
		fields: []field{
			named(plainName),
			description,
			{name: "contentType", kind: text, required: true, enum: []string{
				"AUDIO_WAV", "TEXT_HTML", "TEXT_PHP", "AUDIO_X_WAV", "APPLICATION_OCTET_STREAM",
			}},
			{name: "blobId", kind: text, readOnly: true},
			{name: "url", kind: text, readOnly: true, itemOnly: true},
		},
		rules: []rule{audioExtension, ownBlob},
	}
}

func audioExtension(c *change) *refusal {
	if !strings.HasSuffix(strings.ToLower(asText(c.next["name"])), ".wav") {
		return invalid("name should have valid extension")
	}
	return nil
}

// ownBlob: the server gives a file its blob, and a replacement must name it.
func ownBlob(c *change) *refusal {
	if c.previous == nil {
		c.next["blobId"] = "audio-file_" + newUUID()
		return nil
	}
	if c.body["blobId"] != c.previous["blobId"] {
		return invalid("blobId: invalid value")
	}
	return nil
}

const (
	infoPart  = "audioFileInfo"
	audioPart = "audioFile"
)

// decodeAudio reads the two parts. What is wrong with them has three different answers.
func decodeAudio(c *call) (map[string]any, []byte, *refusal) {
	mediaType, parameters, err := mime.ParseMediaType(c.request.Header.Get("Content-Type"))
	if err != nil || mediaType != "multipart/form-data" {
		return nil, nil, refuse(http.StatusInternalServerError, textInternal)
	}
	var info map[string]any
	var content []byte
	reader := multipart.NewReader(bytes.NewReader(c.body), parameters["boundary"])
	for {
		part, err := reader.NextPart()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return nil, nil, invalid("Bad payload: " + err.Error())
		}
		raw, err := io.ReadAll(part)
		if err != nil {
			return nil, nil, invalid("Bad payload: " + err.Error())
		}
		switch part.FormName() {
		case audioPart:
			content = append([]byte{}, raw...)
		case infoPart:
			if !isJSON(part.Header.Get("Content-Type")) {
				return nil, nil, refuse(http.StatusUnsupportedMediaType, "Content-Type of "+infoPart+" is not supported")
			}
			var wrong *refusal
			if info, wrong = decodeObject(raw); wrong != nil {
				return nil, nil, wrong
			}
		}
	}
	switch {
	case info == nil:
		return nil, nil, missingPart(infoPart)
	case content == nil:
		return nil, nil, missingPart(audioPart)
	}
	return info, content, nil
}

func missingPart(name string) *refusal {
	return invalid("Required part '" + name + "' is not present.")
}

func isJSON(contentType string) bool {
	mediaType, _, err := mime.ParseMediaType(contentType)
	return err == nil && mediaType == "application/json"
}

// showBlob answers GET blob/{blob}: the bytes, without a content type.
func (s *Simulator) showBlob(c *call, t *tenant) answer {
	t.mu.RLock()
	defer t.mu.RUnlock()
	content, found := t.blobs[c.params["blob"]]
	if !found {
		return configError(c, entities["audio-file"], refuse(http.StatusNotFound, textNotFound))
	}
	a := answer{status: http.StatusOK, raw: json.RawMessage(content)}
	a.contentType = noContentType
	return a
}
