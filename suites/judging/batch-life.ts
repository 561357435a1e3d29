/** The life of a batch as the fixtures `batch-life` and `batch-life-valid` follow it: its turns, its end, its results. */

import { answer, succeeded } from '../../core/answers.js';
import type { Exchange } from '../../core/exchange.js';
import { get, isObject } from '../../core/json.js';
import type { Evidence, Judgement } from '../../core/requirement.js';
import { noAnswer } from './no-answer.js';
import { BATCH, conversation, reached, whyNotOk } from './other-endpoints.js';
import { inconclusive } from './outcomes.js';

/** The fixtures: the second one stands in where an invalid request keeps the first from being created. */
export const LIFE = ['batch-life', 'batch-life-valid'] as const;

/** What each turn of the conversation asks for. */
export const TURN = { created: 1, early: 2, listed: 3, seen: 4, ended: 5, results: 6, deleted: 7 } as const;

export interface Life {
  turns: ReadonlyMap<number, Exchange>;
  created: Exchange;
}

export interface Ended extends Life {
  ended: Exchange;
}

type Otherwise<Found> = (Found & { judgement?: never }) | ({ [Key in keyof Found]?: never } & { judgement: Judgement });

/** The conversation in which a batch was created: with an invalid request in it or, where that is refused, without one. */
export function lifeOf(evidence: Evidence): Otherwise<Life> {
  const [mixed, valid] = LIFE.map((id) => conversation(evidence, id));
  for (const turns of [mixed!, valid!]) {
    const created = turns.get(TURN.created);
    if (created !== undefined && succeeded(created)) return { turns, created };
  }
  const created = valid!.get(TURN.created) ?? mixed!.get(TURN.created);
  const judgement = whyNotOk(evidence, created === undefined ? [] : [created], BATCH);
  return { judgement: judgement ?? inconclusive('no batch was created') };
}

/** The same with the batch as it was when it had ended. A batch may take a day: one that did not end in time proves nothing. */
export function endOf(evidence: Evidence): Otherwise<Ended> {
  const life = lifeOf(evidence);
  if (life.judgement !== undefined) return life;
  const ended = reached(life.turns, TURN.ended);
  if ('outcome' in ended) return { judgement: ended };
  const nothing = noAnswer([ended]);
  if (nothing !== null) return { judgement: nothing };
  if (get(ended.json, 'processing_status') === 'ended') return { ...life, ended };
  const { until } = evidence.fixture(ended.fixture).turns[TURN.ended - 1] ?? {};
  const minutes = Math.round((until?.timeoutMs ?? 0) / 60_000);
  const state = succeeded(ended) ? 'it was still running' : answer(ended);
  return { judgement: inconclusive(`the batch did not end within ${minutes} minutes: ${state}`) };
}

/** The same with the results. That they can be had at all is the matter of batch.results-url. */
export function resultsOf(evidence: Evidence): Otherwise<Ended & { results: Exchange }> {
  const end = endOf(evidence);
  if (end.judgement !== undefined) return end;
  const results = reached(end.turns, TURN.results);
  if ('outcome' in results) return { judgement: results };
  if (succeeded(results) && results.failure?.kind !== 'foreign') return { ...end, results };
  return { judgement: noAnswer([results]) ?? inconclusive(`the results did not come: ${answer(results)}`) };
}

/** A line of the results that is not blank. */
export interface Line {
  text: string;
  /** Byte offset of its beginning. */
  offset: number;
  /** `undefined` when it is not JSON. */
  value: unknown;
}

const LF = 10;

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

/** Answers that show one batch with its counts, of all conversations that created one. */
export const batchExchanges = (evidence: Evidence): Exchange[] =>
  evidence.own.filter(
    (exchange) => succeeded(exchange) && isObject(get(exchange.json, 'request_counts')) && created(evidence, exchange),
  );

/** Number of the requests with which the conversation of this exchange created its batch. */
export function expectedCounts(evidence: Evidence, exchange: Exchange): number | null {
  const requests = get(created(evidence, exchange)?.sent, 'requests');
  return Array.isArray(requests) ? requests.length : null;
}

const created = (evidence: Evidence, { fixture, attempt }: Exchange): Exchange | undefined =>
  evidence.of(fixture).find((one) => one.turn === TURN.created && one.attempt === attempt);

/** A time of a batch in milliseconds, `null` when it is none. */
export function timeOf(batch: unknown, key: string): number | null {
  const value = get(batch, key);
  const time = typeof value === 'string' ? Date.parse(value) : Number.NaN;
  return Number.isNaN(time) ? null : time;
}
