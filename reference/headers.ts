import { invalid, type Rejection } from './errors.js';
import type { Incoming, RequestHeaders } from './incoming.js';
import type { ApiVersion, Settings } from './options.js';

const ORGANIZATION = '00000000-0000-4000-8000-000000000001';

/** Limits in the rate limit headers. Nothing enforces them: a test target has to answer every request. */
const LIMITS = { requests: 4_000, tokens: 2_400_000, 'input-tokens': 2_000_000, 'output-tokens': 400_000 } as const;

/**
 * The version of the protocol that a request asks for.
 * Source: https://platform.claude.com/docs/en/api/versioning
 */
export function readVersion(headers: RequestHeaders, settings: Settings): ApiVersion | Rejection {
  const value = headers.get('anthropic-version')?.trim();
  if (!value) return invalid('anthropic-version: header is required');
  const version = settings.dialect.versions.find((known) => known === value);
  if (version) return version;
  const known = settings.dialect.versions.map((name) => `"${name}"`).join(' or ');
  return invalid(`anthropic-version: "${value.slice(0, 64)}" is not a valid version; expected ${known}`);
}

/** Names in `anthropic-beta`, from one comma-separated header or several. Unknown names are no error. */
export function readBetas(headers: RequestHeaders): string[] {
  const value = headers.get('anthropic-beta');
  if (value === null) return [];
  return value
    .split(',')
    .map((name) => name.trim())
    .filter((name) => name !== '');
}

/** Headers of every response. */
export function identityHeaders(requestId: string): Record<string, string> {
  return { 'request-id': requestId, 'anthropic-organization-id': ORGANIZATION };
}

/** Headers with the rest of each rate limit. Source: https://platform.claude.com/docs/en/api/rate-limits */
export function rateLimitHeaders(now: number): Readonly<Record<string, string>> {
  const second = Math.ceil(now / 1000);
  if (second !== made.second) made = { second, headers: rateLimits(second) };
  return made.headers;
}

/** They are the same for a second. */
let made = { second: Number.NaN, headers: {} as Record<string, string> };

function rateLimits(second: number): Record<string, string> {
  const reset = new Date(second * 1000 + 1000).toISOString().replace('.000Z', 'Z');
  const headers: Record<string, string> = {};
  for (const [name, limit] of Object.entries(LIMITS)) {
    headers[`anthropic-ratelimit-${name}-limit`] = String(limit);
    headers[`anthropic-ratelimit-${name}-remaining`] = String(name === 'requests' ? limit - 1 : limit - 1000);
    headers[`anthropic-ratelimit-${name}-reset`] = reset;
  }
  return headers;
}

/**
 * CORS headers, or `null` when the request is not from a browser whose client allows direct access.
 * Source: the official TypeScript client, option `dangerouslyAllowBrowser`.
 */
export function corsHeaders(request: Pick<Incoming, 'headers'>): Record<string, string> | null {
  const origin = request.headers.get('origin');
  if (origin === null) return null;
  const asked = request.headers.get('access-control-request-headers') ?? '';
  const direct =
    request.headers.get('anthropic-dangerous-direct-browser-access') === 'true' ||
    asked.toLowerCase().includes('anthropic-dangerous-direct-browser-access');
  if (!direct) return null;
  return {
    'access-control-allow-origin': '*',
    'access-control-expose-headers': 'request-id, anthropic-organization-id, retry-after',
    ...(asked && { 'access-control-allow-headers': asked, 'access-control-allow-methods': 'GET, POST, DELETE' }),
  };
}
