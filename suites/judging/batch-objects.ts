/** Judges of batch objects: creation, retrieval, list, cancellation, deletion, counts. */

import { answer, rejectedAsInvalid, succeeded } from '../../core/answers.js';
import type { Exchange } from '../../core/exchange.js';
import { get, isObject, type Json, quote } from '../../core/json.js';
import type { Evidence, Finding, Judgement } from '../../core/requirement.js';
import { batchExchanges, endOf, expectedCounts, LIFE, lifeOf, TURN, timeOf } from './batch-life.js';
import { noAnswer } from './no-answer.js';
import { BATCH, entriesOf, idsOf, lastAttempt, PAGE, pageFaults, reached, whyNotOk } from './other-endpoints.js';
import { finding, inconclusive, notObserved, satisfied, schemaFindings, verdictOf, violated } from './outcomes.js';
import { firstFew, isCount } from './views.js';

const COUNTS = ['processing', 'succeeded', 'errored', 'canceled', 'expired'];

/** What is wrong with a batch that was just created. */
export function creationFaults(exchange: Exchange): Finding[] {
  const wanted = { type: 'message_batch', processing_status: 'in_progress' };
  const fields = Object.entries(wanted).flatMap(([key, expected]) => {
    const actual = get(exchange.json, key);
    if (actual === expected) return [];
    const message = `\`${key}\` of a new batch is wrong.`;
    return [finding(exchange, message, quote(expected), quote(actual), { pointer: `/${key}` })];
  });
  const counts = COUNTS.flatMap((key) => {
    const actual = get(exchange.json, 'request_counts', key);
    if (isCount(actual)) return [];
    const pointer = `/request_counts/${key}`;
    return [
      finding(exchange, `\`request_counts.${key}\` is not a count.`, 'an integer of 0 or more', quote(actual), {
        pointer,
      }),
    ];
  });
  return [...fields, ...counts];
}

const DAY_MS = 86_400_000;
/** Servers may round each of the two times to a second. */
const ROUNDED_MS = 1_000;

/** `expires_at` has to be 24 hours after `created_at`. */
export function expiryFaults(exchange: Exchange): Finding[] {
  const [created, expires] = [timeOf(exchange.json, 'created_at'), timeOf(exchange.json, 'expires_at')];
  if (created === null || expires === null || Math.abs(expires - created - DAY_MS) <= ROUNDED_MS) return [];
  return [
    finding(
      exchange,
      '`expires_at` is not 24 hours after `created_at`.',
      `${quote(get(exchange.json, 'created_at'))} + 24 hours`,
      quote(get(exchange.json, 'expires_at')),
      { pointer: '/expires_at' },
    ),
  ];
}

/** Retrieving a batch by its id returns the batch that was created. */
export function sameBatch(evidence: Evidence): Judgement {
  const { turns, created, judgement } = lifeOf(evidence);
  if (judgement !== undefined) return judgement;
  const seen = reached(turns, TURN.seen);
  if ('outcome' in seen) return seen;
  const nothing = whyNotOk(evidence, [seen], BATCH);
  if (nothing !== null) return nothing;
  const ended = turns.get(TURN.ended);
  const looked = ended !== undefined && succeeded(ended) ? [seen, ended] : [seen];
  return verdictOf(
    looked.flatMap((exchange) =>
      firstFew([...batchFaults(exchange, created, 'retrieved', evidence), ...endFaults(exchange)]),
    ),
  );
}

/** What is wrong with a batch that is the one of an earlier response: it lacks its form, or is another one. */
function batchFaults(exchange: Exchange, created: Exchange, which: string, evidence: Evidence): Finding[] {
  const others = ['type', 'id', 'created_at', 'expires_at'].flatMap((key) => {
    const [expected, actual] = [created, exchange].map(({ json }) => quote(get(json, key)));
    if (expected === actual) return [];
    const message = `\`${key}\` of the ${which} batch differs from the created batch.`;
    return [finding(exchange, message, expected!, actual!, { pointer: `/${key}` })];
  });
  // What the created batch lacks too is said by batch.object.shape.
  const known = evidence.violations('batch', created.json).map(({ pointer }) => pointer);
  const malformed = evidence.violations('batch', exchange.json).filter(({ pointer }) => !known.includes(pointer));
  const said = others.map(({ at }) => at?.pointer);
  return [
    ...others,
    ...schemaFindings(
      exchange,
      malformed.filter(({ pointer }) => !said.includes(pointer)),
    ),
  ];
}

function endFaults(exchange: Exchange): Finding[] {
  const [state, since] = ['processing_status', 'ended_at'].map((key) => get(exchange.json, key));
  if (state !== 'ended' || since !== null) return [];
  const message = '`ended_at` of an ended batch is null.';
  return [finding(exchange, message, 'an RFC 3339 time', 'null', { pointer: '/ended_at' })];
}

/** Pages of batches. The list after a creation has to contain the new batch. */
export function listed(evidence: Evidence): Judgement {
  const plain = evidence.of('batch-list');
  const withCreation = LIFE.map((id) => lastAttempt(evidence.of(id))).find((turns) => turns.get(TURN.listed));
  const [created, list] = [TURN.created, TURN.listed].map((turn) => withCreation?.get(turn));
  const pages = list === undefined ? plain : [list, ...plain];
  if (pages.length === 0) {
    const begun = lifeOf(evidence);
    return (
      begun.judgement ?? inconclusive(`The conversation of ${begun.created.id} ended before it requested the list`)
    );
  }
  const nothing = whyNotOk(evidence, pages, PAGE);
  if (nothing !== null) return nothing;
  const accepted = pages.filter(succeeded);
  const shown = created !== undefined && list !== undefined && succeeded(created) && succeeded(list);
  const findings = accepted.flatMap((page) => [
    ...pageFaults(page, evidence, 'batchPage'),
    ...orderFaults(page),
    ...repeatedEntry(page),
  ]);
  if (shown) findings.push(...missingEntry(list, created), ...entryFaults(list, created, evidence));
  if (findings.length > 0) return violated(findings);
  return shown ? satisfied() : satisfied('No batch was created, so its entry in the list was not tested');
}

function orderFaults(page: Exchange): Finding[] {
  const times = entriesOf(page).map((entry) => timeOf(entry, 'created_at') ?? Number.NaN);
  const index = times.findIndex((time, at) => at > 0 && time > times[at - 1]!);
  if (index < 0) return [];
  const created = entriesOf(page).map((entry) => get(entry, 'created_at'));
  const pointer = `/data/${index}/created_at`;
  const expected = `${quote(created[index - 1])} or earlier`;
  return [finding(page, 'The list is not newest first.', expected, quote(created[index]), { pointer })];
}

function repeatedEntry(page: Exchange): Finding[] {
  const ids = idsOf(page);
  const index = ids.findIndex((id, at) => typeof id === 'string' && ids.indexOf(id) < at);
  if (index < 0) return [];
  const message = 'The list has a batch twice.';
  return [finding(page, message, 'each batch once', quote(ids[index]), { pointer: `/data/${index}/id` })];
}

/** The entry of a new batch is the whole batch. Older ones may come from another version of the server. */
function entryFaults(list: Exchange, created: Exchange, evidence: Evidence): Finding[] {
  const index = idsOf(list).indexOf(get(created.json, 'id'));
  if (index < 0) return [];
  const faults = batchFaults({ ...list, json: entriesOf(list)[index] as Json }, created, 'listed', evidence);
  return firstFew(faults).map((fault) => ({ ...fault, at: { pointer: `/data/${index}${fault.at?.pointer ?? ''}` } }));
}

function missingEntry(list: Exchange, created: Exchange): Finding[] {
  const id = get(created.json, 'id');
  if (typeof id !== 'string' || idsOf(list).includes(id)) return [];
  const oldest = timeOf(entriesOf(list).at(-1), 'created_at') ?? 0;
  const isOnALaterPage = get(list.json, 'has_more') === true && oldest > (timeOf(created.json, 'created_at') ?? 0);
  if (isOnALaterPage) return [];
  const message = 'The list lacks a batch that was created before the request.';
  return [finding(list, message, quote(id), quote(idsOf(list)), { pointer: '/data' })];
}

/** Canceling a batch returns the batch with its new state. */
export function canceled(evidence: Evidence): Judgement {
  const turns = lastAttempt(evidence.of('batch-cancel'));
  const [created, deleted, exchange] = [1, 2, 3].map((turn) => turns.get(turn));
  const nothing = whyNotOk(evidence, created === undefined ? [] : [created], BATCH);
  if (nothing !== null) return nothing;
  if (deleted !== undefined && succeeded(deleted)) {
    return inconclusive(
      'Not tested: the target deleted the running batch before it could be canceled, see batch.delete',
    );
  }
  const unanswered = whyNotOk(evidence, exchange === undefined ? [] : [exchange], BATCH);
  if (unanswered !== null) return unanswered;
  const [state, since] = ['processing_status', 'cancel_initiated_at'].map((key) => get(exchange!.json, key));
  if (state === 'ended' && since === null) return inconclusive('The batch ended before it could be canceled');
  const findings: Finding[] = [];
  if (state !== 'canceling' && state !== 'ended') {
    const place = { pointer: '/processing_status' };
    findings.push(
      finding(
        exchange!,
        '`processing_status` of a canceled batch is wrong.',
        'canceling or ended',
        quote(state),
        place,
      ),
    );
  }
  if (timeOf(exchange!.json, 'cancel_initiated_at') === null) {
    const place = { pointer: '/cancel_initiated_at' };
    findings.push(
      finding(
        exchange!,
        '`cancel_initiated_at` of a canceled batch is not a time.',
        'an RFC 3339 time',
        quote(since),
        place,
      ),
    );
  }
  const said = findings.map(({ at }) => at?.pointer);
  const further = batchFaults(exchange!, created!, 'canceled', evidence).filter(
    ({ at }) => !said.includes(at?.pointer),
  );
  return verdictOf([...findings, ...firstFew(further)]);
}

/** The server rejects deleting a running batch. */
export function notDeletedWhileRunning(evidence: Evidence): Judgement {
  const turns = lastAttempt(evidence.of('batch-cancel'));
  const [created, exchange] = [1, 2].map((turn) => turns.get(turn));
  const nothing = whyNotOk(evidence, created === undefined ? [] : [created], BATCH);
  if (nothing !== null) return nothing;
  const unanswered = noAnswer(exchange === undefined ? [] : [exchange], evidence);
  if (unanswered !== null) return unanswered;
  if (rejectedAsInvalid(exchange!)) return satisfied();
  if (get(created!.json, 'processing_status') === 'ended') return notObserved('The batch ended at once');
  // It may have ended before it was deleted. Another batch shows whether batches of this target run for some time.
  const seen = lifeOf(evidence).turns?.get(TURN.seen);
  const isSlow = get(seen?.json, 'processing_status') === 'in_progress';
  const age = ageAt(created!, exchange!);
  if (!isSlow || (age > EARLY_MS && age > ageAt(lifeOf(evidence).turns?.get(TURN.created), seen)))
    return inconclusive('Batches of this target end quickly, so this one may have ended before it was deleted');
  const message = 'The server does not reject deleting a running batch.';
  return violated(finding(exchange!, message, 'HTTP 400 invalid_request_error', answer(exchange!)));
}

/** A batch of one request may end within a second. A busy client or network may take longer than that to delete it. */
const EARLY_MS = 500;

/** Greatest age of a batch when a later request about it was answered, in milliseconds; 0 where no times are known. */
function ageAt(created: Exchange | undefined, later: Exchange | undefined): number {
  if (created?.startedMs === undefined || later?.startedMs === undefined) return 0;
  return later.startedMs + (later.response?.endMs ?? 0) - created.startedMs;
}

/** The server deletes a batch that has ended. */
export function deletedAfterEnd(evidence: Evidence): Judgement {
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
    findings.push(finding(exchange, 'The deletion returns another `id`.', id!, actual!, { pointer: '/id' }));
  }
  return verdictOf(findings);
}

/** The entries of new batches in the lists after their creation, as if each were a response. */
const asListed = (evidence: Evidence): Exchange[] =>
  LIFE.flatMap((id) => {
    const turns = lastAttempt(evidence.of(id));
    const list = turns.get(TURN.listed);
    const created = get(turns.get(TURN.created)?.json, 'id');
    const entry = entriesOf(list).find((one) => get(one, 'id') === created);
    const isWhole = list !== undefined && created !== undefined && isObject(get(entry, 'request_counts'));
    return isWhole ? [{ ...list, json: entry as Json }] : [];
  });

/** Every response with the batch counts each request once. */
export function countsAddUp(evidence: Evidence): Judgement {
  const shown = batchExchanges(evidence);
  if (shown.length === 0) {
    return (
      whyNotOk(evidence, evidence.of('batch-create'), BATCH) ?? notObserved('No response contains a batch with counts')
    );
  }
  return verdictOf(
    [...shown, ...asListed(evidence)].flatMap((exchange) => {
      const expected = expectedCounts(evidence, exchange);
      const counts = get(exchange.json, 'request_counts');
      const sum = COUNTS.map((key) => get(counts, key))
        .filter(isCount)
        .reduce((total, count) => total + count, 0);
      if (expected === null || sum === expected) return [];
      const place = { pointer: '/request_counts' };
      const message = '`request_counts` do not add up to the number of requests.';
      return [finding(exchange, message, `${expected} in total`, quote(counts), place)];
    }),
  );
}
