import { describe, expect, it } from 'vitest';
import type { Exchange } from '../../core/exchange.js';
import type { JsonObject } from '../../core/json.js';
import type { Judgement } from '../../core/requirement.js';
import { betaFeatures } from '../../suites/beta-features.js';
import {
  type Circumstances,
  type ExchangeParts,
  errorBody,
  exchange,
  judgeOf,
  message,
  textBlock,
  toolUse,
} from '../support/exchange.js';

const CLAIMED: Circumstances = { claims: { profiles: ['core', 'tools', 'agent'] } };
const judge = judgeOf(betaFeatures, CLAIMED);

const BOTH = 'PINEAPPLE MANGO';
const says = (fixture: string, text: string, parts: ExchangeParts = {}, input = 40): Exchange =>
  exchange({
    fixture,
    json: message({ content: [textBlock(text)], usage: { input_tokens: input, output_tokens: 4 } }),
    ...parts,
  });
const rejects = (fixture: string, status: number, text: string, parts: ExchangeParts = {}): Exchange =>
  exchange({ fixture, status, json: errorBody('invalid_request_error', text), ...parts });
const coded = (fixture: string, status: number, details: unknown): Exchange => {
  const body = errorBody('not_found_error', 'thread');
  return exchange({ fixture, status, json: { ...body, error: { ...(body.error as JsonObject), details } } });
};
const control = says('cheap', 'ok');
const BETA = 'message-threads-2026-08-12';
const THREAD = { type: 'continue', previous_message_id: 'msg_1' };
const second = (text: string, input: number): Exchange =>
  says('thread', text, { turn: 2, request: { body: { thread: THREAD } } }, input);
const unset = exchange({
  fixture: 'thread',
  turn: 2,
  noResponse: true,
  failure: { kind: 'not-set-up', message: 'turn 1 did not answer' },
});

describe.each([
  [
    'agent.thread.not-ignored',
    [
      [
        'a thread that goes on',
        [control, says('thread', 'ok'), second(BOTH, 60), coded('thread-unknown', 404, {})],
        'satisfied',
      ],
      [
        'rejections',
        [control, rejects('thread', 400, 'thread'), unset, rejects('thread-unknown', 400, 'thread')],
        'satisfied',
      ],
      [
        'a thread that only ends',
        [
          control,
          says('thread', 'ok'),
          rejects('thread', 404, 'gone', { turn: 2 }),
          rejects('thread-unknown', 404, 'x'),
        ],
        'satisfied',
      ],
      [
        'an answer to a thread that does not exist',
        [control, says('thread', 'ok'), second('Which words?', 12), says('thread-unknown', 'ok')],
        'violated',
      ],
      [
        'an answer from fewer tokens than before',
        [control, says('thread', 'ok'), second('Which words?', 12), coded('thread-unknown', 404, {})],
        'violated',
      ],
      ['a crash', [control, rejects('thread', 500, 'oops'), unset, rejects('thread-unknown', 400, 'x')], 'violated'],
      [
        'a model that does not answer with the words, and counts them',
        [control, says('thread', 'ok'), second('Which words?', 60), rejects('thread-unknown', 404, 'x')],
        'inconclusive',
      ],
      [
        'a target that rejects everything',
        [rejects('cheap', 400, 'no'), rejects('thread', 400, 'no'), unset, rejects('thread-unknown', 400, 'no')],
        'inconclusive',
      ],
    ],
  ],
  [
    'agent.thread.refusal-code',
    [
      [
        'the code of an unknown thread',
        [control, coded('thread-unknown', 404, { error_code: 'thread_not_found' })],
        'satisfied',
      ],
      [
        'the code of a server without threads',
        [control, coded('thread-unknown', 400, { error_code: 'thread_unsupported_request' })],
        'satisfied',
      ],
      ['no details', [control, rejects('thread-unknown', 400, 'thread: Extra inputs are not permitted')], 'violated'],
      ['another code', [control, coded('thread-unknown', 404, { error_code: 'not_found' })], 'violated'],
      [
        'a code with another status',
        [control, coded('thread-unknown', 400, { error_code: 'thread_not_found' })],
        'violated',
      ],
      ['no rejection', [control, says('thread-unknown', 'ok')], 'not-observed'],
      [
        'a rejection of the empty reply in the thread',
        [
          control,
          exchange({ fixture: 'thread', json: message({ content: [] }) }),
          rejects('thread', 400, 'messages.1.content: must not be empty', {
            turn: 2,
            request: { body: { thread: THREAD } },
          }),
          coded('thread-unknown', 404, { error_code: 'thread_not_found' }),
        ],
        'satisfied',
      ],
      [
        'a rejection of the thread after a reply',
        [
          control,
          says('thread', 'ok'),
          rejects('thread', 400, 'thread: unknown', { turn: 2, request: { body: { thread: THREAD } } }),
        ],
        'violated',
      ],
      [
        'a rejection that names the value of anthropic-beta',
        [control, rejects('thread-unknown', 400, `Unexpected value(s) \`${BETA}\` for the \`anthropic-beta\` header.`)],
        'not-observed',
      ],
    ],
  ],
  [
    'agent.compaction.replay',
    [
      ['both words of the summary', [control, says('agent-history', BOTH)], 'satisfied'],
      [
        'both words without the rest',
        [control, says('agent-history', 'no'), says('compaction-history', BOTH)],
        'satisfied',
      ],
      [
        'a rejection by name',
        [
          control,
          rejects('agent-history', 400, 'x'),
          rejects('compaction-history', 400, "tag 'compaction' is unknown"),
        ],
        'satisfied',
      ],
      [
        'a rejection that names nothing',
        [control, rejects('agent-history', 400, 'x'), rejects('compaction-history', 400, 'Invalid request')],
        'violated',
      ],
      [
        'a summary that is lost',
        [control, says('agent-history', 'no'), says('compaction-history', 'Which?'), says('words-in-prompt', BOTH)],
        'violated',
      ],
      [
        'a model that repeats nothing',
        [control, says('agent-history', 'no'), says('compaction-history', 'no'), says('words-in-prompt', 'no')],
        'inconclusive',
      ],
    ],
  ],
  [
    'agent.fallbacks',
    [
      ['an answer of the first model', [control, says('fallbacks', 'ok')], 'satisfied'],
      ['an answer that names the second model', [control, handedOver('second')], 'satisfied'],
      ['an answer that names the first model', [control, handedOver('first')], 'violated'],
      ['an answer with the dated name of the second model', [control, handedOver('second-20261021')], 'satisfied'],
      ['an answer that names the first model with its date', [control, handedOver('first-20261021')], 'violated'],
      ['an answer with a name that is in no part of the chain', [control, handedOver('third')], 'inconclusive'],
      [
        'an answer with the one name that the target has for all models',
        [exchange({ fixture: 'cheap', json: message({ model: 'product' }) }), handedOver('product')],
        'inconclusive',
      ],
      ['a rejection by name', [control, rejects('fallbacks', 400, 'fallbacks: Extra inputs')], 'satisfied'],
      ['a rejection that names nothing', [control, rejects('fallbacks', 400, 'Invalid request')], 'violated'],
      ['a crash', [control, rejects('fallbacks', 500, 'fallbacks')], 'violated'],
    ],
  ],
  [
    'sys.clear-at',
    [
      [
        'a message that is over',
        [control, says('agent-history', BOTH), says('system-role-later', 'PINEAPPLE')],
        'satisfied',
      ],
      [
        'a message that still counts',
        [
          control,
          says('agent-history', 'KIWI'),
          says('clear-at-history', 'KIWI'),
          says('system-role-later', 'PINEAPPLE'),
        ],
        'violated',
      ],
      [
        'a rejection by name',
        [control, rejects('agent-history', 400, 'x'), rejects('clear-at-history', 400, 'messages.1.clear_at: unknown')],
        'satisfied',
      ],
      [
        'a rejection that names nothing',
        [control, rejects('agent-history', 400, 'x'), rejects('clear-at-history', 400, 'Invalid request')],
        'violated',
      ],
      [
        'a model that follows no system message',
        [control, says('agent-history', BOTH), says('system-role-later', 'no')],
        'inconclusive',
      ],
    ],
  ],
  [
    'sys.tool-addition',
    [
      ['a call', [control, calls('tool-added')], 'satisfied'],
      ['a rejection by name', [control, rejects('tool-added', 400, 'tool_addition is not allowed')], 'satisfied'],
      ['a rejection that names nothing', [control, rejects('tool-added', 400, 'Invalid request')], 'violated'],
      [
        'no call, though the model calls',
        [control, says('tool-added', 'I cannot.'), calls('tool-from-start')],
        'violated',
      ],
      [
        'a model that never calls',
        [control, says('tool-added', 'I cannot.'), says('tool-from-start', 'I cannot.')],
        'inconclusive',
      ],
    ],
  ],
  [
    'think.redacted.replay',
    [
      ['read with the rest', [control, says('agent-history', `${BOTH} CHERRY`)], 'satisfied'],
      [
        'read where the rest is lost',
        [control, says('agent-history', BOTH), says('redacted-history', 'Cherry')],
        'satisfied',
      ],
      [
        'read once, beside the rest',
        [control, says('agent-history', 'CHERRY'), says('redacted-history', '?'), says('words-in-prompt', BOTH)],
        'satisfied',
      ],
      [
        'accepted, and the text beside it lost',
        [control, says('agent-history', BOTH), says('redacted-history', 'Which word?'), says('words-in-prompt', BOTH)],
        'violated',
      ],
      [
        'not repeated by a model that repeats nothing',
        [control, says('agent-history', BOTH), says('redacted-history', '?'), says('words-in-prompt', '?')],
        'inconclusive',
      ],
      [
        'rejected by type',
        [
          control,
          rejects('agent-history', 400, 'x'),
          rejects('redacted-history', 400, "tag 'redacted_thinking' is unknown"),
        ],
        'rejected',
      ],
      ['a crash', [control, rejects('agent-history', 400, 'x'), rejects('redacted-history', 500, 'oops')], 'violated'],
      [
        'data that its own server checks',
        [control, rejects('agent-history', 400, 'x'), rejects('redacted-history', 400, 'Invalid `data` in block')],
        'not-observed',
      ],
    ],
  ],
] as [string, [string, Exchange[], Judgement['outcome']][]][])('%s', (id, cases) => {
  it.each(cases)('%s', (_what, exchanges, outcome) => {
    const judgement = judge(id, exchanges);
    expect(judgement).toMatchObject({ outcome });
    if (judgement.outcome === 'violated') {
      for (const finding of judgement.findings)
        expect([finding.message, finding.expected, finding.actual].filter((line) => line === '')).toEqual([]);
    }
  });
});

it('has a case for every requirement', () => {
  expect(betaFeatures.requirements.map(({ id }) => id).sort()).toEqual([
    'agent.compaction.replay',
    'agent.fallbacks',
    'agent.thread.not-ignored',
    'agent.thread.refusal-code',
    'sys.clear-at',
    'sys.tool-addition',
    'think.redacted.replay',
  ]);
});

it('says silently where the client sees nothing', () => {
  const dropped = judge('agent.thread.not-ignored', [control, says('thread-unknown', 'ok')]);
  expect(dropped).toMatchObject({ outcome: 'violated', silent: true });
  const kept = [says('agent-history', 'KIWI'), says('clear-at-history', 'KIWI')];
  expect(judge('sys.clear-at', [control, ...kept])).toMatchObject({ outcome: 'violated', silent: true });
});

function handedOver(model: string): Exchange {
  const change = { type: 'fallback', from: { model: 'first' }, to: { model: 'second' }, trigger: { type: 'refusal' } };
  return exchange({ fixture: 'fallbacks', json: message({ model, content: [change, textBlock('ok')] }) });
}

function calls(fixture: string): Exchange {
  const call = toolUse({ room: 'kitchen' }, { name: 'list_alarms' });
  return exchange({ fixture, json: message({ content: [call], stop_reason: 'tool_use' }) });
}
