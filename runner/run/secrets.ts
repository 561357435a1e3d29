/** The secrets of a run, masked in everything that is kept. */

import type { ReceivedResponse, SentRequest } from '../../core/exchange.js';
import type { Redactor } from '../../core/redact.js';
import type { Conversation } from '../plan/plan.js';
import { withoutIdentity } from '../send/identity.js';
import type { Target } from '../send/requests.js';
import { maskSecrets } from '../send/secrets.js';

export class Secrets {
  /** Masks every secret in a text. */
  readonly redact: Redactor;
  /** Notices about secrets that are not masked, one line each. */
  readonly notices: readonly string[];

  constructor(target: Target, planned: readonly Conversation[]) {
    ({ redact: this.redact, notices: this.notices } = maskSecrets(target, planned));
  }

  /** A request shows no credential. Its body is made of fixtures and of responses that are masked, so nothing can be split over it. */
  request(sent: SentRequest): SentRequest {
    const { body, ...head } = sent;
    return { ...this.texts(head), body: body === null ? null : this.redact(body) };
  }

  /** A response with its secrets masked wherever the target sent them back. */
  response(received: ReceivedResponse): ReceivedResponse {
    const { body, chunks, ...head } = withoutIdentity(received);
    return {
      ...this.texts(head),
      body: head.bodyEncoding === 'base64' ? this.bytes(body) : this.redact.body(body),
      chunks,
    };
  }

  /** Any other value. A client hands out text blocks as strings of their own, over which a secret may be split. */
  texts<T extends object>(value: T): T {
    const text = JSON.stringify(value);
    const clean = this.redact.body(text);
    return clean === text ? value : (JSON.parse(clean) as T);
  }

  private bytes(base64: string): string {
    return Buffer.from(this.redact.body(Buffer.from(base64, 'base64').toString('latin1')), 'latin1').toString('base64');
  }
}
