/** claude-code-router: translates Claude Code's requests for OpenAI-compatible providers. */
export default {
  id: 'claude-code-router',
  name: 'claude-code-router',
  home: 'https://github.com/musistudio/claude-code-router',
  package: { registry: 'npm', name: '@musistudio/claude-code-router', version: '2.0.0' },
  notes: [
    'A provider without transformers, as its documentation shows for an OpenAI-compatible API. Its optional transformers can change what is said here, ' +
      'e.g. `streamoptions` asks for the usage of streams.',
    'Version 3.1.1 could not be installed: a dependency is not in the registry.',
  ],
  install: { npm: { dependencies: { '@musistudio/claude-code-router': '2.0.0' } } },
  measurements: {
    gateway: {
      model: 'suite,upstream-model',
      key: 'sk-client',
      start: ({ folder, work, port, upstream }) => ({
        command: ['node', `${folder}/node_modules/@musistudio/claude-code-router/dist/cli.js`, 'start'],
        env: { HOME: work },
        files: {
          '.claude-code-router/config.json': JSON.stringify(
            {
              PORT: port,
              HOST: '127.0.0.1',
              APIKEY: 'sk-client',
              LOG: false,
              NON_INTERACTIVE_MODE: true,
              Providers: [
                {
                  name: 'suite',
                  api_base_url: `${upstream}/v1/chat/completions`,
                  api_key: 'sk-upstream',
                  models: ['upstream-model'],
                },
              ],
              Router: { default: 'suite,upstream-model' },
            },
            null,
            2,
          ),
        },
        ready: '/',
      }),
    },
  },
};
