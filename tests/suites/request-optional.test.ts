import { describe, expect, test } from 'vitest';
import type { JsonObject } from '../../core/json.js';
import { requestOptional } from '../../suites/request-optional.js';
import { errorBody, exchange, judgeOf, message, textBlock } from '../support/exchange.js';
import { rejection, rejects, serves } from '../support/rejections.js';

const judge = judgeOf(requestOptional);
const says = (fixture: string, words: string, parts: JsonObject = {}) =>
  exchange({ fixture, json: message({ content: [textBlock(words)], ...parts }) });
const cheap = exchange({ fixture: 'cheap' });
const older = exchange({ fixture: 'version-2023-06-01' });

rejects(requestOptional, [
  'req.system.non-text',
  'req.temperature.range',
  'req.temperature.type',
  'req.stop-sequences.type',
  'req.stop-sequences.whitespace',
  'req.stream.type',
  'req.unknown-field',
]);
serves(requestOptional, 'req.metadata.user-id', 'metadata-user-id');

describe.each([
  ['req.system.string', 'system-string', says('words-in-prompt', 'Pineapple mango')],
  ['req.system.array', 'system-array', says('system-string', 'Pineapple.')],
])('%s', (id, subject, obeyed) => {
  const parroted = says(obeyed.fixture, 'Hello!');
  test('is satisfied when the word of the system prompt comes, in one try at least', () => {
    expect(judge(id, [says(subject, 'Pineapple.'), parroted]).outcome).toBe('satisfied');
    expect(judge(id, [says(subject, 'Hello!'), says(subject, 'PINEAPPLE'), parroted]).outcome).toBe('satisfied');
  });
  test('is violated in silence when the control alone is followed', () => {
    const judgement = judge(id, [cheap, says(subject, 'Hello! How can I help?'), obeyed]);
    expect(judgement).toMatchObject({ outcome: 'violated', silent: true });
  });
  test('is inconclusive with a parrot, and with a reply that max_tokens cut', () => {
    expect(judge(id, [says(subject, 'Hello!'), parroted]).outcome).toBe('inconclusive');
    expect(judge(id, [says(subject, '', { stop_reason: 'max_tokens' }), obeyed]).outcome).toBe('inconclusive');
  });
  test('is rejected with 400, broken with 500, unknown under a rate limit', () => {
    expect(judge(id, [cheap, rejection(subject), obeyed]).outcome).toBe('rejected');
    expect(judge(id, [cheap, rejection(subject, 500), obeyed]).outcome).toBe('violated');
    expect(judge(id, [cheap, rejection(subject, 429), obeyed]).outcome).toBe('inconclusive');
  });
});

test('a weak model that follows its user only is no broken server, as long as the system prompt is counted', () => {
  const control = says('words-in-prompt', 'Pineapple mango');
  const counted = says('system-string', 'Hello!', { usage: { input_tokens: 34, output_tokens: 2 } });
  expect(judge('req.system.string', [cheap, counted, control]).outcome).toBe('inconclusive');
  // The question alone, without its instructions, is longer than the cheapest one.
  const uncounted = says('system-string', 'Hello!', { usage: { input_tokens: 19, output_tokens: 2 } });
  expect(judge('req.system.string', [cheap, uncounted, control]).outcome).toBe('violated');
});

describe('what shares a request', () => {
  test('counts as accepted while the request is', () => {
    const accepted = [older, exchange({ fixture: 'permitted-zero' }), exchange({ fixture: 'permitted-nulls' })];
    for (const id of ['req.temperature.bounds', 'req.stop-sequences.empty-array', 'req.null.nullable-fields']) {
      expect(judge(id, accepted).outcome, id).toBe('satisfied');
    }
  });
  test('is judged by itself when the request is rejected', () => {
    const split = [
      older,
      cheap,
      rejection('permitted-zero'),
      rejection('temperature-zero'),
      exchange({ fixture: 'stop-sequences-empty' }),
      exchange({ fixture: 'permitted-nulls' }),
    ];
    expect(judge('req.temperature.bounds', split)).toMatchObject({
      outcome: 'rejected',
      findings: [{ exchange: 'temperature-zero/json' }],
    });
    expect(judge('req.stop-sequences.empty-array', split).outcome).toBe('satisfied');
  });
  test('is judged by itself for nulls, too', () => {
    const parts = ['cache-control-null', 'container-null', 'inference-geo-null', 'output-config-nulls'];
    const split = [older, cheap, rejection('permitted-nulls'), exchange({ fixture: 'temperature-one' })];
    const answers = parts.map((fixture) => (fixture === 'container-null' ? rejection(fixture) : exchange({ fixture })));
    expect(judge('req.null.nullable-fields', [...split, ...answers])).toMatchObject({
      outcome: 'rejected',
      findings: [{ exchange: 'container-null/json' }],
    });
  });
  test('is inconclusive when its parts were not tried, or the target asked to wait', () => {
    expect(judge('req.null.nullable-fields', [older, rejection('permitted-nulls')]).outcome).toBe('inconclusive');
    expect(judge('req.null.nullable-fields', [older, rejection('permitted-nulls', 429)]).outcome).toBe('inconclusive');
  });
});

describe.each([
  ['req.top-p.range', 'top-p-inside', ['top-p-high']],
  ['req.top-k.type', 'top-k-integer', ['top-k-fraction', 'top-k-string']],
])('%s', (id, inside, outside) => {
  const accepted = [older, exchange({ fixture: 'permitted-nucleus' })];
  test('wants what is permitted accepted and what is not rejected', () => {
    const rejected = outside.map((fixture) => rejection(fixture));
    expect(judge(id, [...accepted, ...rejected]).outcome).toBe('satisfied');
    expect(judge(id, [...accepted, exchange({ fixture: outside[0]! })]).outcome).toBe('violated');
    expect(judge(id, [older, rejection('permitted-nucleus'), rejection(inside), ...rejected]).outcome).toBe('rejected');
  });
});

test.each([
  'req.temperature.bounds',
  'req.temperature.range',
  'req.temperature.type',
  'req.top-p.range',
  'req.top-k.type',
])('%s does not apply where models fix their sampling', (id) => {
  const claims = { dialect: { sampling: 'fixed' as const } };
  expect(judge(id, [older, rejection('permitted-zero'), rejection('temperature-zero')], { claims }).outcome).toBe(
    'not-observed',
  );
});

describe.each(['req.temperature.bounds', 'req.top-p.range', 'req.top-k.type'])(
  '%s where it depends on the model',
  (id) => {
    const claims = { dialect: { sampling: 'either' as const } };
    const temperature = [
      older,
      rejection('permitted-zero'),
      rejection('temperature-zero'),
      exchange({ fixture: 'permitted-nulls' }),
    ];
    const nucleus = ['permitted-nucleus', 'top-p-inside', 'top-k-integer'];
    test('says nothing of a model that fixes all of its sampling', () => {
      const all = [...temperature, ...nucleus.map((fixture) => rejection(fixture))];
      expect(judge(id, all, { claims }).outcome).toBe('not-observed');
      expect(judge(id, all, { claims: { dialect: { sampling: 'classic' } } }).outcome).toBe('rejected');
    });
    test('is rejected where one parameter alone is', () => {
      const one =
        id === 'req.temperature.bounds'
          ? [...temperature, exchange({ fixture: 'permitted-nucleus' })]
          : [older, exchange({ fixture: 'permitted-zero' }), ...nucleus.map((fixture) => rejection(fixture))];
      expect(judge(id, one, { claims }).outcome).toBe('rejected');
    });
  },
);

describe('req.stop-sequences.empty-array', () => {
  test('is violated by an answer that a sequence stopped', () => {
    const stopped = exchange({
      fixture: 'permitted-zero',
      json: message({ stop_reason: 'stop_sequence', stop_sequence: '' }),
    });
    expect(judge('req.stop-sequences.empty-array', [older, stopped]).outcome).toBe('violated');
  });
});

describe.each([
  ['req.stop-sequences.five', 'stop-sequences-five'],
  ['req.stop-sequences.six', 'stop-sequences-six'],
])('%s', (id, fixture) => {
  const counting = exchange({ fixture: 'counting' });
  test('is satisfied by a stop at the last sequence, whether or not the reason tells', () => {
    const reported = says(fixture, '1, 2, 3, 4, 5, 6, ', { stop_reason: 'stop_sequence', stop_sequence: '7' });
    expect(judge(id, [counting, reported]).outcome).toBe('satisfied');
    expect(judge(id, [counting, says(fixture, '1, 2, 3, 4, 5, 6, ')]).outcome).toBe('satisfied');
    expect(judge(id, [counting, says(fixture, '1, 2, 3, 4, 5, 6, 7')]).outcome).toBe('satisfied');
  });
  test('is violated in silence when the model counts on', () => {
    const judgement = judge(id, [counting, says(fixture, '1, 2, 3, 4, 5, 6, 7, 8, 9')]);
    expect(judgement).toMatchObject({ outcome: 'violated', silent: true });
  });
  test('is inconclusive when the model does not count, or is cut before it comes so far', () => {
    expect(judge(id, [counting, says(fixture, 'Hello!')]).outcome).toBe('inconclusive');
    const truncated = says(fixture, '1, 2, 3, 4, 5, 6, ', { stop_reason: 'max_tokens' });
    expect(judge(id, [counting, truncated]).outcome).toBe('inconclusive');
  });
  test('is violated by a server error', () => {
    expect(judge(id, [counting, rejection(fixture, 500)]).outcome).toBe('violated');
  });
});

test('five stop sequences may not be rejected; six may, against a contract without a limit at most', () => {
  const counting = exchange({ fixture: 'counting' });
  expect(judge('req.stop-sequences.five', [counting, rejection('stop-sequences-five')]).outcome).toBe('rejected');
  const six = [counting, rejection('stop-sequences-six')];
  expect(judge('req.stop-sequences.six', six).outcome).toBe('deviates');
  expect(judge('req.stop-sequences.six', six, { claims: { dialect: { stopSequenceLimit: 5 } } }).outcome).toBe(
    'satisfied',
  );
});

describe('req.provider-fields', () => {
  const id = 'req.provider-fields';
  const rest = [cheap, exchange({ fixture: 'container-unused' }), exchange({ fixture: 'workspace-headers' })];
  const named = (fixture: string, text: string) =>
    exchange({ fixture, status: 400, json: errorBody('invalid_request_error', text) });
  const parts = ['service-tier-auto', 'inference-geo-global', 'speed-standard', 'diagnostics-first'];
  test('is satisfied when everything is accepted, or rejected by name', () => {
    expect(judge(id, [...rest, exchange({ fixture: 'provider-fields' })]).outcome).toBe('satisfied');
    const rejected = [named('provider-fields', 'speed: Extra inputs'), named('speed-standard', 'speed: Extra inputs')];
    const others = parts.filter((part) => part !== 'speed-standard').map((fixture) => exchange({ fixture }));
    expect(judge(id, [...rest, ...rejected, ...others]).outcome).toBe('satisfied');
    const container = named('container-unused', 'container may only be provided when using the code execution tool');
    expect(judge(id, [cheap, exchange({ fixture: 'provider-fields' }), container]).outcome).toBe('satisfied');
  });
  test('is violated by a refusal that names nothing and by a server error', () => {
    const split = parts.map((fixture) => exchange({ fixture }));
    const vague = [named('provider-fields', 'bad request'), named('speed-standard', 'bad request')];
    expect(judge(id, [...rest, ...vague, ...split.slice(0, 2)])).toMatchObject({
      outcome: 'violated',
      findings: [{ exchange: 'speed-standard/json' }],
    });
    const crashed = [exchange({ fixture: 'provider-fields' }), rejection('container-unused', 500)];
    expect(judge(id, [cheap, ...crashed]).outcome).toBe('violated');
  });
  test('lets a workspace be unknown', () => {
    const unknown = rejection('workspace-headers', 403);
    expect(judge(id, [cheap, exchange({ fixture: 'provider-fields' }), unknown]).outcome).toBe('satisfied');
  });
});

describe('unknown fields', () => {
  const accepted = [cheap, exchange({ fixture: 'unknown-field' })];
  test('may be ignored where the contract says so', () => {
    for (const unknownFields of ['ignore', 'either'] as const) {
      expect(judge('req.unknown-field', accepted, { claims: { dialect: { unknownFields } } }).outcome).toBe(
        'not-observed',
      );
    }
    const rejected = [cheap, rejection('unknown-field')];
    expect(judge('req.unknown-field', rejected, { claims: { dialect: { unknownFields: 'ignore' } } }).outcome).toBe(
      'satisfied',
    );
  });
  test('inside other values are a free choice, a crash is none', () => {
    const nested = 'req.unknown-field.nested';
    expect(judge(nested, [cheap, exchange({ fixture: 'unknown-field-message' })]).outcome).toBe('not-observed');
    expect(judge(nested, [cheap, rejection('unknown-field-message')]).outcome).toBe('satisfied');
    expect(judge(nested, [cheap, rejection('unknown-field-message', 500)]).outcome).toBe('violated');
  });
});
