# wxcc-operator. `make help` lists the targets. Needed: Go, git and make; everything else is built from Go modules.
SHELL := /bin/sh
.DEFAULT_GOAL := help
.DELETE_ON_ERROR:

export CGO_ENABLED := 0
export GOWORK := off

SAMPLES ?= 1
UP_FLAGS ?=
SIM_FLAGS ?=
export UP_FLAGS SIM_FLAGS
IMAGE ?= wxcc-operator:latest
VERSION ?= $(shell git describe --tags --always --dirty 2>/dev/null || echo devel)
SIZE ?= 10000
SETTINGS ?= unlimited,limited
MEMORY_SIZE ?= 1000,10000,50000
CALLCENTERS ?= 500
GROUPS ?= 10
BENCH_FLAGS ?=
TRUST_FLAGS ?=

BUILD := go run ./hack/gobuild
TOOLS := bin/tools
CONTROLLER_GEN := $(TOOLS)/controller-gen
CRD_REF_DOCS := $(TOOLS)/crd-ref-docs
GOLANGCI_LINT := $(TOOLS)/golangci-lint
GOTESTSUM := $(TOOLS)/gotestsum
# The tests across packages are a module of their own, so that what only they need is not in the operator's go.mod.
CODE_MODULES := . test
MODULES := $(CODE_MODULES) hack/localcluster hack/tools hack/tools/lint
GENERATED := api/v1alpha1/zz_generated.deepcopy.go config/crd/bases config/rbac/role.yaml docs/api.md docs/reasons.md docs/requirements.md docs/requirements-webexorganization.md docs/requirements-callcenter.md

.PHONY: help
help: ## List the targets.
	@awk 'BEGIN {FS = ":.*## "} /^[a-z-]+:.*## / {printf "  %-17s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

##@ Use

.PHONY: demo
demo: bin/demo-runner ## Show the main job on a local control plane and a simulated Webex, from start to end.
	@bin/demo-runner demo

.PHONY: up
up: bin/demo-runner ## Start control plane, simulator and manager and leave them running (SAMPLES=0 UP_FLAGS=... SIM_FLAGS=...).
	@bin/demo-runner up -samples=$(SAMPLES)

.PHONY: down
down: bin/demo-runner ## Stop what `make up` started.
	@bin/demo-runner down

.PHONY: bench
bench: bin/bench-runner ## Measure requests, writes, CPU and memory (SIZE=1000 or 1000,10000 SETTINGS=limited BENCH_FLAGS='-phases=sweep -no-fail').
	@bin/bench-runner -size='$(SIZE)' -settings='$(SETTINGS)' $(BENCH_FLAGS)

.PHONY: bench-memory
bench-memory: bin/bench-runner ## Measure only the manager's memory, at MEMORY_SIZE objects.
	@bin/bench-runner -memory -size='$(MEMORY_SIZE)' $(BENCH_FLAGS)

.PHONY: bench-callcenters
bench-callcenters: bin/bench-runner ## Measure CALLCENTERS call centers in GROUPS groups behind a gateway.
	@bin/bench-runner -callcenters -size='$(CALLCENTERS)' -groups='$(GROUPS)' $(BENCH_FLAGS)

.PHONY: build
build: ## Build bin/manager and bin/simulator.
	@$(BUILD) -o bin/manager .
	@$(BUILD) -o bin/simulator ./cmd/simulator

.PHONY: image
image: ## Build the container image IMAGE on the base images of images.env (needs docker).
	@! grep -vE '^(#|$$)' images.env | grep -v @sha256: || { echo "images.env: no digest yet; run make pin-images and commit it" >&2; exit 1; }
	docker build $$(sed '/^#/d; s/^/--build-arg /' images.env) --build-arg VERSION=$(VERSION) --build-arg REVISION=$$(git rev-parse HEAD) -t $(IMAGE) .

.PHONY: pin-images
pin-images: ## Write the present digests of the base images to images.env (needs docker and the registries).
	@hack/pin-images.sh

##@ Check

.PHONY: test
test: bin/controlplane $(GOTESTSUM) ## Run all tests on a real API server and a simulated Webex.
	@bin/controlplane assets >/dev/null
	@$(GOTESTSUM) --jsonfile bin/test.json --raw-command -- hack/test.sh $(CODE_MODULES)

.PHONY: test-trust
test-trust: bin/controlplane ## Kill, stop and double managers under load, delete everything in any order (TRUST_FLAGS='-scenarios=kills -kills=50').
	@bin/controlplane assets >/dev/null
	@go run -C test ./trust $(TRUST_FLAGS)

.PHONY: lint
lint: $(GOLANGCI_LINT) ## Run go vet and golangci-lint.
	@for module in $(CODE_MODULES); do \
		(cd $$module && go vet ./... && $(CURDIR)/$(GOLANGCI_LINT) run ./...) || exit 1; \
	done

.PHONY: verify
verify: ## Regenerate, and fail when anything generated, go.mod, formatting or the requirement table was out of date.
	@hack/verify.sh "$(GENERATED)" "$(MODULES)"

##@ Develop

.PHONY: generate
generate: $(CONTROLLER_GEN) ## Generate deep copies, CRDs, the manager's ClusterRole and the docs from the code.
	@$(CONTROLLER_GEN) object paths=./api/...
	@$(CONTROLLER_GEN) crd paths=./api/... output:crd:dir=config/crd/bases
	@$(CONTROLLER_GEN) rbac:roleName=wxcc-operator paths=./controllers/... paths=./internal/... output:rbac:dir=config/rbac
	@$(MAKE) --no-print-directory docs

.PHONY: docs
docs: $(CRD_REF_DOCS) ## Generate docs/api.md, docs/reasons.md and the requirement tables.
	@mkdir -p docs
	@$(CRD_REF_DOCS) --log-level=ERROR --source-path=api/v1alpha1 --config=hack/tools/crd-ref-docs.yaml --renderer=markdown --output-path=docs/api.md
	@go run ./hack/reasons -o docs/reasons.md
	@go run ./hack/requirements -o docs

.PHONY: clean
clean: ## Stop `make up` and remove bin/ (the local control plane too: the next build of it takes minutes).
	@if [ -x bin/demo-runner ]; then bin/demo-runner down; fi
	rm -rf bin

# go build decides itself whether there is something to do.
.PHONY: bin/demo-runner bin/bench-runner bin/controlplane
bin/demo-runner:
	@$(BUILD) -o $@ ./hack/demo

bin/bench-runner:
	@$(BUILD) -o $@ ./hack/bench

bin/controlplane:
	@$(BUILD) -o $@ ./hack/controlplane

$(CONTROLLER_GEN): hack/tools/go.mod
	@$(BUILD) -C hack/tools -o $@ sigs.k8s.io/controller-tools/cmd/controller-gen

$(GOTESTSUM): hack/tools/go.mod
	@$(BUILD) -C hack/tools -o $@ gotest.tools/gotestsum

$(CRD_REF_DOCS): hack/tools/go.mod
	@$(BUILD) -C hack/tools -o $@ github.com/elastic/crd-ref-docs

$(GOLANGCI_LINT): hack/tools/lint/go.mod
	@$(BUILD) -C hack/tools/lint -o $@ github.com/golangci/golangci-lint/v2/cmd/golangci-lint
