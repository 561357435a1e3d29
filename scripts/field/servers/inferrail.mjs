/** Inferrail: budgets and costs of requests, which it passes on to providers that speak the Messages API. */
export default {
  id: 'inferrail',
  name: 'Inferrail',
  home: 'https://github.com/domondi1/inferrail',
  package: { registry: 'PyPI', name: 'inferrail', version: '0.4.16' },
  notes: [
    'A developer preview. Fields that it does not know are rejected by name, as its documentation says: the verdicts about them are passes and warnings.',
    'Its shared secret for clients is optional and off, as after an install: the verdicts about missing and wrong keys are about that state.',
  ],
  install: { pip: ['inferrail==0.4.16'] },
  measurements: {
    run: {
      start: ({ folder, work, port, upstream, upstreamKey }) => ({
        command: [
          `${folder}/venv/bin/inferrail`,
          'serve',
          '--config',
          'inferrail.yaml',
          '--host',
          '127.0.0.1',
          '--port',
          `${port}`,
          '--no-telemetry',
        ],
        env: { HOME: work, FIELD_UPSTREAM_KEY: upstreamKey },
        files: {
          'inferrail.yaml': `providers:
  suite:
    type: anthropic_compatible
    api_key_env: FIELD_UPSTREAM_KEY
    base_url: ${upstream}/v1
routes:
  reference:
    provider: suite
    model: reference-1
default_anthropic_provider: suite
telemetry:
  sink: none
`,
        },
        ready: '/health',
      }),
    },
  },
};
