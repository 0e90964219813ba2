# An agent. From the root of the repository: docker build -f deploy/agent.Dockerfile -t ai-comms-agent .

FROM node:26-slim AS dependencies
WORKDIR /app
RUN npm install --global pnpm@12
COPY package.json pnpm-lock.yaml pnpm-workspace.yaml ./
COPY shared/package.json shared/
COPY agent/package.json agent/
RUN pnpm install --prod --frozen-lockfile --filter @ai-comms/agent...

# Node runs .ts only outside of node_modules, so the workspace itself is copied and nothing is built
FROM node:26-slim
WORKDIR /app
COPY --from=dependencies /app ./
COPY shared shared
COPY agent agent
COPY deploy/src/check-health.ts deploy/src/
RUN mkdir --mode=700 /data && chown node:node /data
# Inside a container 127.0.0.1 could not be published
ENV NODE_ENV=production HEALTH_HOST=0.0.0.0 HEALTH_PORT=9090 DATA_DIR=/data
USER node
VOLUME ["/data"]
EXPOSE 9090
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=30s --timeout=5s --start-period=15s --retries=3 CMD ["node", "deploy/src/check-health.ts", "agent"]
ENTRYPOINT ["node", "agent/src/main.ts"]
