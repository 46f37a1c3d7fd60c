# One image for both parts of a fleet, `dimgx api` and `dimgx worker`; see docs/containers.md.
# BASE is built on and run on: any Debian or Ubuntu with npm. Its Node only runs npm, which brings the pinned one.
ARG BASE=node:24-trixie-slim

FROM ${BASE} AS build
WORKDIR /app
COPY package.json package-lock.json .npmrc ./
COPY packages/api/package.json packages/api/
COPY packages/cli/package.json packages/cli/
COPY packages/client/package.json packages/client/
COPY packages/core/package.json packages/core/
COPY packages/dashboard/package.json packages/dashboard/
COPY packages/queue/package.json packages/queue/
COPY packages/worker/package.json packages/worker/
RUN npm ci --ignore-scripts --include=dev --include=optional

COPY tsconfig.base.json ./
COPY packages packages
RUN PATH=$PWD/node_modules/.bin:$PATH tsc -b packages/cli \
 && npm prune --ignore-scripts --omit=dev --include=optional \
 && rm -r .npmrc tsconfig.base.json packages/*/src packages/*/tsconfig*.json packages/*/dist/.tsbuildinfo
COPY dimgx ./
# The launcher takes a checkout with this mark for built.
RUN touch node_modules/.dimgx-built

FROM ${BASE}
# The tools of two compressions, where the base lacks them.
RUN if ! command -v xz || ! command -v bzip2; then \
      apt-get update && apt-get install --yes --no-install-recommends xz-utils bzip2 && rm -rf /var/lib/apt/lists/*; \
    fi
RUN groupadd --gid 10001 dimgx \
 && useradd --uid 10001 --gid dimgx --no-create-home --home-dir /nonexistent --shell /usr/sbin/nologin dimgx \
 && install --directory --owner=dimgx --group=dimgx --mode=0700 /spool
COPY --from=build /app /app
RUN ln -s /app/dimgx /usr/local/bin/dimgx
USER dimgx
ENV DIMGX_HOST=0.0.0.0 DIMGX_TMP=/spool DIMGX_HEARTBEAT_FILE=/tmp/dimgx-worker
EXPOSE 8080
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=30s --timeout=10s --start-period=30s \
  CMD PATH=/app/node_modules/.bin:$PATH node /app/packages/cli/dist/container-health.js
ENTRYPOINT ["dimgx"]
CMD ["--help"]
