import { conformance } from '../../../runner/vitest/index.js';

/** A well-formed server whose model always says the same. */
const parrot = () =>
  Response.json(
    {
      id: `msg_${crypto.randomUUID().replaceAll('-', '')}`,
      type: 'message',
      role: 'assistant',
      model: 'm',
      content: [{ type: 'text', text: 'Hello!' }],
      stop_reason: 'end_turn',
      stop_sequence: null,
      usage: { input_tokens: 9, output_tokens: 2 },
    },
    { headers: { 'request-id': crypto.randomUUID() } },
  );

conformance({ app: parrot, model: 'm', only: ['req.system.string', 'resp.id'] });
