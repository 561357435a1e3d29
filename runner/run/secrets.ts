/** The secrets of a run, masked in everything that is kept. */

import type { Redactor } from '../../core/redact.js';
import type { Conversation } from '../plan/plan.js';
import type { Target } from '../send/requests.js';
import { maskSecrets } from '../send/secrets.js';

export class Secrets {
  /** Masks every secret in a text. */
  readonly redact: Redactor;
  /** What a reader has to know about secrets that are not masked, one line each. */
  readonly notices: readonly string[];

  constructor(target: Target, planned: readonly Conversation[]) {
    ({ redact: this.redact, notices: this.notices } = maskSecrets(target, planned));
  }

  /** Masks secrets wherever they stand or were echoed. */
  masked<T extends object>(value: T): T {
    const { body, bodyEncoding } = value as { body?: string | null; bodyEncoding?: string };
    if (typeof body !== 'string') return this.maskedTexts(value);
    const masked = bodyEncoding === 'base64' ? this.maskedBytes(body) : this.redact.body(body);
    return { ...this.maskedTexts({ ...value, body: '' }), body: masked };
  }

  private maskedTexts<T extends object>(value: T): T {
    const text = JSON.stringify(value);
    // A client hands out text blocks as strings of their own, over which a secret may be split.
    const clean = this.redact.body(text);
    return clean === text ? value : (JSON.parse(clean) as T);
  }

  private maskedBytes(base64: string): string {
    return Buffer.from(this.redact.body(Buffer.from(base64, 'base64').toString('latin1')), 'latin1').toString('base64');
  }
}
