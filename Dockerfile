# The manager as a static binary on a base without shell or package manager, as an unprivileged user. The base images are
# those of images.env, which `make image` passes. `make verify` runs the build below with exactly the files of the context.
ARG BUILD_IMAGE=docker.io/library/golang:1.26
ARG RUNTIME_IMAGE=gcr.io/distroless/static:nonroot

FROM --platform=$BUILDPLATFORM ${BUILD_IMAGE} AS build
ARG TARGETOS
ARG TARGETARCH
ARG VERSION=devel
WORKDIR /src
COPY go.mod go.sum ./
RUN go mod download
COPY main.go ./
COPY api/ api/
COPY controllers/ controllers/
COPY internal/ internal/
RUN CGO_ENABLED=0 GOOS=${TARGETOS:-linux} GOARCH=${TARGETARCH} \
    go build -trimpath -buildvcs=false -ldflags="-s -w -X wxcc.dev/operator/internal/version.number=${VERSION}" -o manager .

FROM ${RUNTIME_IMAGE}
ARG VERSION=devel
ARG REVISION=unknown
LABEL org.opencontainers.image.title="wxcc-operator" \
      org.opencontainers.image.description="Keeps Webex contact-center configuration and BroadWorks call centers equal to custom resources" \
      org.opencontainers.image.licenses="Apache-2.0" \
      org.opencontainers.image.version="${VERSION}" \
      org.opencontainers.image.revision="${REVISION}"
COPY --from=build /src/manager /manager
USER 65532:65532
ENTRYPOINT ["/manager"]
