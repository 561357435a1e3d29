/** LiteLLM proxy: translates for OpenAI's chat completions, and passes on to the Messages API. */

/** The proxy does not start with a weak one. It listens on loopback for the time of one measurement. */
const MASTER_KEY = 'sk-field-7f3a91c2d4e85b60a9d17c3e';

const config = (model, parameters, settings) =>
  `model_list:
  - model_name: ${model}
    litellm_params:
${Object.entries(parameters)
  .map(([name, value]) => `      ${name}: ${value}\n`)
  .join('')}litellm_settings:
  num_retries: 0
${settings}router_settings:
  disable_cooldowns: true
general_settings:
  master_key: os.environ/LITELLM_MASTER_KEY
`;

const start =
  (text) =>
  ({ folder, port }) => ({
    command: [`${folder}/venv/bin/litellm`, '--config', 'litellm.yaml', '--host', '127.0.0.1', '--port', `${port}`],
    env: { LITELLM_MASTER_KEY: MASTER_KEY, LITELLM_LOCAL_MODEL_COST_MAP: 'True' },
    files: { 'litellm.yaml': text },
    ready: '/health/liveliness',
  });

export default {
  id: 'litellm',
  name: 'LiteLLM proxy',
  home: 'https://github.com/BerriAI/litellm',
  package: { registry: 'PyPI', name: 'litellm[proxy]', version: '1.106.12' },
  notes: ['The newest version whose extra `proxy` could be installed from the registry on the day of the measurement.'],
  install: { pip: ['litellm[proxy]==1.106.12'] },
  measurements: {
    gateway: {
      model: 'my-model',
      key: MASTER_KEY,
      start: ({ upstream, ...place }) =>
        start(
          config(
            'my-model',
            { model: 'openai/upstream-model', api_base: `${upstream}/v1`, api_key: 'sk-upstream' },
            '  use_chat_completions_url_for_anthropic_messages: true\n',
          ),
        )(place),
    },
    run: {
      key: MASTER_KEY,
      start: ({ upstream, upstreamKey, ...place }) =>
        start(config('reference-1', { model: 'anthropic/reference-1', api_base: upstream, api_key: upstreamKey }, ''))(
          place,
        ),
    },
  },
};
