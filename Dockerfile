# docker build -t fuse-triage . && docker run --rm -v "$PWD:/work" fuse-triage TRACE
FROM node:22-bookworm-slim AS build
WORKDIR /src
COPY . .
RUN npm ci --no-audit --no-fund && npm run --silent build && npm pack --ignore-scripts --silent

FROM node:22-bookworm-slim
COPY --from=build /src/fuse-triage-*.tgz /tmp/
RUN npm install --global --no-audit --no-fund /tmp/fuse-triage-*.tgz && rm -rf /tmp/* /root/.npm
USER node
WORKDIR /work
ENTRYPOINT ["fuse-triage"]
CMD ["--help"]
