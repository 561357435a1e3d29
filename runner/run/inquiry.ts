/** What a diagnosis asks a target beside the first request of a run, and the notes that it takes. */

import { answer } from '../../core/answers.js';
import { asString, get } from '../../core/json.js';
import type { ApiVersion } from '../../core/protocol.js';
import type { Diagnosis } from '../../core/report.js';
import { printable } from '../send/failures.js';
import type { Received } from '../send/network.js';
import { buildRequest, credentialHeaders, type Target } from '../send/requests.js';
import type { FirstRequest } from './fire.js';
import { bodyOf } from './symptoms.js';

/** Bounds of one further request: they are short, and nobody waits for a model. */
const BOUNDS = { timeoutMs: 20_000, maxBytes: 256 * 1024, lingerMs: 1_000 };
/** The same where a model has to answer. */
const MODEL_BOUNDS = { ...BOUNDS, timeoutMs: 60_000 };

export class Inquiry {
  /** What was asked, and what came, in order; the first request of the run is the first of them. */
  readonly tried: Diagnosis['tried'][number][] = [];
  private readonly target: Target;

  constructor(private readonly first: FirstRequest) {
    this.target = first.target;
    const { request } = first.exchange;
    this.note(`${request.method} ${request.url}`, answer(first.exchange));
  }

  /** The first request, with one thing changed. */
  async plain(
    what: string,
    change: { credential?: Target['credential']; stream?: boolean; maxTokens?: number; apiVersion?: ApiVersion },
  ): Promise<Received> {
    const { fixture } = this.first.conversation;
    const turn = fixture.turns[0]!;
    const body = change.maxTokens === undefined ? turn.body : { ...turn.body, max_tokens: change.maxTokens };
    const target = {
      ...this.target,
      ...(change.credential && { credential: change.credential }),
      ...(change.apiVersion && { apiVersion: change.apiVersion }),
    };
    const transport = change.stream ? 'stream' : this.first.conversation.transport;
    const { outgoing } = buildRequest(target, fixture, { ...turn, body }, transport, []);
    const received = await this.first.send(outgoing, MODEL_BOUNDS);
    return this.noted(what, received);
  }

  async get(path: string): Promise<Received> {
    return this.noted(`GET ${path}`, await this.send('GET', path, null, this.target.baseUrl));
  }

  /** Without a key: it may lead out of the base URL, to which the key belongs. */
  async post(path: string, base: string): Promise<Received> {
    return this.noted(`POST ${base}${path} with {} and no key`, await this.send('POST', path, '{}', base));
  }

  /** Ids of `GET /v1/models`, in Anthropic's shape or OpenAI's. */
  async models(): Promise<string[]> {
    const received = await this.get('/v1/models');
    const data = get(bodyOf(received), 'data');
    return Array.isArray(data)
      ? data.map((entry) => printable(asString(get(entry, 'id')))).filter((id) => id !== '')
      : [];
  }

  private send(method: string, path: string, body: string | null, base: string): Promise<Received> {
    const { apiKey, apiVersion, headers } = this.target;
    return this.first.send(
      {
        method,
        url: `${base}${path}`,
        base,
        headers: {
          accept: 'application/json',
          'user-agent': 'messages-conformance',
          'anthropic-version': apiVersion,
          ...(body === null ? {} : { 'content-type': 'application/json' }),
          ...(body === null ? { ...headers, ...credentialHeaders('default', this.target, apiKey) } : {}),
        },
        body,
        stream: false,
      },
      BOUNDS,
    );
  }

  private noted(what: string, received: Received): Received {
    const { response, failure } = received;
    this.note(what, response === null ? (failure?.message ?? 'no answer') : `HTTP ${response.status}`);
    return received;
  }

  private note(what: string, came: string): void {
    this.tried.push({ what: printable(what), answer: printable(came) });
  }
}
