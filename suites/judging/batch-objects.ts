/** Judges of batches themselves: created, found, listed, canceled, deleted, counted. */

import { answer, rejectedAsInvalid, succeeded } from '../../core/answers.js';
import type { Exchange } from '../../core/exchange.js';
import { get, quote } from '../../core/json.js';
import type { Evidence, Finding, Judgement } from '../../core/requirement.js';
import { batchExchanges, endOf, expectedCounts, LIFE, lifeOf, TURN, timeOf } from './batch-life.js';
import { noAnswer } from './no-answer.js';
import { BATCH, conversation, entriesOf, idsOf, PAGE, pageFaults, reached, whyNotOk } from './other-endpoints.js';
import { finding, inconclusive, notObserved, satisfied, schemaFindings, verdictOf, violated } from './outcomes.js';
import { isCount } from './views.js';

const COUNTS = ['processing', 'succeeded', 'errored', 'canceled', 'expired'];

/** What a batch that was just created must say and does not. */
export function creationFaults(exchange: Exchange): Finding[] {
  const wanted = { type: 'message_batch', processing_status: 'in_progress' };
  const fields = Object.entries(wanted).flatMap(([key, expected]) => {
    const actual = get(exchange.json, key);
    if (actual === expected) return [];
    const message = `A batch that was just created has another ${key}.`;
    return [finding(exchange, message, quote(expected), quote(actual), { pointer: `/${key}` })];
  });
  const counts = COUNTS.flatMap((key) => {
    const actual = get(exchange.json, 'request_counts', key);
    if (isCount(actual)) return [];
    const pointer = `/request_counts/${key}`;
    return [finding(exchange, `The count ${key} is missing.`, 'a whole number', quote(actual), { pointer })];
  });
  return [...fields, ...counts];
}

const DAY_MS = 86_400_000;
/** Times may be cut to seconds, each by itself. */
const ROUNDED_MS = 1_000;

/** An expires_at that is not created_at and a day. */
export function expiryFaults(exchange: Exchange): Finding[] {
  const [created, expires] = [timeOf(exchange.json, 'created_at'), timeOf(exchange.json, 'expires_at')];
  if (created === null || expires === null || Math.abs(expires - created - DAY_MS) <= ROUNDED_MS) return [];
  return [
    finding(
      exchange,
      'The batch does not expire 24 hours after its creation.',
      `${quote(get(exchange.json, 'created_at'))} and 24 hours`,
      quote(get(exchange.json, 'expires_at')),
      { pointer: '/expires_at' },
    ),
  ];
}

/** The batch that is found by its id is the one that was created. */
export function sameBatch(evidence: Evidence): Judgement {
  const { turns, created, judgement } = lifeOf(evidence);
  if (judgement !== undefined) return judgement;
  const seen = reached(turns, TURN.seen);
  if ('outcome' in seen) return seen;
  const nothing = whyNotOk(evidence, [seen], BATCH);
  if (nothing !== null) return nothing;
  return verdictOf(
    ['type', 'id', 'created_at', 'expires_at'].flatMap((key) => {
      const [expected, actual] = [created, seen].map((exchange) => quote(get(exchange.json, key)));
      if (expected === actual) return [];
      const message = `${key} of the batch is not what its creation was answered with.`;
      return [finding(seen, message, expected!, actual!, { pointer: `/${key}` })];
    }),
  );
}

/** Pages of batches, and the batch of this run among them where one was created. */
export function listed(evidence: Evidence): Judgement {
  const alone = evidence.of('batch-list');
  const behind = LIFE.map((id) => conversation(evidence, id)).find((turns) => turns.get(TURN.listed));
  const [created, list] = [TURN.created, TURN.listed].map((turn) => behind?.get(turn));
  const pages = list === undefined ? alone : [list, ...alone];
  if (pages.length === 0) {
    const begun = lifeOf(evidence);
    return begun.judgement ?? inconclusive(`the conversation of ${begun.created.id} did not get to the list`);
  }
  const nothing = whyNotOk(evidence, pages, PAGE);
  if (nothing !== null) return nothing;
  const served = pages.filter(succeeded);
  const shown = created !== undefined && list !== undefined && succeeded(created) && succeeded(list);
  const findings = served.flatMap((page) => [...pageFaults(page, evidence, 'batchPage'), ...orderFaults(page)]);
  if (shown) findings.push(...lacks(list, created));
  if (findings.length > 0) return violated(findings);
  return shown ? satisfied() : satisfied('no batch was created that it could be seen to hold');
}

function orderFaults(page: Exchange): Finding[] {
  const times = entriesOf(page).map((entry) => timeOf(entry, 'created_at') ?? Number.NaN);
  const index = times.findIndex((time, at) => at > 0 && time > times[at - 1]!);
  if (index < 0) return [];
  const created = entriesOf(page).map((entry) => get(entry, 'created_at'));
  const pointer = `/data/${index}/created_at`;
  const expected = `not later than ${quote(created[index - 1])}`;
  return [finding(page, 'Batches are not listed newest first.', expected, quote(created[index]), { pointer })];
}

function lacks(list: Exchange, created: Exchange): Finding[] {
  const id = get(created.json, 'id');
  if (typeof id !== 'string' || idsOf(list).includes(id)) return [];
  const oldest = timeOf(entriesOf(list).at(-1), 'created_at') ?? 0;
  const isOnALaterPage = get(list.json, 'has_more') === true && oldest > (timeOf(created.json, 'created_at') ?? 0);
  if (isOnALaterPage) return [];
  const message = 'The list lacks a batch that was created before.';
  return [finding(list, message, quote(id), quote(idsOf(list)), { pointer: '/data' })];
}

/** A batch that is canceled says so. */
export function canceled(evidence: Evidence): Judgement {
  const turns = conversation(evidence, 'batch-cancel');
  const [created, deleted, exchange] = [1, 2, 3].map((turn) => turns.get(turn));
  const nothing = whyNotOk(evidence, created === undefined ? [] : [created], BATCH);
  if (nothing !== null) return nothing;
  if (deleted !== undefined && succeeded(deleted)) {
    return inconclusive(
      'the batch could be deleted while it ran, which batch.delete judges, so it was not there to cancel',
    );
  }
  const unanswered = whyNotOk(evidence, exchange === undefined ? [] : [exchange], BATCH);
  if (unanswered !== null) return unanswered;
  const [state, since] = ['processing_status', 'cancel_initiated_at'].map((key) => get(exchange!.json, key));
  if (state === 'ended' && since === null) return inconclusive('the batch had ended before it could be canceled');
  const findings: Finding[] = [];
  if (state !== 'canceling' && state !== 'ended') {
    const place = { pointer: '/processing_status' };
    findings.push(
      finding(exchange!, 'A batch runs on when it is canceled.', 'canceling or ended', quote(state), place),
    );
  }
  if (timeOf(exchange!.json, 'cancel_initiated_at') === null) {
    const place = { pointer: '/cancel_initiated_at' };
    findings.push(
      finding(exchange!, 'A canceled batch does not say since when.', 'an RFC 3339 time', quote(since), place),
    );
  }
  return verdictOf(findings);
}

/** A batch that runs cannot be deleted. */
export function keptWhileRunning(evidence: Evidence): Judgement {
  const turns = conversation(evidence, 'batch-cancel');
  const [created, exchange] = [1, 2].map((turn) => turns.get(turn));
  const nothing = whyNotOk(evidence, created === undefined ? [] : [created], BATCH);
  if (nothing !== null) return nothing;
  const unanswered = noAnswer(exchange === undefined ? [] : [exchange]);
  if (unanswered !== null) return unanswered;
  if (rejectedAsInvalid(exchange!)) return satisfied();
  if (get(created!.json, 'processing_status') === 'ended') return notObserved('the batch ended at once');
  // It may have ended before it was deleted: another batch shows whether batches here run for some requests at least.
  const seen = lifeOf(evidence).turns?.get(TURN.seen);
  if (get(seen?.json, 'processing_status') !== 'in_progress')
    return inconclusive('batches of this target end so soon that this one may have ended before it was deleted');
  const message = 'Deleting a batch that runs is not refused as a client error.';
  return violated(finding(exchange!, message, 'HTTP 400 invalid_request_error', answer(exchange!)));
}

/** A batch that has ended can be deleted. */
export function deletedAtLast(evidence: Evidence): Judgement {
  const { ended, turns, judgement } = endOf(evidence);
  if (judgement !== undefined) return judgement;
  const exchange = reached(turns, TURN.deleted);
  if ('outcome' in exchange) return exchange;
  const expected = 'HTTP 200 {"type":"message_batch_deleted",…}';
  const nothing = whyNotOk(evidence, [exchange], expected);
  if (nothing !== null) return nothing.outcome === 'rejected' ? violated(nothing.findings) : nothing;
  const findings = schemaFindings(exchange, evidence.violations('batchDeleted', exchange.json));
  const [id, actual] = [ended, exchange].map(({ json }) => quote(get(json, 'id')));
  if (findings.length === 0 && id !== actual) {
    findings.push(finding(exchange, 'Another batch is said to be deleted.', id!, actual!, { pointer: '/id' }));
  }
  return verdictOf(findings);
}

/** In every state that was seen each request is counted once. */
export function countsAddUp(evidence: Evidence): Judgement {
  const shown = batchExchanges(evidence);
  if (shown.length === 0) {
    return whyNotOk(evidence, evidence.of('batch-create'), BATCH) ?? notObserved('no batch with counts was seen');
  }
  return verdictOf(
    shown.flatMap((exchange) => {
      const expected = expectedCounts(evidence, exchange);
      const counts = get(exchange.json, 'request_counts');
      const sum = COUNTS.map((key) => get(counts, key))
        .filter(isCount)
        .reduce((total, count) => total + count, 0);
      if (expected === null || sum === expected) return [];
      const place = { pointer: '/request_counts' };
      const message = 'The counts do not add up to the number of requests.';
      return [finding(exchange, message, `${expected} in all`, quote(counts), place)];
    }),
  );
}
