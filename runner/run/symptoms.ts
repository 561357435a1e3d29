/** What an answer says of the server that gave it, as far as a diagnosis needs it. */

import { errorBody, status } from '../../core/answers.js';
import type { Exchange } from '../../core/exchange.js';
import { get, type Json } from '../../core/json.js';
import { isLikeMessage } from '../read/read.js';
import { parseJson } from '../read/sse.js';
import { printable } from '../send/failures.js';
import type { Received } from '../send/network.js';
import { askedMs } from './waiting.js';

export const isOk = ({ response }: Received): boolean =>
  response !== null && response.status >= 200 && response.status < 300;

/** Something is at this path: it does not say that it is not. */
export const isThere = ({ response }: Received): boolean =>
  response !== null && [400, 401, 403, 415, 422].includes(response.status);

/** An error as an API writes it, for a request that lacks everything. */
export const isApiError = (received: Received): boolean =>
  [400, 401, 403, 422].includes(received.response?.status ?? 0) && get(bodyOf(received), 'error') !== undefined;

export const bodyOf = ({ response }: Received): Json | undefined =>
  response === null || response.bodyEncoding !== 'utf8' ? undefined : parseJson(response.body);

/** A message, or a stream that begins one. */
export const isMessage = (received: Received): boolean =>
  isOk(received) &&
  (isLikeMessage(bodyOf(received)) ||
    /"type"\s*:\s*"message_start"/.test(received.response?.body.slice(0, 2_000) ?? ''));

/** The title of a web page; empty without one. */
export const titleOf = (exchange: Exchange): string =>
  printable(/<title>([^<]{1,100})<\/title>/i.exec(exchange.response?.body.slice(0, 4_000) ?? '')?.[1]?.trim() ?? '');

export const isChatCompletion = (json: Json | undefined): boolean =>
  get(json, 'object') === 'chat.completion' || Array.isArray(get(json, 'choices'));

const textOf = (exchange: Exchange): string =>
  (errorBody(exchange)?.message || exchange.response?.body || '').slice(0, 4_000).toLowerCase();

const NO_SUCH =
  /not found|not exist|no such|unknown|invalid|unsupported|not supported|unavailable|not available|not allowed|no access|no healthy/;
/** So far from one another the word and the complaint may stand, in characters. */
const NEAR = 120;

/** Whether a rejection is about the model that was asked for. */
export function blamesModel(exchange: Exchange): boolean {
  const text = textOf(exchange).slice(0, 2_000);
  if (text.startsWith('model: ')) return true;
  for (let at = text.indexOf('model'); at !== -1; at = text.indexOf('model', at + 1))
    if (NO_SUCH.test(text.slice(Math.max(0, at - NEAR), at + NEAR))) return true;
  return false;
}

/** A limit of a time that passes, in the words of a rejection: "Quota exceeded for requests per minute." */
const OF_A_TIME = /\b(per|each|every|this|a) (second|minute|hour)|\b[rt]pm\b|try again|retry/;

/** Whether a rejection says that the account has nothing left: no wait of a run changes that. */
export const isUsedUp = (exchange: Exchange): boolean =>
  status(exchange) === 429 && askedMs(exchange) === null && namesQuota(exchange) && !OF_A_TIME.test(textOf(exchange));

export const namesQuota = (exchange: Exchange): boolean =>
  /quota|credit|billing|balance|insufficient|exceeded your current/.test(textOf(exchange));
