import { acceptDespite, rejectWhen, rewriteRejection } from '../alterations/requests.js';
import { invalid } from '../errors.js';
import type { Variant, VariantFamily } from './variant.js';

/** A choice that the documentation states, and the same choice without a word about it. */
function choice(documented: Variant, undocumented: Record<string, string>): Variant[] {
  const { id, title, warns } = documented;
  return [
    documented,
    {
      ...documented,
      id: `${id}-undocumented`,
      title: `${title.replace(/\.$/, '')}, and the documentation does not say so.`,
      documents: 'anthropic',
      warns: { ...warns, ...undocumented },
    },
  ];
}

const NOT_DOCUMENTED = 'legal, and not what the contract documents';

export const dialects: VariantFamily = {
  name: 'dialects',
  title: 'choices that the protocol leaves to providers',
  variants: [
    ...choice(
      {
        id: 'roles-must-alternate',
        title: 'Two messages of one role in a row are refused.',
        source: ['S1'],
        options: { dialect: { consecutiveRoles: 'strict' } },
      },
      { 'msg.same-role.consecutive': NOT_DOCUMENTED },
    ),
    ...choice(
      {
        id: 'prefill-refused',
        title: 'A final assistant message is refused.',
        source: ['D:errors'],
        options: { dialect: { prefill: 'refuse' } },
      },
      {},
    ),
    ...choice(
      {
        id: 'five-stop-sequences-at-most',
        title: 'A sixth stop sequence is refused.',
        source: ['S1'],
        options: { dialect: { stopSequenceLimit: 5 } },
      },
      { 'req.stop-sequences.six': NOT_DOCUMENTED },
    ),
    ...choice(
      {
        id: 'sampling-fixed',
        title: 'Sampling parameters other than the defaults are refused.',
        source: ['D:mig', 'H4'],
        options: { dialect: { sampling: 'fixed' } },
      },
      {},
    ),
    ...choice(
      {
        id: 'no-system-role',
        title: 'A system message among the others is refused.',
        source: ['S1'],
        options: { dialect: { systemRole: 'refuse' } },
      },
      {},
    ),
    ...choice(
      {
        id: 'unknown-fields-ignored',
        title: 'Request fields that nobody knows have no effect, and those that a version took away are among them.',
        source: ['S1'],
        options: { dialect: { unknownFields: 'ignore' } },
        warns: { 'ver.2026-10-21.sampling': 'parameters without effect are taken for granted' },
      },
      { 'req.unknown-field': 'a typo goes unnoticed' },
    ),
    {
      id: 'doubled-path',
      title: 'Every path is also served below /v1/v1, for base URLs that end in /v1.',
      source: ['S1'],
      options: { dialect: { doubledPath: true } },
    },
    {
      id: 'no-authentication',
      title: 'A local server asks for no credential.',
      source: ['S1'],
      options: { dialect: { authentication: false } },
    },
    {
      id: 'relax-ai',
      title: "All choices of relax.ai's page at once.",
      source: ['S1'],
      options: {
        dialect: { consecutiveRoles: 'strict', stopSequenceLimit: 5, systemRole: 'refuse', doubledPath: true },
      },
      documents: 'relax-ai',
    },
    {
      id: 'gateway-for-claude-code',
      title: 'A gateway follows system messages, ignores unknown fields and takes default sampling alone.',
      source: ['CC'],
      options: { dialect: { unknownFields: 'ignore', sampling: 'fixed' } },
      documents: 'claude-code',
      warns: { 'ver.2026-10-21.sampling': 'parameters without effect are taken for granted' },
    },
    {
      id: 'unknown-model-is-400',
      title: 'An unknown model is a 400 and no 404.',
      source: ['D:errors'],
      alters: rewriteRejection((refusal) =>
        refusal.refusal === 'not_found_error' && /^model/.test(refusal.message) ? invalid(refusal.message) : refusal,
      ),
    },
    {
      id: 'version-header-optional',
      title: 'A request without anthropic-version is taken for the older edition.',
      source: ['D:ver'],
      alters: acceptDespite(/anthropic-version: header is required/),
      warns: { 'ver.missing': 'lenient: the version is required by the documentation' },
    },
    {
      id: 'unknown-betas-refused',
      title: 'Unknown values of anthropic-beta are refused with 400.',
      source: ['D:beta'],
      alters: {
        objection: (_request, { betas }) => {
          const strange = betas.filter((beta) => !KNOWN_BETAS.some((known) => beta.startsWith(known)));
          return strange.length === 0
            ? null
            : invalid(`Unexpected value(s) \`${strange.join('`, `')}\` for the \`anthropic-beta\` header.`);
        },
      },
    },
    {
      id: 'temperature-or-top-p',
      title: 'A request with temperature and top_p is refused.',
      source: ['S1', 'H5'],
      alters: rejectWhen(
        ({ temperature, top_p }) =>
          temperature !== undefined && top_p !== undefined && 'temperature: cannot be used together with top_p.',
      ),
    },
    {
      id: 'max-tokens-of-one-at-least',
      title: 'max_tokens 0 is refused.',
      source: ['O24'],
      declines: ['caching'],
      alters: rejectWhen(
        ({ max_tokens }) => max_tokens === 0 && 'max_tokens: Input should be greater than or equal to 1',
      ),
    },
    {
      id: 'tools-required-by-tool-blocks',
      title: 'A history with tool blocks is refused when the request defines no tools.',
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
      title: 'Errors are worded in a mixture of languages; they name the field.',
      source: ['D:errors'],
      alters: rewriteRejection((refusal) => ({
        ...refusal,
        message: `Anfrage abgelehnt (1 Fehler) → ${refusal.message.replaceAll('"', '”')}. Hilfe: docs.example.com`,
      })),
    },
    {
      id: 'terse-and-strict',
      title: 'Roles alternate, prefill, system messages and a sixth stop sequence are refused, sampling is fixed.',
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
