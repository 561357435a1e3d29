import { isSecretHeader, redactor } from '../core/redact.js';
import { newCall } from './call.js';
import { checkRequest } from './check-request.js';
import type { Settings } from './options.js';
import type { State } from './state.js';

/** What a client has sent, without its credentials. */
export interface RecordedRequest {
  readonly method: string;
  /** Path and query, below the base URL. */
  readonly path: string;
  /** By names in lower case. The values of those that hold credentials are asterisks. */
  readonly headers: Readonly<Record<string, string>>;
  /** The body as JSON; as text where it is none; `null` without one; its size in words where it is an upload. */
  readonly body: unknown;
  /** What the real API would have against the request, one line each; empty for a request that it would serve. */
  readonly violations: readonly string[];
}

/** Reads and checks a request. `body` is what its body holds. */
export async function recordRequest(
  request: Request,
  body: Uint8Array<ArrayBuffer>,
  { settings, state }: { settings: Settings; state: State },
): Promise<RecordedRequest> {
  const mask = redactor(secretsOf(request));
  const url = new URL(request.url);
  return {
    method: request.method,
    path: mask(withoutSecrets(url)),
    headers: Object.fromEntries(
      [...request.headers].map(([name, value]) => [name, isSecretHeader(name) ? asterisks(value) : mask(value)]),
    ),
    body: readBody(body, request.headers.get('content-type') ?? '', mask),
    violations: (await checkRequest(request, newCall(request, settings, state))).map(mask),
  };
}

/** What stands in headers of credentials, with and without the name of its scheme. */
function secretsOf({ headers }: Request): string[] {
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
