# The executable in an image without a shell, run by a user without rights. docs/docker.md explains how to use it.
FROM node:22-bookworm-slim AS build
WORKDIR /build
COPY . .
RUN npm run build && sh deploy/container/layout.sh dist/cli-proxy-api /layout

FROM gcr.io/distroless/cc-debian12:nonroot
COPY --from=build --chown=65532:65532 /layout/ /
# A config.yaml in /CLIProxyAPI, where CLIProxyAPI's compose file mounts it, comes before that in /data.
ENV HOME=/root CLI_PROXY_API_HOME=/data
WORKDIR /CLIProxyAPI
USER 65532:65532
VOLUME /data
EXPOSE 8317
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=30s --timeout=6s --start-period=10s CMD ["/cli-proxy-api", "health"]
# No entry point: a command that was written for CLIProxyAPI's image keeps working. Without a client key it refuses to serve.
CMD ["/cli-proxy-api", "serve", "--host", "0.0.0.0"]
