/** Keeps what came back: every exchange with its secrets masked, and what the run has cost so far. */

import type { Exchange, RecordedExchange } from '../../core/exchange.js';
import type { Fixture } from '../../core/fixture.js';
import { get } from '../../core/json.js';
import { readExchange } from '../read/read.js';
import type { Received } from '../send/network.js';
import type { Built } from '../send/requests.js';
import type { Secrets } from './secrets.js';

/** Requests sent and tokens counted so far. */
export interface Progress {
  requests: number;
  inputTokens: number;
  outputTokens: number;
}

/** Which request of the plan an exchange is. */
export type Identity = Pick<RecordedExchange, 'fixture' | 'transport' | 'turn' | 'attempt' | 'sharedBy'>;

/** What is recorded of one request. */
export interface Recording {
  fixture: Fixture;
  identity: Identity;
  /** `null` when the request could not be built. */
  built: Built | null;
  received: Received;
  client?: RecordedExchange['client'];
  startedMs: number;
  replaced?: string;
  /** What the suite's own upstream saw of it. */
  upstream?: Pick<RecordedExchange, 'upstream' | 'upstreamKeyIn'>;
}

export class Recorder {
  readonly exchanges: Exchange[] = [];
  readonly progress: Progress = { requests: 0, inputTokens: 0, outputTokens: 0 };

  constructor(private readonly secrets: Secrets) {}

  /** Reads and counts an exchange; `store` also keeps it. */
  read(recording: Recording): Exchange {
    const { fixture, identity, built, received, client, startedMs, replaced, upstream } = recording;
    const { transport, turn, attempt, sharedBy = [] } = identity;
    const { secrets } = this;
    const exchange = readExchange({
      id: `${fixture.id}/${transport}${turn > 1 ? `.${turn}` : ''}${attempt > 1 ? `#${attempt}` : ''}`,
      fixture: identity.fixture,
      transport,
      turn,
      attempt,
      ...(sharedBy.length === 0 ? {} : { sharedBy }),
      apiVersion: built?.sent.headers['anthropic-version'] ?? null,
      startedMs: Math.round(startedMs * 100) / 100,
      ...(replaced === undefined ? {} : { replaced }),
      request: secrets.request(built?.sent ?? { method: fixture.method, url: '', headers: {}, body: null }),
      response: received.response === null ? null : secrets.response(received.response),
      failure: received.failure === null ? null : secrets.texts(received.failure),
      ...(client === undefined ? {} : { client: secrets.texts(client) }),
      ...upstream,
    });
    this.count(exchange);
    return exchange;
  }

  store(exchange: Exchange): void {
    this.exchanges.push(exchange);
  }

  private count({ message }: Exchange): void {
    const tokens = (...names: string[]): number =>
      names.reduce((sum, name) => {
        const value = get(message, 'usage', name);
        return sum + (typeof value === 'number' && Number.isFinite(value) ? value : 0);
      }, 0);
    this.progress.inputTokens += tokens('input_tokens', 'cache_creation_input_tokens', 'cache_read_input_tokens');
    this.progress.outputTokens += tokens('output_tokens');
  }
}
