import { expect, test } from 'vitest';
import { events, exchange, message, textBlock, toolUse } from './exchange.js';

test('a legal message comes back from the stream that is made of it', () => {
  const reply = message({
    content: [
      { type: 'thinking', thinking: 'Paris, then.', signature: 'c2ln' },
      textBlock('It is 北京😀.'),
      toolUse(),
      toolUse({}),
    ],
    stop_reason: 'tool_use',
  });
  expect(exchange({ events: events(reply) }).message).toEqual(reply);
});

test('a request is the one that a run would send', () => {
  expect(exchange({ fixture: 'counting', events: events(message()) }).sent).toMatchObject({
    model: 'test-model',
    max_tokens: 160,
    stream: true,
  });
});
