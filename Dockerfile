# One image for proxies and workers; compose.yaml starts both. See docs/deploying.md.
FROM node:24-trixie-slim AS build
WORKDIR /app
COPY package.json package-lock.json .npmrc ./
# Without install scripts (.npmrc): what is compiled comes with its package.
RUN npm ci --no-audit --no-fund
COPY . .
RUN mkdir build \
  && node scripts/write-workflow-bundle.ts /app/workflows/bundle.ts /app/build/workflows.js \
  && node node_modules/vite/bin/vite.js build web --outDir /app/build/web --logLevel warn \
  && npm prune --omit=dev --no-audit --no-fund

FROM node:24-trixie-slim
ENV NODE_ENV=production \
  GHEE_HOME=/var/lib/ghee \
  BIND_ADDRESS=0.0.0.0 \
  ADMIN_BIND_ADDRESS=0.0.0.0 \
  WEB_ROOT=/app/build/web \
  WORKFLOW_BUNDLE=/app/build/workflows.js
# What waits for MongoDB lies in the home: keep it on a volume, one for each container.
RUN mkdir /var/lib/ghee && chown 1000:1000 /var/lib/ghee
WORKDIR /app
COPY --from=build /app /app
USER 1000:1000
VOLUME /var/lib/ghee
EXPOSE 8787 8788
HEALTHCHECK --interval=10s --timeout=3s --start-period=20s \
  CMD ["node", "-e", "fetch('http://127.0.0.1:8787/healthz').then((r) => process.exit(r.ok ? 0 : 1), () => process.exit(1))"]
# A worker is the same image with activities/worker.ts.
CMD ["node", "--disable-warning=ExperimentalWarning", "proxy/server.ts"]
