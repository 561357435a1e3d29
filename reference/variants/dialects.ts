import { acceptDespite, rejectWhen, rewriteRejection } from '../alterations/requests.js';
import { invalid } from '../errors.js';
import type { Variant, VariantFamily } from './variant.js';

/** A choice that the documentation states, and the same choice undocumented. */
function choice(documented: Variant, undocumented: Record<string, string>): Variant[] {
  const { id, title, warns } = documented;
  return [
    documented,
    {
      ...documented,
      id: `${id}-undocumented`,
      title: `${title.replace(/\.$/, '')}, and the documentation does not mention it.`,
      documents: 'anthropic',
      warns: { ...warns, ...undocumented },
    },
  ];
}

const NOT_DOCUMENTED = 'legal, but not what the contract documents';

export const dialects: VariantFamily = {
  name: 'dialects',
  title: 'choices that the protocol leaves to providers',
  variants: [
    ...choice(
      {
        id: 'roles-must-alternate',
        title: 'The server rejects two consecutive messages of one role.',
        source: ['S1'],
        options: { dialect: { consecutiveRoles: 'strict' } },
      },
      { 'msg.same-role.consecutive': NOT_DOCUMENTED },
    ),
    ...choice(
      {
        id: 'prefill-refused',
        title: 'The server rejects a final assistant message.',
        source: ['D:errors'],
        options: { dialect: { prefill: 'refuse' } },
      },
      {},
    ),
    ...choice(
      {
        id: 'five-stop-sequences-at-most',
        title: 'The server rejects a sixth stop sequence.',
        source: ['S1'],
        options: { dialect: { stopSequenceLimit: 5 } },
      },
      { 'req.stop-sequences.six': NOT_DOCUMENTED },
    ),
    ...choice(
      {
        id: 'sampling-fixed',
        title: 'The server rejects sampling parameters other than the defaults.',
        source: ['D:mig', 'H4'],
        options: { dialect: { sampling: 'fixed' } },
      },
      {},
    ),
    ...choice(
      {
        id: 'no-system-role',
        title: 'The server rejects system messages in `messages`.',
        source: ['S1'],
        options: { dialect: { systemRole: 'refuse' } },
      },
      {},
    ),
    ...choice(
      {
        id: 'unknown-fields-ignored',
        title: 'The server ignores unknown request fields, including those that a version removed.',
        source: ['S1'],
        options: { dialect: { unknownFields: 'ignore' } },
        warns: { 'ver.2026-10-21.sampling': 'clients believe that ignored parameters have an effect' },
      },
      { 'req.unknown-field': 'a typo goes unnoticed' },
    ),
    {
      id: 'doubled-path',
      title: 'Every path also exists below `/v1/v1`, for base URLs that end in `/v1`.',
      source: ['S1'],
      options: { dialect: { doubledPath: true } },
    },
    {
      id: 'no-authentication',
      title: 'A local server needs no credential.',
      source: ['S1'],
      options: { dialect: { authentication: false } },
    },
    {
      id: 'relax-ai',
      title: 'All choices of the relax.ai documentation together.',
      source: ['S1'],
      options: {
        dialect: { consecutiveRoles: 'strict', stopSequenceLimit: 5, systemRole: 'refuse', doubledPath: true },
      },
      documents: 'relax-ai',
    },
    {
      id: 'gateway-for-claude-code',
      title: 'A gateway follows system messages, ignores unknown fields and accepts only default sampling.',
      source: ['CC'],
      options: { dialect: { unknownFields: 'ignore', sampling: 'fixed' } },
      documents: 'claude-code',
      warns: { 'ver.2026-10-21.sampling': 'clients believe that ignored parameters have an effect' },
    },
    {
      id: 'unknown-model-is-400',
      title: 'The server answers an unknown model with 400 instead of 404.',
      source: ['D:errors'],
      alters: rewriteRejection((rejection) =>
        rejection.errorType === 'not_found_error' && /^model/.test(rejection.message)
          ? invalid(rejection.message)
          : rejection,
      ),
    },
    {
      id: 'version-header-optional',
      title: 'The server treats a request without `anthropic-version` as 2023-06-01.',
      source: ['D:ver'],
      alters: acceptDespite(/anthropic-version: header is required/),
      warns: { 'ver.missing': 'lenient: the documentation requires the version' },
    },
    {
      id: 'unknown-betas-refused',
      title: 'The server rejects unknown values of `anthropic-beta` with 400.',
      source: ['D:beta'],
      alters: {
        rejectValid: (_request, { betas }) => {
          const strange = betas.filter((beta) => !KNOWN_BETAS.some((known) => beta.startsWith(known)));
          return strange.length === 0
            ? null
            : invalid(`Unexpected value(s) \`${strange.join('`, `')}\` for the \`anthropic-beta\` header.`);
        },
      },
      warns: { 'agent.betas.listed': 'coding agents send values that the server does not know' },
    },
    {
      id: 'tools-limited',
      title: 'The server rejects more than 128 tools with 400, as APIs with a limit do.',
      source: ['D:toolsearch'],
      alters: rejectWhen(({ tools }) => (tools?.length ?? 0) > 128 && 'tools: array too long, at most 128'),
    },
    {
      id: 'temperature-or-top-p',
      title: 'The server rejects a request with both `temperature` and `top_p`.',
      source: ['S1', 'H5'],
      alters: rejectWhen(
        ({ temperature, top_p }) =>
          temperature !== undefined && top_p !== undefined && 'temperature: cannot be used together with top_p.',
      ),
    },
    {
      id: 'max-tokens-of-one-at-least',
      title: 'The server rejects `max_tokens` 0.',
      source: ['O24'],
      declines: ['caching'],
      alters: rejectWhen(
        ({ max_tokens }) => max_tokens === 0 && 'max_tokens: Input should be greater than or equal to 1',
      ),
    },
    {
      id: 'tools-required-by-tool-blocks',
      title: 'The server rejects a history with tool blocks when the request defines no tools.',
      source: ['H5'],
      alters: rejectWhen(
        ({ messages, tools }) =>
          !tools?.length &&
          messages.some(
            ({ content }) => Array.isArray(content) && content.some(({ type }) => /^tool_(use|result)$/.test(type)),
          ) &&
          'tools: Requests which include `tool_use` or `tool_result` blocks must define tools',
      ),
    },
    {
      id: 'other-error-wording',
      title: 'Error messages mix languages; they name the field.',
      source: ['D:errors'],
      alters: rewriteRejection((rejection) => ({
        ...rejection,
        message: `Anfrage abgelehnt (1 Fehler) → ${rejection.message.replaceAll('"', '”')}. Hilfe: docs.example.com`,
      })),
    },
    {
      id: 'terse-and-strict',
      title:
        'Roles alternate, sampling is fixed, and the server rejects prefill, system messages and a sixth stop sequence.',
      source: ['S1', 'D:errors'],
      options: {
        dialect: {
          consecutiveRoles: 'strict',
          prefill: 'refuse',
          systemRole: 'refuse',
          stopSequenceLimit: 5,
          sampling: 'fixed',
        },
      },
    },
  ],
};

const KNOWN_BETAS = ['context-management-', 'interleaved-thinking-', 'files-api-', 'message-batches-'];
