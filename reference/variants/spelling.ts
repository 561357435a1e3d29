import { composeAlterations } from '../alterations/compose.js';
import { rewriteBlocks, rewriteMessages } from '../alterations/messages.js';
import type { Alterations } from '../stages.js';
import { spelled } from './rewrite.js';
import type { VariantFamily } from './variant.js';

/** Gives messages, calls and requests other ids. `count` is unique in the life of the endpoint. */
function named(name: (kind: 'message' | 'call' | 'request', count: string) => string): Alterations {
  return composeAlterations([
    {
      request(request, call) {
        call.requestId = name('request', String(call.ordinal));
        return request;
      },
    },
    rewriteMessages((message, call) => ({ ...message, id: name('message', String(call.ordinal)) })),
    rewriteBlocks((block, index, call) =>
      block.type === 'tool_use' ? { ...block, id: name('call', `${call.ordinal}_${index}`) } : block,
    ),
  ]);
}

/** Reverses the members of every object. */
function reversed(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(reversed);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .reverse()
      .map(([key, member]) => [key, reversed(member)]),
  );
}

const escaped = (text: string): string =>
  Array.from({ length: text.length }, (_, index) => `\\u${text.charCodeAt(index).toString(16).padStart(4, '0')}`).join(
    '',
  );

const JSON_SOURCE = 'https://www.rfc-editor.org/rfc/rfc8259';

export const spelling: VariantFamily = {
  name: 'spelling',
  title: 'ids, the order of members, the spelling of JSON',
  variants: [
    {
      id: 'ids-are-uuids',
      title: 'Ids are UUIDs without a prefix.',
      source: ['D:ref'],
      alters: named(() => crypto.randomUUID()),
    },
    {
      id: 'ids-are-short-numbers',
      title: 'Ids are short numbers, as strings.',
      source: ['O24'],
      alters: named((_kind, count) => count),
    },
    {
      id: 'ids-are-those-of-another-protocol',
      title: 'Ids begin with `chatcmpl-` and `call_`, as gateways pass them on.',
      source: ['O24'],
      alters: named((kind, count) => `${{ message: 'chatcmpl-', call: 'call_', request: 'req-' }[kind]}Ab3${count}`),
    },
    {
      id: 'ids-are-long',
      title: 'Ids are 120 characters long.',
      source: ['O24'],
      alters: named((kind, count) => `${kind}_${'x'.repeat(110 - kind.length)}_${count}`),
    },
    {
      id: 'model-by-its-dated-name',
      title: 'Messages report the dated name of the model where the request has an alias.',
      source: ['H1'],
      alters: rewriteMessages((message) => ({ ...message, model: `${message.model}-20261021` })),
    },
    {
      id: 'members-in-reverse-order',
      title: 'The members of all objects come in reverse order, `type` last.',
      source: [JSON_SOURCE],
      alters: spelled((json) => JSON.stringify(reversed(JSON.parse(json)))),
    },
    {
      id: 'json-with-blanks',
      title: 'JSON has spaces after colons and commas, as Python writes it.',
      source: [JSON_SOURCE, 'F'],
      alters: spelled((json) =>
        json.replace(/("(?:[^"\\]|\\.)*")|([:,])/g, (_match, text?: string, sign?: string) => text ?? `${sign} `),
      ),
    },
    {
      id: 'json-without-ascii',
      title: 'All characters beyond ASCII are escaped.',
      source: [JSON_SOURCE],
      alters: spelled((json) => json.replace(/[\u0080-\uffff]/g, escaped)),
    },
    {
      id: 'json-all-escaped',
      title: 'Every character of every string is escaped, including names.',
      source: [JSON_SOURCE],
      alters: spelled((json) =>
        json.replace(/"(?:[^"\\]|\\.)*"/g, (text) => `"${escaped(JSON.parse(text) as string)}"`),
      ),
    },
    {
      id: 'json-with-escaped-slashes',
      title: 'Slashes are escaped, as PHP writes them.',
      source: [JSON_SOURCE],
      // Streams contain slashes only by chance.
      alters: { response: spelled((json) => json.replaceAll('/', '\\/')).response },
    },
  ],
};
