/** What answers in place of the API under a status of success: web pages, and the model list of another API. */

import { isAccepted, isHtml, isSent, quotedBody, succeeded } from '../../../core/answers.js';
import type { Exchange } from '../../../core/exchange.js';
import { get } from '../../../core/json.js';
import { cause, type Detector, explainedBy, largest, named, share } from './scene.js';

const MOST_NAMED = 3;

/** `GET /v1/models`, without query and ids. */
function endpoint({ request }: Exchange): string {
  const path = URL.canParse(request.url) ? new URL(request.url).pathname : request.url;
  return `${request.method} ${path.replace(/\/(msgbatch|file)_[\w-]+|(?<=\/v1\/models)\/[^/]+/g, '/…')}`;
}

/** Fewer are an answer of one endpoint. */
const LEAST_ALIKE = 5;

/**
 * Successful answers whose body is none of the API, word for word the same: a web page, or nothing. Now and then, as from one of several
 * servers: the same endpoint answers other requests as it should.
 */
export const nowAndThen: Detector = ({ open, exchanges }) => {
  const foreign = exchanges.filter(
    (exchange) =>
      succeeded(exchange) &&
      exchange.request.method !== 'HEAD' &&
      exchange.failure === null &&
      exchange.json === undefined &&
      (exchange.stream?.events.length ?? 0) === 0,
  );
  const [body, alike = []] = largest(foreign, quotedBody);
  const explained = explainedBy(open, alike);
  const askedFor = (exchange: Exchange): string => `${endpoint(exchange)} ${exchange.transport}`;
  const served = new Set(exchanges.filter((one) => isAccepted(one) && !foreign.includes(one)).map(askedFor));
  if (alike.length < LEAST_ALIKE || explained.length < 2 || !alike.some((one) => served.has(askedFor(one)))) return [];
  const { response } = alike[0]!;
  const what = response?.body === '' ? 'without a body' : body;
  const title = `${share(alike.length, exchanges.filter(isSent).length, 'requests')} get one answer that is not of the API: HTTP ${response?.status} ${what}.`;
  return [cause('same-fault', title, explained)];
};

/** The start page of a web server, for every path that it does not have. */
export const webPages: Detector = ({ open, exchanges }) => {
  const pages = exchanges.filter((exchange) => succeeded(exchange) && isHtml(exchange) && exchange.json === undefined);
  const explained = explainedBy(open, pages);
  const [first] = pages;
  if (first === undefined || explained.length < 2) return [];
  const endpoints = [...new Set(pages.map(endpoint))];
  const more = endpoints.length > MOST_NAMED ? ` and ${endpoints.length - MOST_NAMED} more` : '';
  const title = `A web page answers with HTTP ${first.response?.status} in place of the API: ${endpoints.slice(0, MOST_NAMED).join(', ')}${more}.`;
  return [cause('same-fault', title, explained, first.id)];
};

/** The two APIs share the path of their models. */
export const openAiModels: Detector = ({ open, exchanges }) => {
  const lists = exchanges.filter(
    (exchange) =>
      /\/v1\/models(\/|\?|$)/.test(exchange.request.url) &&
      succeeded(exchange) &&
      ['list', 'model'].includes(String(get(exchange.json, 'object'))),
  );
  const explained = explainedBy(named(open, ['models.*']), lists);
  const [first] = lists;
  if (first === undefined || explained.length < 2) return [];
  return [cause('same-fault', "GET /v1/models answers as OpenAI's API does, with `object`.", explained, first.id)];
};
