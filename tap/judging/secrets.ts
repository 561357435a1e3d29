/** The credentials that pass through the tap: found by the names of headers and parameters, masked in everything that is kept. */

import { isSecretHeader, type Redactor, redactor, SHORTEST_SECRET, secretsIn, variableOf } from '../../core/redact.js';
import { publicText } from '../../runner/send/secrets.js';
import type { HeaderLines } from '../raw-exchange.js';

/** So many are looked for at the same time; clients that change their token keep the last ones. */
const MOST = 64;

export class PassingSecrets {
  private readonly known = new Set<string>();
  private readonly words: string;
  private current: Redactor = redactor([]);

  /** @param baseUrl Of the server; parts of it are no secret. Empty when it is not known. */
  constructor(baseUrl: string) {
    this.words = baseUrl === '' ? '' : publicText({ model: '', baseUrl }, []).toLowerCase();
  }

  /** Masks every credential that was seen so far. */
  get redact(): Redactor {
    return this.current;
  }

  /** Notes the credentials of a request. */
  learn(headers: HeaderLines, url: string): void {
    const found = headers.filter(([name]) => isSecretHeader(name)).flatMap(([, value]) => secretsIn(value));
    const before = this.known.size;
    for (const secret of [...found, ...parameters(url)]) {
      if (secret.length < SHORTEST_SECRET || this.words.includes(secret.toLowerCase())) continue;
      this.known.add(secret);
    }
    if (this.known.size === before) return;
    for (const oldest of this.known) {
      if (this.known.size <= MOST) break;
      this.known.delete(oldest);
    }
    this.current = redactor([...this.known]);
  }

  /** Header lines as a record shows them: names in lower case, lines of one name joined, variables in place of credentials. */
  shown(headers: HeaderLines): Record<string, string> {
    const shown: Record<string, string> = {};
    for (const [given, value] of headers) {
      const name = given.toLowerCase();
      const visible = isSecretHeader(name) ? placeholder(name, value) : this.current(value);
      shown[name] = Object.hasOwn(shown, name) ? `${shown[name]}, ${visible}` : visible;
    }
    return shown;
  }

  /** A URL without the credentials in its query. */
  url(url: string): string {
    const query = url.indexOf('?');
    if (query === -1) return this.current(url);
    const shown = url
      .slice(query + 1)
      .split('&')
      .map((part) => (isSecretHeader(nameOf(part)) ? `${nameOf(part)}=${'*'.repeat(8)}` : part))
      .join('&');
    return this.current(`${url.slice(0, query)}?${shown}`);
  }
}

const nameOf = (parameter: string): string => parameter.split('=', 1)[0] ?? '';

function parameters(url: string): string[] {
  const query = url.indexOf('?');
  if (query === -1) return [];
  return [...new URLSearchParams(url.slice(query + 1))].flatMap(([name, value]) => (isSecretHeader(name) ? value : []));
}

/** What stands for a credential, so that a `curl` line made of the record works with a variable. */
function placeholder(name: string, value: string): string {
  if (name === 'x-api-key') return '$ANTHROPIC_API_KEY';
  if (name === 'authorization' && /^bearer\s/i.test(value)) return 'Bearer $ANTHROPIC_API_KEY';
  return `$${variableOf(name)}`;
}
