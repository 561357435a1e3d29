/** Portkey AI Gateway: passes Messages requests on to providers that speak the Messages API. */
export default {
  id: 'portkey',
  name: 'Portkey AI Gateway',
  home: 'https://github.com/Portkey-AI/gateway',
  package: { registry: 'npm', name: '@portkey-ai/gateway', version: '1.15.2' },
  notes: [
    '`@hono/node-server` is pinned to 1.14.1. With later versions, which a plain install brings, every stream is answered with HTTP 500 ' +
      '(`TypeError: immutable`): Portkey-AI/gateway issues [1389](https://github.com/Portkey-AI/gateway/issues/1389) and ' +
      '[1550](https://github.com/Portkey-AI/gateway/issues/1550).',
    'Its Messages endpoint does not translate for the provider `openai` ("messages is not supported by openai"), so it is judged as a ' +
      'deployment that passes requests on, not as a translating gateway.',
  ],
  install: {
    npm: { dependencies: { '@portkey-ai/gateway': '1.15.2' }, overrides: { '@hono/node-server': '1.14.1' } },
  },
  measurements: {
    run: {
      start: ({ folder, port }) => ({
        command: [
          'node',
          `${folder}/node_modules/@portkey-ai/gateway/build/start-server.js`,
          `--port=${port}`,
          '--headless',
        ],
        ready: '/',
      }),
      headers: ({ upstream }) => ({ 'x-portkey-provider': 'anthropic', 'x-portkey-custom-host': `${upstream}/v1` }),
    },
  },
};
