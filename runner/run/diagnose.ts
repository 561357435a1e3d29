/**
 * Why a target cannot be judged, in one line that its operator can act on: asked where the first, plainest request of a run is not
 * accepted. A few further requests tell the reasons apart; all of them stand in the diagnosis.
 */

import { answer, isHtml, status, succeeded } from '../../core/answers.js';
import type { Exchange } from '../../core/exchange.js';
import { get, isObject } from '../../core/json.js';
import { API_VERSIONS } from '../../core/protocol.js';
import type { Diagnosis } from '../../core/report.js';
import { withoutEnd } from '../../core/text.js';
import { isLikeMessage } from '../read/read.js';
import { printable } from '../send/failures.js';
import { CREDENTIAL_PLACES, type Target } from '../send/requests.js';
import type { Finding, FirstRequest } from './fire.js';
import { Inquiry } from './inquiry.js';
import { type Cause, redirected, unreachable } from './no-answer.js';
import {
  blamesModel,
  bodyOf,
  isApiError,
  isChatCompletion,
  isMessage,
  isOk,
  isThere,
  namesQuota,
  titleOf,
} from './symptoms.js';
import { askedMs, PATIENCE_MS } from './waiting.js';

/** `null` where the run may go on: the answer is no reason why nothing else could be judged. */
export async function diagnose(first: FirstRequest): Promise<Finding | null> {
  const doctor = new Doctor(first);
  return (await doctor.examine()) ?? null;
}

class Doctor {
  private readonly asks: Inquiry;
  private readonly target: Target;
  private readonly exchange: Exchange;

  constructor(first: FirstRequest) {
    this.asks = new Inquiry(first);
    this.target = first.target;
    this.exchange = first.exchange;
  }

  async examine(): Promise<Finding | undefined> {
    const { exchange } = this;
    const code = status(exchange);
    if (exchange.failure?.kind === 'redirect') return this.found(redirected(exchange));
    if (exchange.response === null) return this.found(await unreachable(exchange, this.target.baseUrl));
    if (code === 401 || code === 403) return this.credential();
    if (code === 402 || (code === 429 && namesQuota(exchange))) {
      return this.unusable(
        'quota',
        `The target has no quota left for this key: ${answer(exchange)}.`,
        'Top up the account or use another key.',
      );
    }
    if (code === 429 || code === 529 || (code === 503 && exchange.header('retry-after') !== null)) {
      return this.busy();
    }
    if (isHtml(exchange) && code !== 404) return code >= 500 ? this.down() : this.webPage();
    if (!this.isMessages()) return code >= 500 ? this.down() : undefined;
    if ([400, 403, 404, 422].includes(code) && blamesModel(exchange)) return this.modelUnknown();
    if (code === 404) return this.pathMissing();
    if (code === 405 || code === 501) return this.pathMissing();
    if (succeeded(exchange)) return this.noMessage();
    return this.rejectsAll(code);
  }

  private busy(): Finding {
    const quoted = answer(this.exchange);
    const asked = askedMs(this.exchange) ?? 0;
    return asked > PATIENCE_MS
      ? this.unusable(
          'wait',
          `The target asks to wait for ${Math.round(asked / 60_000)} minutes: ${quoted}.`,
          'Run again then.',
        )
      : this.unusable(
          'wait',
          `The target keeps asking to wait: ${quoted}.`,
          'Run again later, or with a lower --concurrency.',
        );
  }

  private isMessages(): boolean {
    return /\/v1\/messages$/.test(new URL(this.exchange.request.url).pathname);
  }

  private async credential(): Promise<Finding> {
    const { apiKey, apiKeyVariable, credential } = this.target;
    const quoted = answer(this.exchange);
    const isTurnedAway = status(this.exchange) === 403 && isHtml(this.exchange);
    if (apiKey === null && isTurnedAway) return this.turnedAway();
    if (apiKey === null) {
      return this.unusable(
        'credential',
        `The target wants a key, and the variable ${apiKeyVariable} is not set: ${quoted}.`,
        `Export the key as ${apiKeyVariable}, or name its variable with --api-key-env.`,
      );
    }
    if (status(this.exchange) === 403 && blamesModel(this.exchange)) return this.modelUnknown();
    const other = credential === 'bearer' ? 'x-api-key' : 'bearer';
    const received = await this.asks.plain(`the same request with the key ${CREDENTIAL_PLACES[other]}`, {
      credential: other,
    });
    if (isOk(received)) {
      const line = `The target takes the key ${CREDENTIAL_PLACES[other]} only: ${CREDENTIAL_PLACES[credential]} it answered ${quoted}.`;
      return {
        credential: other,
        diagnosis: this.diagnosis({
          kind: 'other-credential',
          line,
          advice: `This run goes on with the key ${CREDENTIAL_PLACES[other]}.`,
        }),
      };
    }
    if (isTurnedAway) return this.turnedAway();
    return this.unusable(
      'credential',
      `The target rejects the key in ${apiKeyVariable}: ${quoted}.`,
      `Check the key; neither x-api-key nor authorization: Bearer is accepted with it.`,
    );
  }

  /** No API answers a wrong key with a page for people: something in front of it did. */
  private turnedAway(): Finding {
    const title = titleOf(this.exchange);
    return this.unusable(
      'web-page',
      `A web page answers at ${this.target.baseUrl}, not an API: HTTP 403${title === '' ? '' : ` ${JSON.stringify(title)}`}.`,
      'A firewall, CDN or proxy in front of the target turns programs away, or wants a browser: let this machine through, or use an address behind it.',
    );
  }

  private async modelUnknown(): Promise<Finding> {
    const { model } = this.target;
    const listed = await this.asks.models();
    const advice =
      listed.length === 0
        ? 'Name a model that the target serves with --model.'
        : `Name one of its models with --model: ${listed.slice(0, 8).join(', ')}${listed.length > 8 ? `, and ${listed.length - 8} more` : ''}.`;
    return this.unusable(
      'model',
      `The target does not serve the model ${JSON.stringify(printable(model))}: ${answer(this.exchange)}.`,
      advice,
    );
  }

  private async pathMissing(): Promise<Finding> {
    const { baseUrl } = this.target;
    const better = await this.betterBase();
    if (better !== null)
      return this.unusable('path', `There is no Messages API at ${baseUrl}: ${answer(this.exchange)}.`, better);
    const list = await this.asks.get('/v1/models');
    const chat = await this.asks.post('/v1/chat/completions', baseUrl);
    const isOpenAi = get(bodyOf(list), 'object') === 'list' || isThere(chat);
    if (isOpenAi) return this.otherApi();
    return this.unusable(
      'path',
      `There is no Messages API at ${baseUrl}: POST ${baseUrl}/v1/messages was answered with ${answer(this.exchange)}.`,
      'Check --url: it is the address to which clients append /v1/messages.',
    );
  }

  /** Advice to use a base URL under which something answers like a Messages API; `null` without one. */
  private async betterBase(): Promise<string | null> {
    const { origin, pathname } = new URL(this.target.baseUrl);
    const path = withoutEnd(pathname, '/');
    const parents = path === '' ? [] : [''];
    const bases = [...parents, `${path}/anthropic`, `${path}/api`, `${path}/api/anthropic`].map(
      (one) => `${origin}${one}`,
    );
    const rejectsAll: string[] = [];
    for (const base of bases) {
      if (!isApiError(await this.asks.post('/v1/messages', base))) continue;
      // A server that rejects every request without a key says nothing about this path.
      if (!isApiError(await this.asks.post('/v1/no-such-endpoint', base)))
        return `The base URL seems to be ${base}: use --url ${base}.`;
      rejectsAll.push(base);
    }
    // Unless it does so below one address only.
    const [only, other] = rejectsAll;
    return only === undefined || other !== undefined
      ? null
      : `Below ${only} every request without a key is rejected as a Messages API does: try --url ${only}.`;
  }

  private otherApi(): Finding {
    const { baseUrl } = this.target;
    return this.unusable(
      'other-api',
      `The server at ${baseUrl} speaks OpenAI's API and has no /v1/messages: ${answer(this.exchange)}.`,
      'Point --url at a server or gateway that offers the Messages API.',
    );
  }

  private async webPage(): Promise<Finding> {
    const better = status(this.exchange) === 404 || succeeded(this.exchange) ? await this.betterBase() : null;
    return this.unusable(
      'web-page',
      `A web page answers at ${this.target.baseUrl}, not an API: HTTP ${status(this.exchange)} with ${this.exchange.header('content-type')}.`,
      better ??
        'Check --url: it is the address to which clients append /v1/messages. A login page or a proxy in between answers like this too.',
    );
  }

  /** A 2xx whose body is not a message, again and again. What only spoils the form of one, such as an array around it, is judged. */
  private async noMessage(): Promise<Finding | undefined> {
    const { exchange } = this;
    const { json, stream } = exchange;
    if (isChatCompletion(json)) return this.otherApi();
    if (stream !== null || !isObject(json)) return undefined;
    if (blamesModel(exchange)) return this.modelUnknown();
    if (isMessage(await this.asks.plain('the same again', {}))) return undefined;
    if (isMessage(await this.asks.plain('the same as a stream', { stream: true }))) return undefined;
    const envelope = Object.keys(json).find((key) => isLikeMessage(json[key]));
    if (envelope !== undefined)
      return this.unusable(
        'other-api',
        `The target puts every message into another object, where no client looks for it (\`${envelope}\`): ${answer(exchange)}.`,
        'Answer with the message itself: `type`, `role` and `content` stand at the top of the body.',
      );
    return 'error' in json
      ? this.unusable(
          'rejects',
          `The target answers even the plainest request with an error, under a status of success: ${answer(exchange)}.`,
          'Nothing can be judged until it accepts one; the reason is in its answer.',
        )
      : this.unusable(
          'other-api',
          `The target answers a plain request with JSON that is no message: ${answer(exchange)}.`,
          'If its answer names a reason, such as the key, mend that. Otherwise check --url: it is the address to which clients append /v1/messages.',
        );
  }

  private down(): Finding {
    return this.unusable(
      'down',
      `The target answers a plain request with a server error: ${answer(this.exchange)}.`,
      isHtml(this.exchange)
        ? 'A web page with this status mostly comes from a proxy: check that the server behind it is up, and --url.'
        : 'Check the log of the server.',
    );
  }

  /** The plainest request is rejected for no reason that is known here: a few more of its kind decide. */
  private async rejectsAll(code: number): Promise<Finding | undefined> {
    const stream = await this.asks.plain('the same as a stream', { stream: true });
    if (isOk(stream)) return undefined;
    const larger = await this.asks.plain('the same with max_tokens 1024', { maxTokens: 1024 });
    if (isOk(larger)) return undefined;
    const { apiVersion } = this.target;
    const other = API_VERSIONS.find((version) => version !== apiVersion)!;
    if (isOk(await this.asks.plain(`the same with anthropic-version ${other}`, { apiVersion: other })))
      return this.unusable(
        'rejects',
        `The target rejects requests with anthropic-version ${apiVersion}: ${answer(this.exchange)}.`,
        `It accepts ${other}: use --api-version ${other}.`,
      );
    if (code >= 500) return this.down();
    return this.unusable(
      'rejects',
      `The target rejects even the plainest request: ${answer(this.exchange)}.`,
      'Nothing can be judged until it accepts one; the reason is in its answer.',
    );
  }

  private unusable(kind: Cause['kind'], line: string, advice: string): Finding {
    return this.found({ kind, line, advice });
  }

  private found(cause: Cause): Finding {
    return { unusable: this.diagnosis(cause) };
  }

  private diagnosis({ kind, line, advice }: Cause): Diagnosis {
    return { kind, line: line.replace(/\.("?)\.$/, '.$1'), advice, tried: this.asks.tried };
  }
}
