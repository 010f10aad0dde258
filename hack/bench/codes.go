package main

import (
	"context"
	"fmt"
	"net/http"
	"strings"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"wxcc.dev/operator/api/v1alpha1"
	"wxcc.dev/operator/internal/simulator"
)

// codes are AuxiliaryCodes in one contact center.
var codes = &fleet{
	resource: "auxiliarycodes",
	blank:    func() v1alpha1.Object { return &v1alpha1.AuxiliaryCode{} },
	list:     func() client.ObjectList { return &v1alpha1.AuxiliaryCodeList{} },
	one:      func(_ *world, number int) v1alpha1.Object { return newCode(number) },
	credentials: func() map[string]string {
		seed := simulator.DemoState().Organizations[0].OrganizationSeed
		return map[string]string{"clientID": seed.ClientID, "clientSecret": seed.ClientSecret, "refreshToken": seed.RefreshToken}
	},
	organization: func(w *world) v1alpha1.WebexOrganizationSpec {
		spec := v1alpha1.WebexOrganizationSpec{
			Name: "Bench", OrganizationID: simulator.DemoOrganization, ContactCenter: true, Region: "eu2",
			Endpoints:            v1alpha1.Endpoints{Webex: w.SimulatorURL(), ContactCenter: w.SimulatorURL()},
			CredentialsSecretRef: &v1alpha1.LocalSecretReference{Name: secretName},
		}
		if w.setting.requestsPerMinute == 0 {
			spec.RequestsPerMinute = new(int32(unpaced))
		}
		return spec
	},
	lists: routeEnds("/auxiliary-code"),
	remains: func(ctx context.Context, w *world) (count int, err error) {
		remote, err := w.remoteCodes(ctx)
		for _, code := range remote {
			if strings.HasPrefix(code.Name, remotePrefix) {
				count++
			}
		}
		return count, err
	},
	phases: codePhases,
	limits: codeLimits,
}

const remotePrefix = "Bench "

func descriptionOf(name string) string { return "Made as " + name }

func newCode(number int) *v1alpha1.AuxiliaryCode {
	name := nameOf(number)
	return &v1alpha1.AuxiliaryCode{
		ObjectMeta: metav1.ObjectMeta{Namespace: namespace, Name: name},
		Spec: v1alpha1.AuxiliaryCodeSpec{
			ConfigSpec:   v1alpha1.ConfigSpec{OrganizationRef: v1alpha1.OrganizationReference{Name: organizationName}},
			Name:         fmt.Sprintf("%s%05d", remotePrefix, number),
			Description:  new(descriptionOf(name)),
			WorkTypeCode: v1alpha1.IdleCode,
			WorkTypeRef:  v1alpha1.ObjectReference{RemoteName: "Default Idle Work Type"},
		},
	}
}

// codeRoute is the control route of the codes.
const codeRoute = "objects/" + simulator.DemoOrganization + "/auxiliary-code"

// remoteCode is what the bench reads of a code in Webex.
type remoteCode struct {
	ID              string `json:"id"`
	Name            string `json:"name"`
	Description     string `json:"description"`
	LastUpdatedTime int64  `json:"lastUpdatedTime"` // milliseconds since 1970
}

// remoteCodes are the codes in Webex by id.
func (w *world) remoteCodes(ctx context.Context) (map[string]remoteCode, error) {
	var list []remoteCode
	if err := w.Control(ctx, http.MethodGet, codeRoute, nil, &list); err != nil {
		return nil, err
	}
	byID := make(map[string]remoteCode, len(list))
	for _, one := range list {
		byID[one.ID] = one
	}
	return byID, nil
}

// chosen is one code of a hundred, at least one: name -> remote id.
func (w *world) chosen() (map[string]string, error) {
	ids := map[string]string{}
	for number := 0; number < w.size; number += 100 {
		id, err := w.tally.id(nameOf(number))
		if err != nil {
			return nil, err
		}
		ids[nameOf(number)] = id
	}
	return ids, nil
}
