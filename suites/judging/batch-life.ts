/** The life of a batch in the fixtures `batch-life` and `batch-life-valid`: its turns, its end, its results. */

import { answer, succeeded } from '../../core/answers.js';
import type { Exchange } from '../../core/exchange.js';
import { get, isObject } from '../../core/json.js';
import type { Evidence, Judgement } from '../../core/requirement.js';
import { noAnswer } from './no-answer.js';
import { BATCH, lastAttempt, reached, whyNotOk } from './other-endpoints.js';
import { inconclusive } from './outcomes.js';

/** The second fixture is used when the target rejects the first, which contains an invalid request. */
export const LIFE = ['batch-life', 'batch-life-valid'] as const;

/** What each turn of the conversation does. */
export const TURN = { created: 1, early: 2, listed: 3, seen: 4, ended: 5, results: 6, deleted: 7 } as const;

/** A conversation in which the batch was created: its exchanges by turn. */
export interface Life {
  turns: ReadonlyMap<number, Exchange>;
  created: Exchange;
}

/** The same, with the exchange that shows the ended batch. */
export interface Ended extends Life {
  ended: Exchange;
}

type Otherwise<Found> = (Found & { judgement?: never }) | ({ [Key in keyof Found]?: never } & { judgement: Judgement });

/** The conversation in which a batch was created: with an invalid request in it or, when the target rejects that, without one. */
export function lifeOf(evidence: Evidence): Otherwise<Life> {
  const [mixed, valid] = LIFE.map((id) => lastAttempt(evidence.of(id)));
  for (const turns of [mixed!, valid!]) {
    const created = turns.get(TURN.created);
    if (created !== undefined && succeeded(created)) return { turns, created };
  }
  const created = valid!.get(TURN.created) ?? mixed!.get(TURN.created);
  const judgement = whyNotOk(evidence, created === undefined ? [] : [created], BATCH);
  return { judgement: judgement ?? inconclusive('No batch was created') };
}

/** The same, with the ended batch. A batch may take a day, so one that does not end in time is inconclusive. */
export function endOf(evidence: Evidence): Otherwise<Ended> {
  const life = lifeOf(evidence);
  if (life.judgement !== undefined) return life;
  const ended = reached(life.turns, TURN.ended);
  if ('outcome' in ended) return { judgement: ended };
  const nothing = noAnswer([ended], evidence);
  if (nothing !== null) return { judgement: nothing };
  const progress = get(ended.json, 'processing_status');
  if (progress === 'ended') return { ...life, ended };
  if (succeeded(ended) && typeof progress !== 'string') {
    return {
      judgement: inconclusive(`Not tested: ${ended.id} has no \`processing_status\`, so its end cannot be seen`),
    };
  }
  const id = ended.header('request-id');
  if (id !== null && id === life.turns.get(TURN.seen)?.header('request-id') && id !== life.created.header('request-id'))
    return {
      judgement: inconclusive(
        `Not tested: looking the batch up gives a stored answer, with the \`request-id\` of the one before (${ended.id})`,
      ),
    };
  const { until } = evidence.fixture(ended.fixture).turns[TURN.ended - 1] ?? {};
  const minutes = Math.round((until?.timeoutMs ?? 0) / 60_000);
  const state = succeeded(ended) ? 'it is still running' : answer(ended);
  return { judgement: inconclusive(`The batch did not end within ${minutes} minutes: ${state}`) };
}

/** The same, with the results. The requirement batch.results-url judges whether a client can get them. */
export function resultsOf(evidence: Evidence): Otherwise<Ended & { results: Exchange }> {
  const end = endOf(evidence);
  if (end.judgement !== undefined) return end;
  const results = reached(end.turns, TURN.results);
  if ('outcome' in results) return { judgement: results };
  if (succeeded(results) && results.failure?.kind !== 'foreign') return { ...end, results };
  return {
    judgement: noAnswer([results], evidence) ?? inconclusive(`The results could not be fetched: ${answer(results)}`),
  };
}

/** A line of the results. Blank lines are left out. */
export interface Line {
  text: string;
  /** Byte offset of its first byte. */
  offset: number;
  /** `undefined` when it is not JSON. */
  value: unknown;
}

const LF = 10;

/** The lines of a results file. */
export function lines({ bytes }: Exchange): Line[] {
  const found: Line[] = [];
  for (let offset = 0; offset < bytes.length; ) {
    const next = bytes.indexOf(LF, offset);
    const end = next < 0 ? bytes.length : next;
    const text = new TextDecoder().decode(bytes.subarray(offset, end)).trim();
    if (text !== '') found.push({ text, offset, value: parsed(text) });
    offset = end + 1;
  }
  return found;
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** Responses that contain one batch with its counts, from all conversations that created a batch. */
export const batchExchanges = (evidence: Evidence): Exchange[] =>
  evidence.own.filter(
    (exchange) => succeeded(exchange) && isObject(get(exchange.json, 'request_counts')) && created(evidence, exchange),
  );

/** Number of requests in the batch that the conversation of this exchange created. */
export function expectedCounts(evidence: Evidence, exchange: Exchange): number | null {
  const requests = get(created(evidence, exchange)?.sent, 'requests');
  return Array.isArray(requests) ? requests.length : null;
}

const created = (evidence: Evidence, { fixture, attempt }: Exchange): Exchange | undefined =>
  evidence.of(fixture).find((one) => one.turn === TURN.created && one.attempt === attempt);

/** A time of a batch in milliseconds; `null` when it is not a time. */
export function timeOf(batch: unknown, key: string): number | null {
  const value = get(batch, key);
  const time = typeof value === 'string' ? Date.parse(value) : Number.NaN;
  return Number.isNaN(time) ? null : time;
}
