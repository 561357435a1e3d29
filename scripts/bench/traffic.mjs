/** One request and its reply, as all servers of the bench get and give them. */

export const PROMPT = 'Tell me a short story about a river.';

/** What the reference endpoint answers to it. */
const STORY =
  'The river runs past the old mill and carries small boats down to the harbour. People mend their nets there and talk about the weather. In the evening a bell calls them home. Nobody hurries, because the tide will come back in the morning.';
export const REPLY = `${STORY} ${STORY} ${STORY}`.slice(0, 660);

/** Events of the reference endpoint that bring this text. */
export const STREAMED = 134;

export const BODY = {
  id: 'msg_01T9imRBbQu0HWmf2WAhKfgD',
  type: 'message',
  role: 'assistant',
  model: 'reference-1',
  content: [{ type: 'text', text: REPLY }],
  stop_reason: 'end_turn',
  stop_sequence: null,
  usage: { input_tokens: 15, output_tokens: 134 },
};

export const requestBody = (stream) =>
  JSON.stringify({
    model: 'reference-1',
    max_tokens: 256,
    ...(stream && { stream }),
    messages: [{ role: 'user', content: PROMPT }],
  });

const event = (type, data) => `event: ${type}\ndata: ${JSON.stringify({ type, ...data })}\n\n`;

/** The reply as a stream of so many deltas, one text for each event. */
export function eventsOf(deltas = STREAMED) {
  const size = Math.ceil(REPLY.length / STREAMED);
  const piece = (index) => {
    const from = (index * size) % REPLY.length;
    return REPLY.slice(from, from + size);
  };
  return [
    event('message_start', { message: { ...BODY, content: [], stop_reason: null } }),
    event('content_block_start', { index: 0, content_block: { type: 'text', text: '' } }),
    ...Array.from({ length: deltas }, (_, index) =>
      event('content_block_delta', { index: 0, delta: { type: 'text_delta', text: piece(index) } }),
    ),
    event('content_block_stop', { index: 0 }),
    event('message_delta', { delta: { stop_reason: 'end_turn', stop_sequence: null }, usage: { output_tokens: 134 } }),
    event('message_stop', {}),
  ];
}
