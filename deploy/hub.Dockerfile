# The hub. From the root of the repository: docker build -f deploy/hub.Dockerfile -t ai-comms-hub .

FROM node:26-slim AS dependencies
WORKDIR /app
RUN npm install --global pnpm@12
COPY package.json pnpm-lock.yaml pnpm-workspace.yaml ./
COPY shared/package.json shared/
COPY hub/package.json hub/
RUN pnpm install --prod --frozen-lockfile --filter @ai-comms/hub...

# Node runs .ts only outside of node_modules, so the workspace itself is copied and nothing is built
FROM node:26-slim
WORKDIR /app
COPY --from=dependencies /app ./
COPY shared shared
COPY hub hub
COPY deploy/src/check-health.ts deploy/src/
RUN mkdir --mode=700 /data && chown node:node /data
ENV NODE_ENV=production PORT=8090 HUB_DATA_DIR=/data
USER node
VOLUME ["/data"]
EXPOSE 8090
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=30s --timeout=5s --start-period=15s --retries=3 CMD ["node", "deploy/src/check-health.ts", "hub"]
ENTRYPOINT ["node", "hub/src/main.ts"]
