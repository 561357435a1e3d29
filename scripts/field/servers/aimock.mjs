/** aimock: a mock server for tests of applications. It answers from patterns that its user writes. */

const COUNT = Array.from({ length: 40 }, (_, index) => index + 1).join(', ');
const weather = { toolCalls: [{ name: 'get_weather', arguments: '{"city":"Paris"}' }] };

export default {
  id: 'aimock',
  name: 'aimock',
  home: 'https://github.com/CopilotKit/aimock',
  package: { registry: 'npm', name: '@copilotkit/aimock', version: '1.43.0' },
  notes: [
    'A mock has reasons to be lenient. The page shows what a client has never met when it was tested only against this mock, with four ' +
      'patterns: a word, a count, a tool call, and a greeting for everything else.',
  ],
  install: { npm: { dependencies: { '@copilotkit/aimock': '1.43.0' } } },
  measurements: {
    run: {
      model: 'claude-sonnet-4-5',
      upstream: false,
      start: ({ folder, work, port }) => ({
        command: [
          'node',
          `${folder}/node_modules/@copilotkit/aimock/dist/cli.js`,
          '--host',
          '127.0.0.1',
          '--port',
          `${port}`,
          '--fixtures',
          `${work}/patterns.json`,
        ],
        files: {
          'patterns.json': JSON.stringify(
            {
              fixtures: [
                { match: { userMessage: 'single word ok' }, response: { content: 'ok' } },
                { match: { userMessage: 'Count from 1 to 40' }, response: { content: COUNT } },
                { match: { userMessage: 'weather' }, response: weather },
                { match: {}, response: { content: 'Hello! How can I help you today?' } },
              ],
            },
            null,
            2,
          ),
        },
        ready: '/health',
      }),
    },
  },
};
