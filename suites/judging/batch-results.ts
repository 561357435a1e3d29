/** Judges of the results of batches: when they are there, where they are, what they hold. */

import { answer, rejectedAsInvalid, status, succeeded } from '../../core/answers.js';
import type { Exchange } from '../../core/exchange.js';
import { asString, get, isObject, quote } from '../../core/json.js';
import type { Evidence, Finding, Judgement } from '../../core/requirement.js';
import { type Ended, endOf, lifeOf, lines, resultsOf, TURN } from './batch-life.js';
import { noAnswer } from './no-answer.js';
import { BATCH, conversation, reached } from './other-endpoints.js';
import { finding, inconclusive, notObserved, satisfied, schemaFindings, violated } from './outcomes.js';
import { firstFew } from './views.js';

/** An invalid request does not keep the others from being carried out, and is told in the results. */
export function checkedLater(evidence: Evidence): Judgement {
  const mixed = conversation(evidence, 'batch-life').get(TURN.created);
  const valid = conversation(evidence, 'batch-life-valid').get(TURN.created);
  if (mixed !== undefined && !succeeded(mixed) && valid !== undefined && succeeded(valid) && rejectedAsInvalid(mixed)) {
    const message = 'A batch is refused for one of its requests, so that the others are not carried out either.';
    return violated(finding(mixed, message, BATCH, answer(mixed)));
  }
  const { results, judgement } = resultsOf(evidence);
  if (judgement !== undefined) return judgement;
  const line = lines(results).find(({ value }) => get(value, 'custom_id') === 'without-messages');
  const type = get(line?.value, 'result', 'type');
  if (type === 'errored') return satisfied();
  if (line === undefined) return inconclusive('the results do not tell of the invalid request');
  const message = 'A request without messages does not end as errored.';
  return violated(finding(results, message, '"type":"errored"', line.text), type === 'succeeded');
}

/** When the address of the results is there, and whether they are. */
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
          'A batch has a results_url before it has ended: clients take it for done.',
          'null',
          quote(get(exchange.json, 'results_url')),
          { pointer: '/results_url' },
        ),
      ),
    );
  }
  const end = endOf(evidence);
  if (end.judgement !== undefined) return end.judgement;
  return fetched(end);
}

function fetched({ ended, turns }: Ended): Judgement {
  const url = get(ended.json, 'results_url');
  const place = { pointer: '/results_url' };
  if (typeof url !== 'string') {
    return violated(finding(ended, 'A batch that has ended has no results_url.', 'an address', quote(url), place));
  }
  const results = turns.get(TURN.results);
  if (results?.failure?.kind === 'not-set-up') {
    return violated(finding(ended, 'The results_url of a batch is no address.', 'an address', quote(url), place));
  }
  if (results === undefined) return inconclusive('the results were not asked for');
  if (results.failure?.kind === 'foreign') return elsewhere(ended, results, url);
  const nothing = noAnswer([results]);
  if (nothing !== null) return nothing;
  if (succeeded(results)) return satisfied();
  return violated(finding(results, 'The results are not where results_url says.', 'HTTP 200', answer(results)));
}

/** A name or an address that means something inside one network only. */
const LOCAL_HOST =
  /^(localhost|[^.]+|.+\.(localhost|local|internal|lan|home\.arpa)|127(\.\d+){3}|10(\.\d+){3}|192\.168(\.\d+){2}|169\.254(\.\d+){2}|172\.(1[6-9]|2\d|3[01])(\.\d+){2}|0\.0\.0\.0|\[(::1?|f[cd][0-9a-f:]+|fe[89ab][0-9a-f:]+)\])$/i;

/** An address that is not the target's is judged as text; where it was asked for, no key went there. */
function elsewhere(ended: Exchange, results: Exchange, url: string): Judgement {
  const isLocal = (address: string): boolean => LOCAL_HOST.test(new URL(address).hostname);
  if (isLocal(url) && !isLocal(ended.request.url)) {
    const message = 'The results_url of a batch leads into a local network, where no client of the target can follow.';
    return violated(
      finding(ended, message, 'an address that clients can reach', quote(url), { pointer: '/results_url' }),
    );
  }
  if (results.response !== null && succeeded(results)) return satisfied(`${quote(url)} answers without a key`);
  const seen = results.response === null ? (results.failure?.message ?? '') : answer(results);
  return inconclusive(`${quote(url)} is not below the base URL, and no key is sent there: ${seen}`);
}

/** One line of JSON for each request. */
export function oneLineEach(evidence: Evidence): Judgement {
  const { results, created, judgement } = resultsOf(evidence);
  if (judgement !== undefined) return judgement;
  const all = lines(results);
  const unreadable = all.filter(
    ({ value }) => typeof get(value, 'custom_id') !== 'string' || typeof get(value, 'result', 'type') !== 'string',
  );
  if (unreadable.length > 0) {
    const expected = '{"custom_id":…,"result":{"type":…}}';
    const message = 'A line of the results is not one JSON object with custom_id and result.';
    return violated(
      firstFew(unreadable.map(({ text, offset }) => finding(results, message, expected, text, { offset }))),
    );
  }
  const ids = all.map(({ value }) => asString(get(value, 'custom_id'))).sort();
  const asked = requestsOf(created).map((request) => asString(get(request, 'custom_id')));
  if (quote(ids) === quote(asked.sort())) return satisfied();
  const message = 'The results are not one line for each request.';
  return violated(finding(results, message, asked.join(', '), ids.join(', ')), true);
}

const requestsOf = (created: Exchange): unknown[] => {
  const requests = get(created.sent, 'requests');
  return Array.isArray(requests) ? requests : [];
};

/** What a result holds besides its type. */
export function resultTypes(evidence: Evidence): Judgement {
  const { results, judgement } = resultsOf(evidence);
  if (judgement !== undefined) return judgement;
  const objects = lines(results).filter(({ value }) => isObject(value));
  const findings = objects.flatMap(({ value, offset }) => [
    ...schemaFindings(results, evidence.violations('batchResult', value).filter(isOutcome), { offset }),
    ...strangers(results, value, offset),
  ]);
  if (findings.length > 0) return violated(firstFew(findings));
  const shown = objects.map(({ value }) => get(value, 'result', 'type'));
  if (shown.includes('succeeded')) return satisfied();
  return inconclusive(`no request of the batch succeeded: ${shown.map(quote).join(', ')}`);
}

/** What stands deeper in a message is judged where messages are. */
const isOutcome = ({ pointer }: { pointer: string }): boolean =>
  pointer.startsWith('/result/error') || pointer.split('/').length <= 4;

function strangers(results: Exchange, value: unknown, offset: number): Finding[] {
  const result = get(value, 'result');
  const type = get(result, 'type');
  if (type !== 'canceled' && type !== 'expired') return [];
  const extra = ['message', 'error'].find((key) => get(result, key) !== undefined);
  if (extra === undefined) return [];
  const message = `A result that is ${type} has a member ${extra}.`;
  return [finding(results, message, 'its type alone', quote(result), { offset, pointer: `/result/${extra}` })];
}

/** Results of a batch that runs are not found. */
export function tooEarly(evidence: Evidence): Judgement {
  const { turns, created, judgement } = lifeOf(evidence);
  if (judgement !== undefined) return judgement;
  const early = reached(turns, TURN.early);
  if ('outcome' in early) return early;
  const nothing = noAnswer([early]);
  if (nothing !== null) return nothing;
  if (status(early) === 404) return satisfied();
  const states = [created, turns.get(TURN.seen)].map((exchange) => get(exchange?.json, 'processing_status'));
  if (states.includes('ended')) return notObserved('the batch ended before its results could be asked for too early');
  const message = 'The results of a batch that runs are not answered with 404.';
  return violated(finding(early, message, 'HTTP 404', answer(early)), succeeded(early));
}
