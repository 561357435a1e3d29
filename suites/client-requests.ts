import type { RequestViolation } from '../core/exchange.js';
import type { Judge, Suite } from '../core/requirement.js';
import { finding, notObserved, verdictOf } from './judging/outcomes.js';
import { firstFew } from './judging/views.js';

/**
 * What a client sends. These are judged in recorded traffic only: the requests of the suite are checked before they are sent, and the
 * catalogue is about servers.
 */
export const clientRequests: Suite = {
  name: 'client-requests',
  title: 'requests of the recorded client',
  requirements: [
    {
      id: 'client.request.schema',
      level: 'MUST',
      profile: 'core',
      statement:
        'Every request of the client has the documented fields, with values of the documented types and ranges.',
      source: ['D:ref', 'T:msg'],
      fixtures: [],
      judge: follows('schema', 'The request violates the request schema'),
    },
    {
      id: 'client.request.known-fields',
      level: 'SHOULD',
      profile: 'core',
      statement: 'Every field of a request is documented, or belongs to a beta that the request announces.',
      source: ['D:ref', 'T:beta'],
      fixtures: [],
      judge: follows('unknown-field', 'The request has a field that is not documented'),
    },
    {
      id: 'client.request.conversation',
      level: 'MUST',
      profile: 'core',
      statement:
        'Every request follows the rules of conversations: roles, non-empty content, one `tool_result` for each `tool_use`.',
      source: ['D:ref', 'D:handle'],
      fixtures: [],
      judge: follows('conversation', 'The request violates the rules of conversations'),
    },
  ],
};

/** Looks at every request, those that the server accepts although they are wrong included. */
function follows(rule: RequestViolation['rule'], what: string): Judge {
  return ({ all }) => {
    const checked = all.filter(({ violations }) => violations !== undefined);
    if (checked.length === 0) return notObserved('No recorded request could be checked');
    return verdictOf(
      checked.flatMap((exchange) =>
        firstFew((exchange.violations ?? []).filter((one) => one.rule === rule)).map(({ message }) =>
          finding(exchange, `${what}; a strict server rejects it.`, 'a request that the official API accepts', message),
        ),
      ),
    );
  };
}
