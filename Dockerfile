# The command in an image: docker run --rm IMAGE run --url … --model …
FROM node:22-bookworm-slim AS build
WORKDIR /build
COPY package.json package-lock.json .npmrc ./
RUN npm ci --ignore-scripts --no-audit --no-fund
COPY . .
# The package as it is published, with the dependencies that were tested, installed without what only the build needs.
RUN npm run --silent build \
  && node scripts/pack.mjs /build \
  && mkdir /suite \
  && npm install --prefix /suite --ignore-scripts --no-audit --no-fund /build/messages-conformance-*.tgz

FROM node:22-bookworm-slim
COPY --from=build /suite /suite
ENV PATH="/suite/node_modules/.bin:$PATH"
# Reports go to the working directory: mount a folder there that the user `node` (1000) may write.
WORKDIR /work
RUN chown node:node /work
USER node
ENTRYPOINT ["messages-conformance"]
CMD ["--help"]
