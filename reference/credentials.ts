import { type Rejection, reject } from './errors.js';
import type { RequestHeaders } from './incoming.js';
import type { Settings } from './options.js';

/**
 * Checks the credential. `x-api-key` decides when both headers are present.
 * Source: https://platform.claude.com/docs/en/api/overview and the official clients, which send one or the other.
 */
export function authenticate(headers: RequestHeaders, settings: Settings): Rejection | null {
  const { credentials, authentication } = settings.dialect;
  if (!authentication) return null;
  const found = credential(headers, credentials);
  if (found === null) {
    const names = credentials.map((name) => (name === 'bearer' ? 'authorization: Bearer' : name)).join(' or ');
    return reject('authentication_error', `No API key was sent; expected the header ${names}.`);
  }
  if (found === '' || (settings.apiKey !== null && found !== settings.apiKey)) {
    return reject('authentication_error', 'API key is invalid.');
  }
  return null;
}

function credential(headers: RequestHeaders, accepted: Settings['dialect']['credentials']): string | null {
  if (accepted.includes('x-api-key')) {
    const key = headers.get('x-api-key');
    if (key !== null) return key.trim();
  }
  if (accepted.includes('bearer')) {
    const match = /^bearer\s(.*)$/is.exec(headers.get('authorization') ?? '');
    if (match) return match[1]!.trim();
  }
  return null;
}
