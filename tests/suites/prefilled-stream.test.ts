import { describe, expect, it } from 'vitest';
import type { JsonObject } from '../../core/json.js';
import { CATALOGUE } from '../../suites/index.js';
import { exchange, judgeWith, message, toolUse } from '../support/exchange.js';

/** A stream that has its calls in the first event and nothing but the end after it, as the official API sends calls by running code. */
const prefilled = (caller: JsonObject | null, more: JsonObject = {}) => {
  const call = toolUse({ city: 'Paris' }, caller === null ? {} : { caller });
  const start = message({
    content: [call],
    stop_reason: 'tool_use',
    usage: { input_tokens: 0, output_tokens: 0 },
    ...more,
  });
  return exchange({
    fixture: 'tool-forced',
    events: [{ type: 'message_start', message: start }, { type: 'message_stop' }],
  });
};
const byCode = { type: 'code_execution_20250825', tool_id: 'srvtoolu_01' };

/** Requirements that a stream does not meet. */
const failing = (stream: ReturnType<typeof prefilled>): string[] =>
  CATALOGUE.filter((requirement) =>
    ['violated', 'rejected', 'deviates'].includes(judgeWith(requirement, [stream]).outcome),
  ).map(({ id }) => id);

describe('stream.ptc.prefilled', () => {
  it('is a conformant stream', () => {
    expect(failing(prefilled(byCode))).toEqual([]);
  });

  it.each([
    ['of the model', null],
    ['of the model, which says so', { type: 'direct' }],
  ])('is not one with calls %s', (_what, caller) => {
    expect(failing(prefilled(caller))).toEqual(
      expect.arrayContaining([
        'stream.start.content-empty',
        'stream.start.stop-null',
        'stream.order.message-delta-present',
      ]),
    );
  });

  it('is not one without a stop reason', () => {
    expect(failing(prefilled(byCode, { stop_reason: null }))).toContain('stream.order.message-delta-present');
  });
});
