/** The credentials that pass through the tap: found by the names of headers and parameters, masked in everything that is kept. */

import {
  isPublicHeader,
  isSecretHeader,
  type Redactor,
  redactor,
  SHORTEST_SECRET,
  secretsIn,
  variableOf,
} from '../../core/redact.js';
import { isNoSecret, publicText, shownHeaders } from '../../runner/send/secrets.js';
import type { HeaderLines } from '../raw-exchange.js';

/** So many are looked for at the same time; clients that change their token keep the last ones. */
const MOST = 64;

/** Names in lower case. */
export interface OwnHeaders {
  headers: Readonly<Record<string, string>>;
  headerVariables?: Readonly<Record<string, string>>;
}

export class PassingSecrets {
  private readonly known = new Set<string>();
  private readonly words: string;
  private readonly ownShown: Readonly<Record<string, string>>;
  private current: Redactor = redactor([]);

  /**
   * @param baseUrl Of the server; parts of it are no secret. Empty when it is not known.
   * @param own Headers that the user adds to every request, and the variables that they came from. A value is a secret whatever the name
   * of its header, except for the few public headers.
   */
  constructor(
    baseUrl: string,
    private readonly own: OwnHeaders = { headers: {} },
  ) {
    this.words = baseUrl === '' ? '' : publicText({ model: '', baseUrl }, []).toLowerCase();
    this.ownShown = shownHeaders(own);
    const values = Object.entries(own.headers).flatMap(([name, value]) =>
      isPublicHeader(name) || isNoSecret(value) ? [] : secretsIn(value),
    );
    this.note(values);
  }

  /** Masks every credential that was seen so far. */
  get redact(): Redactor {
    return this.current;
  }

  /** Notes the credentials of a request. */
  learn(headers: HeaderLines, url: string): void {
    const found = headers.filter(([name]) => isSecretHeader(name)).flatMap(([, value]) => secretsIn(value));
    this.note([...found, ...parameters(url)]);
  }

  private note(secrets: readonly string[]): void {
    const before = this.known.size;
    for (const secret of secrets) {
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
      const visible =
        this.own.headers[name] === value
          ? this.ownShown[name]!
          : isSecretHeader(name)
            ? placeholder(name, value)
            : this.current(value);
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
