/** better-ccflare: balances Messages requests over accounts, and translates for OpenAI-compatible ones. */

const measured = (kind) => ({
  start: ({ folder, work, port }) => ({
    command: [`${folder}/node_modules/better-ccflare/dist/better-ccflare`, '--serve', '--port', `${port}`],
    env: {
      HOME: work,
      BETTER_CCFLARE_HOST: '127.0.0.1',
      BETTER_CCFLARE_CONFIG_PATH: `${work}/config.json`,
      BETTER_CCFLARE_DB_PATH: `${work}/accounts.db`,
    },
    ready: '/api/config',
  }),
  /** An account is added as its dashboard does it. */
  requests: ({ upstream, upstreamKey }) => [
    {
      path: `/api/accounts/${kind}`,
      body: { name: 'suite', apiKey: upstreamKey, customEndpoint: upstream, priority: 0 },
    },
  ],
});

export default {
  id: 'better-ccflare',
  name: 'better-ccflare',
  home: 'https://github.com/tombii/better-ccflare',
  package: { registry: 'npm', name: 'better-ccflare', version: '3.5.4' },
  notes: [
    'Its own API keys are optional and off, as after an install: the verdicts about missing and wrong keys are about that state.',
    'The id of a streamed message is the time in milliseconds. Whether requests share one (`gw.ops.message-ids`, `resp.id`) differs from run to run: as a gateway they did in two of three.',
  ],
  install: { npm: { dependencies: { 'better-ccflare': '3.5.4' } } },
  executable: 'node_modules/better-ccflare/dist/better-ccflare',
  measurements: {
    run: measured('anthropic-compatible'),
    gateway: { model: 'claude-sonnet-4-5', ...measured('openai-compatible') },
  },
};
