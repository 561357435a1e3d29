import { isSecretHeader, redactor } from '../core/redact.js';
import { BoundedMap } from './bounded-map.js';
import type { Limits } from './options.js';

/** A request of a client, without its credentials. */
export interface RecordedRequest {
  readonly method: string;
  /** Path and query, without the path of the base URL. */
  readonly path: string;
  /** By names in lower case. Credentials are replaced by asterisks. */
  readonly headers: Readonly<Record<string, string>>;
  /** The body as JSON, or as text where it is not JSON; `null` without one; the size in words for an upload. */
  readonly body: unknown;
  /** Why the real API would reject the request, one line each; empty for a request that it would accept. */
  readonly violations: readonly string[];
}

/** A request of a client as it came, and what is wrong with it. */
interface Received extends Pick<Request, 'method' | 'url' | 'headers'> {
  body: Uint8Array;
  violations: readonly string[];
}

/** It is made readable when a test asks for it: that takes a tenth of a request, and most tests look at the answers only. */
interface Kept {
  number: number;
  bytes: number;
  request: Received | RecordedRequest;
}

/** The latest requests of clients, as many as the limits allow. */
export class Recordings {
  readonly #kept: BoundedMap<Kept>;
  #arrived = 0;

  constructor({ recordings, recordingBytes }: Limits) {
    this.#kept = new BoundedMap({ entries: recordings, total: recordingBytes, sizeOf: ({ bytes }) => bytes });
  }

  /** Numbers a request when it arrives. The result records it once its body is read. */
  arrival(): (received: Received) => void {
    this.#arrived += 1;
    const number = this.#arrived;
    return (request) => void this.#kept.set(String(number), { number, request, bytes: request.body.byteLength });
  }

  /** The recorded requests in the order of arrival, with their numbers from 1. */
  inOrder(): { number: number; request: RecordedRequest }[] {
    return [...this.#kept.values()]
      .sort((left, right) => left.number - right.number)
      .map((kept) => {
        const request = 'url' in kept.request ? recorded(kept.request) : kept.request;
        kept.request = request;
        return { number: kept.number, request };
      });
  }
}

function recorded(request: Received): RecordedRequest {
  const mask = redactor(secretsOf(request));
  const url = new URL(request.url);
  return {
    method: request.method,
    path: mask(withoutSecrets(url)),
    headers: Object.fromEntries(
      [...request.headers].map(([name, value]) => [name, isSecretHeader(name) ? asterisks(value) : mask(value)]),
    ),
    body: readBody(request.body, request.headers.get('content-type') ?? '', mask),
    violations: request.violations.map(mask),
  };
}

/** The values of credential headers, with and without the name of the scheme. */
function secretsOf({ headers }: Pick<Request, 'headers'>): string[] {
  return [...headers]
    .filter(([name]) => isSecretHeader(name))
    .flatMap(([, value]) => [value, value.replace(/^\w+\s+/, '')]);
}

function withoutSecrets(url: URL): string {
  const shown = new URL(url);
  for (const [name, value] of url.searchParams) {
    if (isSecretHeader(name)) shown.searchParams.set(name, asterisks(value));
  }
  return `${shown.pathname}${shown.search}`;
}

const asterisks = (value: string): string => '*'.repeat(value.length);

function readBody(bytes: Uint8Array, type: string, mask: (text: string) => string): unknown {
  if (bytes.length === 0) return null;
  if (type.startsWith('multipart/')) return `(${bytes.length} bytes of multipart/form-data)`;
  const text = mask(new TextDecoder().decode(bytes));
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}
