/** Masks what a response says about the account: session cookies, ids of organizations and workspaces. No requirement needs them. */

import type { ReceivedResponse } from '../../core/exchange.js';
import { redactor } from '../../core/redact.js';

const ID_HEADER = /(^|-)(organi[sz]ation|org|workspace|openai-project)(-u?u?id)?$/i;

/** A JSON member with such an id. All parts have a bounded length, so that the pattern is linear. */
const ID_MEMBER = /("(?:organi[sz]ation|org|workspace)_?(?:id|uuid)"[ \t]{0,4}:[ \t]{0,4}")([^"\\\r\n]{1,200})"/gi;

/** An id that is not a word. It is also masked in the rest of the response, e.g. in an error that names the organization. */
const TELLING = /^(?=.*\d)[\w-]{8,200}$/;

/** The response with these values masked. */
export function withoutIdentity(response: ReceivedResponse): ReceivedResponse {
  const ids = new Set<string>();
  const headers = response.headers.map(([name, value]): readonly [string, string] => {
    if (name === 'set-cookie')
      return [
        name,
        value.replace(/^([^=;]{0,200}=)([^;]*)/, (_all, start: string, cookie: string) => start + masked(cookie)),
      ];
    if (!ID_HEADER.test(name)) return [name, value];
    if (TELLING.test(value)) ids.add(value);
    return [name, masked(value)];
  });
  const { body, bodyEncoding } = response;
  if (bodyEncoding === 'base64') return { ...response, headers };
  const inBody = body.replace(ID_MEMBER, (_all, start: string, id: string) => {
    if (TELLING.test(id)) ids.add(id);
    return `${start}${masked(id)}"`;
  });
  return { ...response, headers, body: ids.size === 0 ? inBody : redactor([...ids]).body(inBody) };
}

const masked = (text: string): string => '*'.repeat(Buffer.byteLength(text));
