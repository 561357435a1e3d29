/** headroom: a proxy that compresses what agents send, in front of the Messages API. */
export default {
  id: 'headroom',
  name: 'headroom proxy',
  home: 'https://github.com/chopratejas/headroom',
  package: { registry: 'PyPI', name: 'headroom-ai[proxy]', version: '0.42.0' },
  notes: ['Started with its defaults, compression included, and without its limit of requests per minute.'],
  install: { pip: ['headroom-ai[proxy]==0.42.0'] },
  measurements: {
    run: {
      start: ({ folder, work, port, upstream }) => ({
        command: [
          `${folder}/venv/bin/headroom`,
          'proxy',
          '--host',
          '127.0.0.1',
          '--port',
          `${port}`,
          '--no-rate-limit',
        ],
        env: { HOME: work, ANTHROPIC_TARGET_API_URL: upstream, HEADROOM_TELEMETRY: 'off', HF_HUB_OFFLINE: '1' },
        ready: '/health',
      }),
    },
  },
};
