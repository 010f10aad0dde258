package webex

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"path"

	"wxcc.dev/operator/internal/httpcall"
	"wxcc.dev/operator/internal/remote"
)

// bulkRequest and bulkAnswer are the shapes of reference section 6.1.
type bulkRequest struct {
	Items []bulkItem `json:"items"`
}

type bulkItem struct {
	Identifier int           `json:"itemIdentifier"`
	Action     string        `json:"requestAction"`
	Item       remote.Object `json:"item"`
}

type bulkAnswer struct {
	Items []bulkResult `json:"items"`
}

type bulkResult struct {
	Identifier int    `json:"itemIdentifier"`
	Status     int    `json:"status"`
	Href       string `json:"href"`
	Error      *struct {
		TrackingID string          `json:"trackingId"`
		Error      json.RawMessage `json:"error"`
	} `json:"apiError"`
}

// failure is the error of one item. That there is no such object is believed only in the service's own words.
func (r bulkResult) failure(req httpcall.Request, response *httpcall.Response) error {
	message, tracking, explained := "", "", false
	if r.Error != nil {
		tracking = r.Error.TrackingID
		var config configError
		if config, explained = (errorBody{Error: r.Error.Error}).config(); explained {
			message = config.describe()
		}
	}
	if r.Status == http.StatusNotFound && !explained {
		return httpcall.Invalid(req, response, errors.New("an item with status 404 and without a reason"))
	}
	return response.ItemError(req, r.Status, message, firstOf(tracking, response.TrackingID))
}

// bulk sends writes in one call. Items fail one by one; when the call as a whole is refused, its halves are tried, so
// that one item that the service cannot even read does not keep the others from being written.
func (c *Collection) bulk(ctx context.Context, operation remote.Operation, route BulkRoute, writes []remote.Write) []remote.Result {
	if len(writes) > 1 && tooLarge(operation, writes) {
		return c.halves(ctx, operation, route, writes)
	}
	suffix := route.Path
	if suffix == "" {
		suffix = "bulk"
	}
	response, req, err := c.send(ctx, route.Method, suffix, c.entity.Route+"/"+suffix, bulkBody(operation, writes))
	if remote.IsNotFound(err) {
		// Of the route; the items have answers of their own.
		err = httpcall.Invalid(req, response, err)
	}
	if err != nil {
		if remote.ClassOf(err) == remote.Rejected && len(writes) > 1 {
			return c.halves(ctx, operation, route, writes)
		}
		return allFailed(writes, err)
	}
	var answer bulkAnswer
	if err := response.Decode(req, &answer); err != nil {
		return allFailed(writes, err)
	}
	return answer.results(req, response, operation, writes)
}

func (c *Collection) halves(ctx context.Context, operation remote.Operation, route BulkRoute, writes []remote.Write) []remote.Result {
	half := len(writes) / 2
	return append(c.bulk(ctx, operation, route, writes[:half]), c.bulk(ctx, operation, route, writes[half:])...)
}

// bulkBytes bounds a bulk call's body. No limit is published; front ends commonly take a megabyte.
const bulkBytes = 1 << 20

func tooLarge(operation remote.Operation, writes []remote.Write) bool {
	encoded, err := json.Marshal(bulkBody(operation, writes))
	return err == nil && len(encoded) > bulkBytes
}

// fieldVersion says which state of an object a write changes. The service may refuse a stale one with 409.
const fieldVersion = "version"

func bulkBody(operation remote.Operation, writes []remote.Write) bulkRequest {
	body := bulkRequest{Items: make([]bulkItem, 0, len(writes))}
	for i, write := range writes {
		item := bulkItem{Identifier: i + 1, Action: "SAVE", Item: write.Object}
		switch operation {
		case remote.Update:
			item.Item = write.Object.Clone()
			item.Item["id"] = write.ID
			if version, known := write.Base.Get(fieldVersion); known {
				item.Item[fieldVersion] = version
			}
		case remote.Delete:
			item.Action, item.Item = "DELETE", write.Base
		}
		body.Items = append(body.Items, item)
	}
	return body
}

// results assigns the answer's items to the writes. A write without an item was perhaps done, perhaps not.
func (a bulkAnswer) results(req httpcall.Request, response *httpcall.Response, operation remote.Operation, writes []remote.Write) []remote.Result {
	results := allFailed(writes, httpcall.Invalid(req, response, errors.New("the bulk answer has no result for this item")))
	for _, item := range a.Items {
		index := item.Identifier - 1
		if index < 0 || index >= len(writes) {
			continue
		}
		result := remote.Result{ID: writes[index].ID, TrackingID: response.TrackingID}
		switch {
		case item.Error != nil || item.Status >= http.StatusMultipleChoices:
			result.Err = item.failure(req, response)
		case item.Status < http.StatusOK:
			continue // neither success nor error: as good as no result
		case operation == remote.Delete && item.Status != http.StatusOK && item.Status != http.StatusNoContent:
			continue // accepted, perhaps, which is not done
		case operation == remote.Create && item.Href != "" && remote.ValidID(path.Base(item.Href)):
			result.ID = path.Base(item.Href)
		}
		results[index] = result
	}
	return results
}

func allFailed(writes []remote.Write, err error) []remote.Result {
	results := make([]remote.Result, len(writes))
	for i, write := range writes {
		results[i] = remote.Result{ID: write.ID, TrackingID: remote.TrackingID(err), Err: err}
	}
	return results
}
