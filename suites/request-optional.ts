import { get, quote } from '../core/json.js';
import type { Evidence, Judge, Judgement, Suite } from '../core/requirement.js';
import { acceptedInSession, SESSION } from './judging/agent-session.js';
import { bundled } from './judging/bundles.js';
import { accepted, rejected } from './judging/judges.js';
import { finding, verdictOf } from './judging/outcomes.js';
import { acceptedOrNamed } from './judging/provider-fields.js';
import { acceptsBounds, NUCLEUS, rejectsOutside, TEMPERATURE, whereSampling } from './judging/sampling.js';
import { steered } from './judging/steering.js';
import { saysBothWords, saysOneWord, unlessCounted, whereObeyed } from './judging/steering-words.js';
import { fiveSequences, sixSequences } from './judging/stop-sequence-limits.js';

export const requestOptional: Suite = {
  name: 'request-optional',
  title: 'optional fields of a request, and fields that do not exist',
  requirements: [
    {
      id: 'req.system.string',
      level: 'MUST',
      profile: 'core',
      statement: 'The server passes a string in `system` to the model.',
      source: ['S1'],
      fixtures: ['system-string', 'words-in-prompt', 'system-in-message', 'cheap'],
      judge: unlessCounted(
        'system-string',
        steered({
          subject: (evidence) => evidence.of('system-string'),
          control: (evidence) => evidence.of('words-in-prompt'),
          shows: (message, { fixture }) => (fixture === 'words-in-prompt' ? saysBothWords : saysOneWord)(message),
          expected: 'the word that the system prompt asks for',
          lost: 'The system prompt is lost: the model follows the same instructions from the user.',
          needsEnd: true,
        }),
        // Without the instructions the prompt has about half as many more tokens than `cheap`.
        { than: 'cheap', by: 15, excuse: whereObeyed(['system-in-message']) },
      ),
    },
    {
      id: 'req.system.array',
      level: 'MUST',
      profile: 'core',
      statement: 'The server passes all text blocks of a `system` array to the model.',
      source: ['S1', 'T:msg'],
      fixtures: ['system-array', 'system-string'],
      judge: unlessCounted(
        'system-array',
        steered({
          subject: (evidence) => evidence.of('system-array'),
          control: (evidence) => evidence.of('system-string'),
          shows: saysOneWord,
          expected: 'the word that both blocks together ask for',
          lost: 'A system array has no effect: the model follows the same prompt as a string.',
          needsEnd: true,
        }),
        // A missing block means at least four tokens less. Servers may or may not count separators.
        { than: 'system-string', by: -2, excuse: whereObeyed(['system-string']) },
      ),
    },
    {
      id: 'req.system.non-text',
      level: 'SHOULD',
      profile: 'errors',
      statement:
        'The server rejects a `system` that is a number or an object, or has a block other than text, as a client error (documented: 400).',
      source: ['T:msg', 'O24', 'H3'],
      fixtures: ['system-image', 'system-number', 'system-object', 'cheap'],
      judge: rejected({ silent: true }),
    },
    {
      id: 'req.temperature.bounds',
      level: 'MUST',
      profile: 'core',
      statement: 'Under 2023-06-01 the server accepts `temperature` 0 and 1.',
      source: ['S1', 'H4'],
      fixtures: [
        'permitted-zero',
        'temperature-zero',
        'permitted-nulls',
        'temperature-one',
        NUCLEUS.whole,
        ...NUCLEUS.part,
      ],
      editions: ['2023-06-01'],
      judge: whereSampling(acceptsBounds),
    },
    {
      id: 'req.temperature.range',
      level: 'SHOULD',
      profile: 'core',
      statement:
        'Under 2023-06-01 the server rejects a `temperature` outside 0 to 1 as a client error (documented: 400).',
      source: ['S1', 'H3', 'H4'],
      fixtures: ['temperature-high', 'temperature-below-zero', 'version-2023-06-01'],
      editions: ['2023-06-01'],
      judge: whereSampling(rejectsOutside),
    },
    {
      id: 'req.temperature.type',
      level: 'SHOULD',
      profile: 'errors',
      statement: 'The server rejects a `temperature` that is a string or null as a client error (documented: 400).',
      source: ['H3', 'H4'],
      fixtures: ['temperature-string', 'temperature-null', 'version-2023-06-01'],
      editions: ['2023-06-01'],
      judge: whereSampling(rejected()),
    },
    {
      id: 'req.top-p.range',
      level: 'SHOULD',
      profile: 'core',
      statement:
        'Under 2023-06-01 the server accepts a `top_p` from 0 to 1 and rejects any other as a client error (documented: 400).',
      source: ['S1', 'H3'],
      fixtures: [
        'permitted-nucleus',
        'top-p-inside',
        'top-p-high',
        'version-2023-06-01',
        TEMPERATURE.whole,
        TEMPERATURE.part,
      ],
      editions: ['2023-06-01'],
      judge: whereSampling(both(bundled([{ whole: 'permitted-nucleus', part: 'top-p-inside' }]), rejected())),
    },
    {
      id: 'req.top-k.type',
      level: 'SHOULD',
      profile: 'core',
      statement:
        'Under 2023-06-01 the server accepts an integer `top_k` and rejects a fraction or a string as a client error (documented: 400).',
      source: ['S1', 'H3'],
      fixtures: [
        'permitted-nucleus',
        'top-k-integer',
        'top-k-fraction',
        'top-k-string',
        'version-2023-06-01',
        TEMPERATURE.whole,
        TEMPERATURE.part,
      ],
      editions: ['2023-06-01'],
      judge: whereSampling(both(bundled([{ whole: 'permitted-nucleus', part: 'top-k-integer' }]), rejected())),
    },
    {
      id: 'req.stop-sequences.type',
      level: 'SHOULD',
      profile: 'errors',
      statement:
        'The server rejects a `stop_sequences` that is not an array of strings as a client error (documented: 400).',
      source: ['H3', 'T:msg'],
      fixtures: ['stop-sequences-string', 'stop-sequences-numbers', 'stop-sequences-object', 'cheap'],
      judge: rejected(),
    },
    {
      id: 'req.stop-sequences.empty-array',
      level: 'MUST',
      profile: 'core',
      statement: 'The server accepts an empty `stop_sequences` array, and no sequence stops the reply.',
      source: ['H3'],
      fixtures: ['permitted-zero', 'stop-sequences-empty'],
      judge: bundled([{ whole: 'permitted-zero', part: 'stop-sequences-empty' }], acceptedUnstopped),
    },
    {
      id: 'req.stop-sequences.five',
      level: 'MUST',
      profile: 'core',
      statement: 'The server accepts five `stop_sequences` and applies each of them.',
      source: ['S1'],
      fixtures: ['stop-sequences-six', 'stop-sequences-five', 'counting'],
      judge: fiveSequences,
    },
    {
      id: 'req.stop-sequences.six',
      level: 'MAY',
      profile: 'core',
      statement:
        'The server applies all of six `stop_sequences`, or rejects them as a client error. It drops none silently.',
      source: ['S1', 'D:ref'],
      fixtures: ['stop-sequences-six', 'counting'],
      judge: sixSequences,
    },
    {
      id: 'req.stop-sequences.whitespace',
      level: 'SHOULD',
      profile: 'errors',
      statement: 'The server rejects a stop sequence that is only whitespace as a client error (documented: 400).',
      source: ['H5'],
      fixtures: ['stop-sequences-blank', 'cheap'],
      judge: rejected(),
    },
    {
      id: 'req.stream.type',
      level: 'SHOULD',
      profile: 'errors',
      statement: 'The server rejects a `stream` that is a string or a number as a client error (documented: 400).',
      source: ['H3'],
      fixtures: ['stream-word', 'stream-number', 'cheap'],
      judge: rejected(),
    },
    {
      id: 'req.metadata.user-id',
      level: 'MUST',
      profile: 'agent',
      statement: 'The server accepts a `metadata.user_id` of up to 256 characters of any kind.',
      source: ['T:msg', 'D:ref'],
      fixtures: [...SESSION, 'metadata-user-id'],
      judge: acceptedInSession('metadata-user-id'),
    },
    {
      id: 'req.provider-fields',
      level: 'SHOULD',
      profile: 'agent',
      statement:
        'The server applies, ignores, or rejects by name: `service_tier`, `inference_geo`, `speed`, `diagnostics`, `container`, and the headers for user profile and workspace.',
      source: ['T:msg', 'H3'],
      fixtures: [
        'provider-fields',
        'service-tier-auto',
        'service-tier-standard',
        'inference-geo-global',
        'speed-standard',
        'diagnostics-first',
        'container-unused',
        'workspace-headers',
        'cheap',
      ],
      judge: acceptedOrNamed,
    },
    {
      id: 'req.unknown-field',
      level: 'SHOULD',
      profile: 'errors',
      statement:
        'The server rejects an unknown top-level field as a client error (documented: 400), unless the contract allows ignoring it.',
      source: ['O24', 'H3', 'H4'],
      fixtures: ['unknown-field', 'cheap'],
      judge: unknownField,
    },
    {
      id: 'req.unknown-field.nested',
      level: 'MAY',
      profile: 'errors',
      statement:
        'The server may reject an unknown field in a message, a block or `metadata` as a client error (documented: 400).',
      source: ['O24', 'H3'],
      fixtures: ['unknown-field-message', 'unknown-field-metadata', 'unknown-field-block', 'cheap', 'content-array'],
      judge: rejected({ optional: 'The target accepts unknown nested fields, which is allowed' }),
    },
    {
      id: 'req.null.nullable-fields',
      level: 'SHOULD',
      profile: 'core',
      statement:
        'The server accepts `null` for `cache_control`, `container`, `inference_geo`, `output_config.format` and `output_config.effort`.',
      source: ['T:msg', 'H3'],
      fixtures: [
        'permitted-nulls',
        'cache-control-null',
        'container-null',
        'inference-geo-null',
        'output-config-nulls',
      ],
      judge: bundled(
        ['cache-control-null', 'container-null', 'inference-geo-null', 'output-config-nulls'].map((part) => ({
          whole: 'permitted-nulls',
          part,
        })),
      ),
    },
  ],
};

/** The first judgement, unless it is satisfied; then the second. */
function both(first: Judge, second: Judge): Judge {
  return (evidence) => {
    const judgement = first(evidence);
    return judgement.outcome === 'satisfied' ? second(evidence) : judgement;
  };
}

function acceptedUnstopped(evidence: Evidence): Judgement {
  const judgement = accepted()(evidence);
  if (judgement.outcome !== 'satisfied') return judgement;
  return verdictOf(
    evidence.own
      .filter((exchange) => get(exchange.message, 'stop_reason') === 'stop_sequence')
      .map((exchange) =>
        finding(
          exchange,
          '`stop_reason` is "stop_sequence", but `stop_sequences` is empty.',
          'another stop_reason',
          `stop_reason "stop_sequence", stop_sequence ${quote(get(exchange.message, 'stop_sequence'))}`,
          { pointer: '/stop_reason' },
        ),
      ),
  );
}

function unknownField(evidence: Evidence): Judgement {
  const { unknownFields } = evidence.claims.dialect;
  if (unknownFields === 'refuse') return rejected({ silent: true })(evidence);
  return rejected({ optional: 'The target ignores unknown fields, which the contract allows' })(evidence);
}
