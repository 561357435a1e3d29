/** Judges of batch results: when and where a client gets them, and what they contain. */

import { answer, rejectedAsInvalid, status, succeeded } from '../../core/answers.js';
import type { Exchange } from '../../core/exchange.js';
import { asString, get, isObject, quote } from '../../core/json.js';
import type { Evidence, Finding, Judgement, SchemaViolation } from '../../core/requirement.js';
import { type Ended, endOf, lifeOf, lines, resultsOf, TURN } from './batch-life.js';
import { onlyEmpty } from './empty-replies.js';
import { noAnswer } from './no-answer.js';
import { BATCH, lastAttempt, reached } from './other-endpoints.js';
import { finding, inconclusive, notObserved, satisfied, schemaFindings, violated } from './outcomes.js';
import { firstFew, jsonMessage } from './views.js';

/** The server creates a batch with an invalid request and reports that request as errored in the results. */
export function validatesLater(evidence: Evidence): Judgement {
  const mixed = lastAttempt(evidence.of('batch-life')).get(TURN.created);
  const valid = lastAttempt(evidence.of('batch-life-valid')).get(TURN.created);
  if (mixed !== undefined && !succeeded(mixed) && valid !== undefined && succeeded(valid) && rejectedAsInvalid(mixed)) {
    const message = 'The server rejects a whole batch because of one invalid request.';
    return violated(finding(mixed, message, BATCH, answer(mixed)));
  }
  const { results, judgement } = resultsOf(evidence);
  if (judgement !== undefined) return judgement;
  const line = lines(results).find(({ value }) => get(value, 'custom_id') === 'without-messages');
  const type = get(line?.value, 'result', 'type');
  if (type === 'errored') return satisfied();
  if (line === undefined) return inconclusive('The results do not contain the invalid request');
  const message = 'The result of an invalid request (no `messages`) is not `errored`.';
  return violated(finding(results, message, '"type":"errored"', line.text), type === 'succeeded');
}

/** `results_url` is set once the batch has ended, and leads to the results. */
export function resultsUrl(evidence: Evidence): Judgement {
  const { turns, created, judgement } = lifeOf(evidence);
  if (judgement !== undefined) return judgement;
  const early = [created, ...[turns.get(TURN.seen) ?? []].flat()].filter(
    ({ json }) => get(json, 'processing_status') !== 'ended' && typeof get(json, 'results_url') === 'string',
  );
  if (early.length > 0) {
    return violated(
      early.map((exchange) =>
        finding(
          exchange,
          '`results_url` is set before the batch has ended; clients treat the batch as done.',
          'null',
          quote(get(exchange.json, 'results_url')),
          { pointer: '/results_url' },
        ),
      ),
    );
  }
  const end = endOf(evidence);
  if (end.judgement !== undefined) return end.judgement;
  return fetched(evidence, end);
}

function fetched(evidence: Evidence, { ended, turns }: Ended): Judgement {
  const url = get(ended.json, 'results_url');
  const place = { pointer: '/results_url' };
  if (typeof url !== 'string') {
    return violated(finding(ended, '`results_url` of an ended batch is missing.', 'a URL', quote(url), place));
  }
  const results = turns.get(TURN.results);
  if (results?.failure?.kind === 'not-set-up') {
    return violated(finding(ended, '`results_url` is not a URL.', 'a URL', quote(url), place));
  }
  if (results === undefined) return inconclusive('The results were not requested');
  if (results.failure?.kind === 'foreign') return judgeForeignUrl(ended, results, url);
  const nothing = noAnswer([results], evidence);
  if (nothing !== null) return nothing;
  if (succeeded(results)) return satisfied();
  return violated(finding(results, '`results_url` does not return the results.', 'HTTP 200', answer(results)));
}

/** A host name or address that exists only inside one network. */
const LOCAL_HOST =
  /^(localhost|[^.]+|.+\.(localhost|local|internal|lan|home\.arpa)|127(\.\d+){3}|10(\.\d+){3}|192\.168(\.\d+){2}|169\.254(\.\d+){2}|172\.(1[6-9]|2\d|3[01])(\.\d+){2}|0\.0\.0\.0|\[(::1?|f[cd][0-9a-f:]+|fe[89ab][0-9a-f:]+)\])$/i;

/** Judges the text of a URL that is not the target's. If the suite requested it, it sent no key. */
function judgeForeignUrl(ended: Exchange, results: Exchange, url: string): Judgement {
  const isLocal = (address: string): boolean => LOCAL_HOST.test(new URL(address).hostname);
  if (isLocal(url) && !isLocal(ended.request.url)) {
    const message = '`results_url` is an address of a local network, which clients cannot reach.';
    return violated(finding(ended, message, 'a URL that clients can reach', quote(url), { pointer: '/results_url' }));
  }
  if (results.response !== null && succeeded(results))
    return satisfied(`${quote(url)} returns the results without a key`);
  const seen = results.response === null ? (results.failure?.message ?? '') : answer(results);
  return inconclusive(`Not tested: ${quote(url)} is not below the base URL, so the suite sends no key there (${seen})`);
}

/** The results have one line of JSON for each request. */
export function oneLineEach(evidence: Evidence): Judgement {
  const { results, created, judgement } = resultsOf(evidence);
  if (judgement !== undefined) return judgement;
  const all = lines(results);
  const unreadable = all.filter(
    ({ value }) => typeof get(value, 'custom_id') !== 'string' || typeof get(value, 'result', 'type') !== 'string',
  );
  if (unreadable.length > 0) {
    const expected = '{"custom_id":…,"result":{"type":…}}';
    const message = 'A results line is not a JSON object with `custom_id` and `result`.';
    return violated(
      firstFew(unreadable.map(({ text, offset }) => finding(results, message, expected, text, { offset }))),
    );
  }
  const ids = all.map(({ value }) => asString(get(value, 'custom_id'))).sort();
  const asked = requestsOf(created).map((request) => asString(get(request, 'custom_id')));
  if (quote(ids) === quote(asked.sort())) return satisfied();
  const message = 'The results do not have one line for each request.';
  return violated(finding(results, message, asked.join(', '), ids.join(', ')), true);
}

const requestsOf = (created: Exchange): unknown[] => {
  const requests = get(created.sent, 'requests');
  return Array.isArray(requests) ? requests : [];
};

/** What a result contains besides its type. */
export function resultTypes(evidence: Evidence): Judgement {
  const { results, judgement } = resultsOf(evidence);
  if (judgement !== undefined) return judgement;
  const objects = lines(results).filter(({ value }) => isObject(value));
  const usual = usualFaults(evidence);
  const isFault = (violation: SchemaViolation): boolean =>
    isOutcome(violation) || (READ.test(violation.pointer) && !usual.has(placeOf(violation)));
  const findings = objects.flatMap(({ value, offset }) => [
    ...schemaFindings(results, evidence.violations('batchResult', value).filter(isFault), { offset }),
    ...extraFields(results, value, offset),
  ]);
  if (findings.length > 0) return violated(firstFew(findings));
  const shown = objects.map(({ value }) => get(value, 'result', 'type'));
  if (shown.includes('succeeded')) {
    const replies = objects.map(({ value }) => get(value, 'result', 'message')).filter(isObject);
    return (
      onlyEmpty(
        replies.map((message) => ({ ...results, message })),
        evidence,
      ) ?? satisfied()
    );
  }
  return inconclusive(`No request of the batch succeeded: ${shown.map(quote).join(', ')}`);
}

/** What clients read of a message. Its further fields may differ in detail, as in a reply. */
const READ = /^\/result\/message\/(content\/\d+(\/(type|text|id|name|input))?|usage\/(input|output)_tokens)$/;

const isOutcome = ({ pointer }: SchemaViolation): boolean =>
  pointer.startsWith('/result/error') || pointer.split('/').length <= 4;

/** A place in a message, whatever the number of its block. */
const placeOf = ({ pointer }: SchemaViolation): string =>
  pointer.replace(/^\/result\/message/, '').replace(/\d+/g, 'n');

/** Faults that other replies of the run have too: requirements of their own judge them. */
const usualFaults = (evidence: Evidence): ReadonlySet<string> =>
  new Set(
    evidence.all
      .map(jsonMessage)
      .filter((message) => message !== null)
      .flatMap((message) => evidence.violations('message', message).map(placeOf)),
  );

function extraFields(results: Exchange, value: unknown, offset: number): Finding[] {
  const result = get(value, 'result');
  const type = get(result, 'type');
  if (type !== 'canceled' && type !== 'expired') return [];
  const extra = ['message', 'error'].find((key) => get(result, key) !== undefined);
  if (extra === undefined) return [];
  const message = `A result of type \`${type}\` has a field \`${extra}\`.`;
  return [finding(results, message, 'only its type', quote(result), { offset, pointer: `/result/${extra}` })];
}

/** The results of a running batch do not exist yet. */
export function tooEarly(evidence: Evidence): Judgement {
  const { turns, created, judgement } = lifeOf(evidence);
  if (judgement !== undefined) return judgement;
  const early = reached(turns, TURN.early);
  if ('outcome' in early) return early;
  const nothing = noAnswer([early], evidence);
  if (nothing !== null) return nothing;
  if (status(early) === 404) return satisfied();
  const states = [created, turns.get(TURN.seen)].map((exchange) => get(exchange?.json, 'processing_status'));
  if (states.includes('ended')) return notObserved('The batch ended before its results could be requested too early');
  const message = 'The results of a running batch do not get HTTP 404.';
  return violated(finding(early, message, 'HTTP 404', answer(early)), succeeded(early));
}
