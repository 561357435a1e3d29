import { describe, expect, it } from 'vitest';
import type { Exchange } from '../../core/exchange.js';
import type { JsonObject } from '../../core/json.js';
import { batches } from '../../suites/batches.js';
import { type Circumstances, type ExchangeParts, errorBody, exchange, judgeOf, message } from '../support/exchange.js';
import { rejection, rejects } from '../support/rejections.js';

const CLAIMED: Circumstances = { claims: { profiles: ['core', 'batches'] } };
const UNCLAIMED: Circumstances = { claims: { profiles: ['core'] } };
const judge = judgeOf(batches, CLAIMED);

const counts = (parts: JsonObject = {}): JsonObject => ({
  processing: 0,
  succeeded: 0,
  errored: 0,
  canceled: 0,
  expired: 0,
  ...parts,
});
const URL = 'http://target.test/v1/messages/batches/msgbatch_1/results';
const batch = (parts: JsonObject = {}): JsonObject => ({
  id: 'msgbatch_1',
  type: 'message_batch',
  processing_status: 'in_progress',
  request_counts: counts({ processing: 2 }),
  created_at: '2026-11-01T12:00:00Z',
  expires_at: '2026-11-02T12:00:00Z',
  ended_at: null,
  cancel_initiated_at: null,
  archived_at: null,
  results_url: null,
  ...parts,
});
const ENDED = {
  processing_status: 'ended',
  request_counts: counts({ succeeded: 1, errored: 1 }),
  ended_at: '2026-11-01T12:01:00Z',
  results_url: URL,
};
const page = (items: readonly JsonObject[], parts: JsonObject = {}): JsonObject => ({
  data: [...items],
  has_more: false,
  first_id: items[0]?.id ?? null,
  last_id: items.at(-1)?.id ?? null,
  ...parts,
});

const good = { custom_id: 'short', result: { type: 'succeeded', message: message() } };
const bad = { custom_id: 'without-messages', result: { type: 'errored', error: errorBody() } };
const jsonl = (...lines: unknown[]): string => lines.map((line) => `${JSON.stringify(line)}\n`).join('');
const text = (raw: string): ExchangeParts => ({
  transport: 'json',
  raw,
  headers: { 'content-type': 'application/x-jsonl' },
});

/** Parts of the life of a batch, turn by turn; `null` leaves the rest out. */
type Turns = Partial<
  Record<'created' | 'early' | 'listed' | 'seen' | 'ended' | 'results' | 'deleted', ExchangeParts | null>
>;
const NAMES = ['created', 'early', 'listed', 'seen', 'ended', 'results', 'deleted'] as const;
const NOT_FOUND: ExchangeParts = { status: 404, json: errorBody('not_found_error', 'not there') };
const NOT_SET_UP: ExchangeParts = { noResponse: true, failure: { kind: 'not-set-up', message: 'turn 1 had no id' } };
const ORDERLY: Record<(typeof NAMES)[number], ExchangeParts> = {
  created: { json: batch() },
  early: NOT_FOUND,
  listed: { json: page([batch(), batch({ id: 'msgbatch_0', created_at: '2026-10-31T12:00:00Z' })]) },
  seen: { json: batch() },
  ended: { json: batch(ENDED) },
  results: text(jsonl(bad, good)),
  deleted: { json: { id: 'msgbatch_1', type: 'message_batch_deleted' } },
};
function life(turns: Turns = {}, fixture = 'batch-life'): Exchange[] {
  const exchanges: Exchange[] = [];
  for (const [index, name] of NAMES.entries()) {
    const parts = turns[name] === undefined ? ORDERLY[name] : turns[name];
    if (parts === null) return exchanges;
    const own: ExchangeParts = { fixture, transport: 'json', turn: index + 1, ...parts };
    exchanges.push(exchange(name === 'results' ? { request: { url: URL }, ...own } : own));
  }
  return exchanges;
}
const rejectedCreation = (status = 404): ExchangeParts => ({
  status,
  json: errorBody('not_found_error', 'no such path'),
});
const nowhere = [
  ...life({ created: rejectedCreation(), early: NOT_SET_UP, listed: null }),
  ...life({ created: rejectedCreation(), early: NOT_SET_UP, listed: null }, 'batch-life-valid'),
];
const running = life({ ended: { json: batch() }, results: NOT_SET_UP, deleted: null });
const created = (json: unknown) => exchange({ fixture: 'batch-create', json });

rejects(batches, ['batch.custom-id.unique'], CLAIMED);

describe('batch.create', () => {
  it.each([
    ['a batch in progress', created(batch({ request_counts: counts({ processing: 1 }) })), 'satisfied'],
    ['a batch with more to say', created(batch({ model: 'x' })), 'satisfied'],
    ['a batch that has ended', created(batch(ENDED)), 'violated'],
    ['another type', created(batch({ type: 'batch' })), 'violated'],
    ['no count of the expired', created(batch({ request_counts: { ...counts(), expired: undefined } })), 'violated'],
    ['no counts', created(batch({ request_counts: null })), 'violated'],
    ['no object', created([]), 'violated'],
    ['no such path', exchange({ fixture: 'batch-create', ...NOT_FOUND }), 'rejected'],
    ['not implemented', rejection('batch-create', 501), 'rejected'],
    ['a crash', rejection('batch-create', 500), 'violated'],
    ['a rate limit', rejection('batch-create', 429), 'inconclusive'],
  ] as const)('%s', (_what, answer, outcome) => {
    expect(judge('batch.create', [answer]).outcome).toBe(outcome);
  });
});

describe('batch.object.shape', () => {
  it.each([
    ['all fields', batch(), 'satisfied'],
    ['milliseconds in one of the times', batch({ created_at: '2026-11-01T12:00:00.700Z' }), 'satisfied'],
    ['an expiry of another length', batch({ expires_at: '2026-11-01T13:00:00Z' }), 'violated'],
    ['a field left out instead of null', batch({ archived_at: undefined }), 'violated'],
    ['seconds as a time', batch({ created_at: 1_700_000_000 }), 'violated'],
    ['an unknown state', batch({ processing_status: 'validating' }), 'violated'],
    ['a null where a time is due', batch({ expires_at: null }), 'violated'],
  ] as const)('%s', (_what, json, outcome) => {
    expect(judge('batch.object.shape', [created(json)]).outcome).toBe(outcome);
  });

  it('is rejected where there are no batches', () => {
    expect(judge('batch.object.shape', [exchange({ fixture: 'batch-create', ...NOT_FOUND })]).outcome).toBe('rejected');
  });
});

describe('batch.custom-id.unique', () => {
  it('is rejected where there are no batches and none are claimed', () => {
    const absent = [
      exchange({ fixture: 'batch-create', ...NOT_FOUND }),
      exchange({ fixture: 'batch-empty', ...NOT_FOUND }),
    ];
    expect(judge('batch.custom-id.unique', absent, UNCLAIMED).outcome).toBe('rejected');
    expect(judge('batch.custom-id.unique', absent).outcome).toBe('inconclusive');
  });
});

describe('batch.params.async', () => {
  const valid = life({ created: { json: batch() }, results: text(jsonl(good)) }, 'batch-life-valid');
  const checkedAtOnce = life({ created: rejectedCreation(400), early: NOT_SET_UP, listed: null });
  it.each([
    ['told in the results', life(), 'satisfied'],
    ['rejected at once, which loses the other request', [...checkedAtOnce, ...valid], 'violated'],
    [
      'answered as if nothing were missing',
      life({ results: text(jsonl(good, { ...good, custom_id: 'without-messages' })) }),
      'violated',
    ],
    ['not told', life({ results: text(jsonl(good)) }), 'inconclusive'],
    ['not ended', running, 'inconclusive'],
    ['results that cannot be had', life({ results: rejectedCreation(500), deleted: null }), 'inconclusive'],
    ['no batches', nowhere, 'rejected'],
  ] as const)('%s', (_what, exchanges, outcome) => {
    expect(judge('batch.params.async', exchanges).outcome).toBe(outcome);
  });
});

const bare = (name: string) => batch({ ...(name === 'ended' && ENDED), archived_at: undefined });

describe('batch.retrieve', () => {
  const made = exchange({ fixture: 'batch-create', json: batch() });
  const unknown = (parts: ExchangeParts) => exchange({ fixture: 'batch-unknown', ...parts });
  const gone = unknown(NOT_FOUND);
  it.each([
    ['found', [...life(), made, gone], 'satisfied'],
    ['found, though it moved on', [...life({ seen: { json: batch(ENDED) } }), made, gone], 'satisfied'],
    ['its counts lost', [...life({ seen: { json: batch({ request_counts: null }) } }), made, gone], 'violated'],
    ['lost at its end', [...life({ ended: { json: { ...ENDED, type: 'message_batch' } } }), made, gone], 'violated'],
    ['no time of its end', [...life({ ended: { json: batch({ ...ENDED, ended_at: null }) } }), made, gone], 'violated'],
    [
      'without a field that no batch has',
      [
        ...life(Object.fromEntries(['created', 'seen', 'ended'].map((name) => [name, { json: bare(name) }]))),
        made,
        gone,
      ],
      'satisfied',
    ],
    ['another one found', [...life({ seen: { json: batch({ id: 'msgbatch_2' }) } }), made, gone], 'violated'],
    ['a later time of creation', [...life({ seen: { json: batch({ created_at: 'x' }) } }), made, gone], 'violated'],
    ['lost', [...life({ seen: rejectedCreation(500) }), made, gone], 'violated'],
    ['an unknown one found', [...life(), made, unknown({ json: batch() })], 'violated'],
    [
      'an unknown one rejected in another way',
      [...life(), made, unknown({ status: 400, json: errorBody() })],
      'violated',
    ],
    [
      'a batch without id',
      [...life({ created: { json: {} }, early: NOT_SET_UP, listed: null }), made, gone],
      'inconclusive',
    ],
    ['no batches', [...nowhere, exchange({ fixture: 'batch-create', ...NOT_FOUND }), gone], 'rejected'],
  ] as const)('%s', (_what, exchanges, outcome) => {
    expect(judge('batch.retrieve', exchanges).outcome).toBe(outcome);
  });
});

describe('batch.list', () => {
  const list = (json: unknown) => exchange({ fixture: 'batch-list', json });
  const old = (id: string, day: number) => batch({ id, created_at: `2026-10-0${day}T12:00:00Z` });
  const listed = (json: unknown) => life({ listed: { json } });
  it.each([
    ['newest first', [list(page([old('b', 2), old('a', 1)]))], 'satisfied'],
    ['two at the same time', [list(page([old('b', 2), old('a', 2)]))], 'satisfied'],
    ['none', [list(page([]))], 'satisfied'],
    ['oldest first', [list(page([old('a', 1), old('b', 2)]))], 'violated'],
    ['no page', [list({ object: 'list', data: [] })], 'violated'],
    ['the wrong last_id', [list(page([old('b', 2)], { last_id: 'a' }))], 'violated'],
    ['one twice', [list(page([old('b', 2), old('b', 2)]))], 'violated'],
    ['an older one in another form', [list(page([old('b', 2), { id: 'a' }])), ...life()], 'satisfied'],
    [
      'the new one without its counts',
      [list(page([])), ...listed(page([batch({ request_counts: undefined })]))],
      'violated',
    ],
    [
      'the new one with another time',
      [list(page([])), ...listed(page([batch({ created_at: '2026-11-01T12:00:07Z' })]))],
      'violated',
    ],
    ['the new one among them', [list(page([])), ...life()], 'satisfied'],
    ['the new one missing', [list(page([])), ...listed(page([]))], 'violated'],
    [
      'the new one on a later page',
      [list(page([])), ...listed(page([batch({ id: 'c', created_at: '2026-11-01T12:00:05Z' })], { has_more: true }))],
      'satisfied',
    ],
    ['no list behind a batch that was created', life({ listed: NOT_FOUND }), 'rejected'],
    ['no batches', [exchange({ fixture: 'batch-list', ...NOT_FOUND })], 'rejected'],
  ] as const)('%s', (_what, exchanges, outcome) => {
    expect(judge('batch.list', exchanges).outcome).toBe(outcome);
  });
});

describe('batch.results-url', () => {
  const foreign = (url: string, parts: ExchangeParts = { noResponse: true }, from?: string): Exchange[] => {
    const partial: ExchangeParts = { request: { url }, failure: { kind: 'foreign', message: 'not asked' }, ...parts };
    return life({
      ended: { json: batch({ ...ENDED, results_url: url }), ...(from && { request: { url: from } }) },
      results: partial,
    });
  };
  const signed = (status: number) => foreign('https://files.example.net/r.jsonl', { status, raw: '' });
  it.each([
    ['null, then the results', life(), 'satisfied'],
    ['another origin', foreign('https://files.example.net/r.jsonl'), 'inconclusive'],
    ['another origin that asks for no key', signed(200), 'satisfied'],
    ['another origin that asks for a key', signed(403), 'inconclusive'],
    ['this machine', foreign('http://localhost:8080/r'), 'violated'],
    ['a private network', foreign('http://10.0.0.8/r'), 'violated'],
    ['the metadata of a cloud', foreign('http://169.254.169.254/latest/meta-data/'), 'violated'],
    ['a loopback address of IPv6', foreign('http://[::1]/r'), 'violated'],
    [
      'a local network of which the target is part',
      foreign('http://10.0.0.8/r', undefined, 'http://localhost:1/x'),
      'inconclusive',
    ],
    ['there before the end', life({ seen: { json: batch({ results_url: URL }) } }), 'violated'],
    ['there from the start', life({ created: { json: batch({ results_url: URL }) } }), 'violated'],
    [
      'null at the end',
      life({ ended: { json: batch({ ...ENDED, results_url: null }) }, results: NOT_SET_UP, deleted: null }),
      'violated',
    ],
    [
      'no address',
      life({ ended: { json: batch({ ...ENDED, results_url: ':' }) }, results: NOT_SET_UP, deleted: null }),
      'violated',
    ],
    ['nothing there', life({ results: NOT_FOUND }), 'violated'],
    ['not for this key', life({ results: { status: 403, json: errorBody('permission_error') } }), 'violated'],
    ['not ended', running, 'inconclusive'],
    ['lost on the way', life({ ended: rejectedCreation(500), results: NOT_SET_UP, deleted: null }), 'inconclusive'],
    ['no batches', nowhere, 'rejected'],
  ] as const)('%s', (_what, exchanges, outcome) => {
    expect(judge('batch.results-url', exchanges).outcome).toBe(outcome);
  });

  it('says how long it waited', () => {
    expect(judge('batch.results-url', running)).toMatchObject({
      reason: 'The batch did not end within 10 minutes: it is still running',
    });
  });

  it('says that a store answered', () => {
    const stored = { json: batch(), headers: { 'request-id': 'req_stored' } };
    expect(
      judge('batch.results-url', life({ seen: stored, ended: stored, results: NOT_SET_UP, deleted: null })),
    ).toMatchObject({
      outcome: 'inconclusive',
      reason: expect.stringMatching(/^Not tested: looking the batch up gives a stored answer/),
    });
  });
});

describe('batch.results.jsonl', () => {
  const results = (raw: string) => life({ results: text(raw) });
  it.each([
    ['a line each', life(), 'satisfied'],
    [
      'in the other order, with CRLF and no last line end',
      results(`${JSON.stringify(good)}\r\n${JSON.stringify(bad)}`),
      'satisfied',
    ],
    ['a list', results(JSON.stringify([good, bad])), 'violated'],
    ['one missing', results(jsonl(good)), 'violated'],
    ['one twice', results(jsonl(good, bad, good)), 'violated'],
    ['one that nobody asked for', results(jsonl(good, bad, { ...good, custom_id: 'x' })), 'violated'],
    ['half a line', results(`${jsonl(good)}{"custom_id":`), 'violated'],
    ['a line without result', results(jsonl(good, { custom_id: 'without-messages' })), 'violated'],
    ['nothing', results(''), 'violated'],
    [
      'results of a batch without the invalid request',
      life({ results: text(jsonl(good)) }, 'batch-life-valid'),
      'satisfied',
    ],
    ['not ended', running, 'inconclusive'],
    ['no batches', nowhere, 'rejected'],
  ] as const)('%s', (_what, exchanges, outcome) => {
    expect(judge('batch.results.jsonl', exchanges).outcome).toBe(outcome);
  });

  it('names the byte at which the line begins', () => {
    expect(judge('batch.results.jsonl', results(`${jsonl(good)}oops\n`))).toMatchObject({
      findings: [{ at: { offset: Buffer.byteLength(jsonl(good)) }, actual: 'oops' }],
    });
  });
});

const USAGE = { input_tokens: 5, output_tokens: 1 };
const NO_OUTPUT = { input_tokens: 5, output_tokens: 0 };
const answeredWith = (parts: JsonObject) => ({
  custom_id: 'short',
  result: { type: 'succeeded', message: message(parts) },
});

describe('batch.results.types', () => {
  const results = (...lines: unknown[]) => life({ results: text(jsonl(...lines)) });
  const other = (result: JsonObject) => ({ custom_id: 'without-messages', result });
  it.each([
    ['a message and an error', life(), 'satisfied'],
    ['one expired', results(good, other({ type: 'expired' })), 'satisfied'],
    ['one canceled', results(good, other({ type: 'canceled' })), 'satisfied'],
    [
      'a message at the wrong place',
      results({ custom_id: 'short', result: { type: 'succeeded' }, message: message() }, bad),
      'violated',
    ],
    [
      'a chat completion',
      results({ custom_id: 'short', result: { type: 'succeeded', message: { choices: [] } } }, bad),
      'violated',
    ],
    ['an error without envelope', results(good, other({ type: 'errored', error: { message: 'x' } })), 'violated'],
    ['an error as text', results(good, other({ type: 'errored', error: 'x' })), 'violated'],
    ['an error beside expired', results(good, other({ type: 'expired', error: errorBody() })), 'violated'],
    ['another type', results(good, other({ type: 'failed' })), 'violated'],
    [
      'a fault that other replies have too, which others judge',
      [...results(answeredWith({ usage: { input_tokens: 'x' } }), bad), exchange({ json: message({ usage: {} }) })],
      'satisfied',
    ],
    [
      'nothing in a message, and no tokens',
      results(answeredWith({ content: [], usage: NO_OUTPUT }), bad),
      'inconclusive',
    ],
    ['no token counts', [...results(answeredWith({ usage: {} }), bad), exchange()], 'violated'],
    ['null as a block', results(answeredWith({ content: [null] }), bad), 'violated'],
    ['a block without text', results(answeredWith({ content: [{ type: 'text' }] }), bad), 'violated'],
    ['a fault of a further count', results(answeredWith({ usage: { ...USAGE, service_tier: 7 } }), bad), 'satisfied'],
    ['none that succeeded', results({ ...bad, custom_id: 'short' }, bad), 'inconclusive'],
    ['not ended', running, 'inconclusive'],
    ['no batches', nowhere, 'rejected'],
  ] as const)('%s', (_what, exchanges, outcome) => {
    expect(judge('batch.results.types', exchanges).outcome).toBe(outcome);
  });
});

describe('batch.results.early', () => {
  it.each([
    ['404', life(), 'satisfied'],
    ['400', life({ early: { status: 400, json: errorBody() } }), 'violated'],
    ['an empty list of results', life({ early: text('') }), 'violated'],
    [
      'results of a batch that ended in between',
      life({ early: text(jsonl(good, bad)), seen: { json: batch(ENDED) } }),
      'not-observed',
    ],
    ['a batch without id', life({ created: { json: {} }, early: NOT_SET_UP, listed: null }), 'inconclusive'],
    ['no batches', nowhere, 'rejected'],
  ] as const)('%s', (_what, exchanges, outcome) => {
    expect(judge('batch.results.early', exchanges).outcome).toBe(outcome);
  });
});

const REFUSED: ExchangeParts = { status: 400, json: errorBody() };
const CANCELING = { processing_status: 'canceling', cancel_initiated_at: '2026-11-01T12:00:10Z' };
const cancel = (canceled: ExchangeParts, deleted = REFUSED, start: ExchangeParts = { json: batch() }) =>
  [start, deleted, canceled].map((parts, index) => exchange({ fixture: 'batch-cancel', turn: index + 1, ...parts }));

describe('batch.cancel', () => {
  it.each([
    ['canceling', cancel({ json: batch(CANCELING) }), 'satisfied'],
    ['ended', cancel({ json: batch({ ...CANCELING, processing_status: 'ended' }) }), 'satisfied'],
    ['running on', cancel({ json: batch() }), 'violated'],
    ['no time', cancel({ json: batch({ processing_status: 'canceling' }) }), 'violated'],
    ['no batch', cancel({ json: { ok: true } }), 'violated'],
    ['a crash', cancel({ status: 500, json: errorBody('api_error') }), 'violated'],
    ['no such path', cancel(NOT_FOUND), 'rejected'],
    ['ended before', cancel({ json: batch(ENDED) }), 'inconclusive'],
    [
      'deleted before',
      cancel(NOT_FOUND, { json: { id: 'msgbatch_1', type: 'message_batch_deleted' } }),
      'inconclusive',
    ],
    ['no batches', [exchange({ fixture: 'batch-cancel', ...NOT_FOUND })], 'rejected'],
  ] as const)('%s', (_what, exchanges, outcome) => {
    expect(judge('batch.cancel', exchanges).outcome).toBe(outcome);
  });
});

describe('batch.delete', () => {
  /** The same with times: of both creations, of the deletion while the batch runs, and of the look at the other batch. */
  const at = (exchanges: Exchange[], { created, deleted, seen }: Record<'created' | 'deleted' | 'seen', number>) =>
    exchanges.map((one) => {
      const startedMs = one.turn === 1 ? created : one.fixture === 'batch-cancel' ? deleted : seen;
      return { ...one, startedMs };
    });
  const both = (early: ExchangeParts, late: ExchangeParts = ORDERLY.deleted) => [
    ...cancel({ json: batch(CANCELING) }, early),
    ...life({ deleted: late }),
  ];
  const gone: ExchangeParts = { json: { id: 'msgbatch_1', type: 'message_batch_deleted' } };
  it.each([
    ['rejected, then done', both(REFUSED), 'satisfied'],
    ['rejected with another status', both({ status: 409, json: errorBody('conflict_error') }), 'satisfied'],
    ['done while it runs', both(gone), 'violated'],
    ['a crash while it runs', both({ status: 500, json: errorBody('api_error') }), 'violated'],
    ['rejected at the end too', both(REFUSED, REFUSED), 'violated'],
    ['another type at the end', both(REFUSED, { json: { id: 'msgbatch_1', deleted: true } }), 'violated'],
    ['another id at the end', both(REFUSED, { json: { id: 'x', type: 'message_batch_deleted' } }), 'violated'],
    ['not ended', [...cancel({ json: batch(CANCELING) }), ...running], 'inconclusive'],
    [
      'done at once, as the batch had ended',
      [...cancel(NOT_FOUND, gone, { json: batch(ENDED) }), ...life()],
      'not-observed',
    ],
    ['done soon', at(both(gone), { created: 0, deleted: 400, seen: 30 }), 'violated'],
    [
      'done at an age at which another batch was running',
      at(both(gone), { created: 0, deleted: 900, seen: 950 }),
      'violated',
    ],
    [
      'done so late that the batch may have ended',
      at(both(gone), { created: 0, deleted: 900, seen: 30 }),
      'inconclusive',
    ],
    ['no batches', [exchange({ fixture: 'batch-cancel', ...NOT_FOUND }), ...nowhere], 'rejected'],
  ] as const)('%s', (_what, exchanges, outcome) => {
    expect(judge('batch.delete', exchanges).outcome).toBe(outcome);
  });
});

describe('batch.counts.sum', () => {
  const wrong = { json: batch({ ...ENDED, request_counts: counts({ succeeded: 2, errored: 1 }) }) };
  const made = created(batch({ request_counts: counts({ processing: 1 }) }));
  it.each([
    ['two of two', [made, ...life()], 'satisfied'],
    ['three of two', [made, ...life({ ended: wrong })], 'violated'],
    ['three of two in the list', [made, ...life({ listed: { json: page([wrong.json]) } })], 'violated'],
    ['none of two', [made, ...life({ seen: { json: batch({ request_counts: counts() }) } })], 'violated'],
    ['two of one', [created(batch())], 'violated'],
    ['no counts', [created(batch({ request_counts: null }))], 'not-observed'],
    ['no batches', [exchange({ fixture: 'batch-create', ...NOT_FOUND }), ...nowhere], 'rejected'],
  ] as const)('%s', (_what, exchanges, outcome) => {
    expect(judge('batch.counts.sum', exchanges).outcome).toBe(outcome);
  });
});
