import { answer, errorBody, rejectedAsInvalid, succeeded } from '../core/answers.js';
import type { Exchange } from '../core/exchange.js';
import { get, quote } from '../core/json.js';
import { text } from '../core/message.js';
import type { Evidence, Finding, Judge, Judgement, Suite } from '../core/requirement.js';
import { SESSION, servedInSession } from './judging/agent-session.js';
import { bundled } from './judging/bundles.js';
import { whyControlFailed } from './judging/controls.js';
import { accepted, rejected } from './judging/judges.js';
import { noAnswer } from './judging/no-answer.js';
import { deviates, finding, inconclusive, notObserved, satisfied, verdictOf, violated } from './judging/outcomes.js';
import { replyText, steered } from './judging/steering.js';
import { saysBothWords, saysTheWord, unlessCounted } from './judging/steering-words.js';

/** Sampling parameters away from their defaults: models that fix them refuse all three. */
const TEMPERATURE = ['permitted-zero', 'temperature-zero'];
const NUCLEUS = ['permitted-nucleus', 'top-p-inside', 'top-k-integer'];

export const requestOptional: Suite = {
  name: 'request-optional',
  title: 'the fields that a request may have, and those that it may not',
  requirements: [
    {
      id: 'req.system.string',
      level: 'MUST',
      profile: 'core',
      statement: 'A system prompt that is a string reaches the model.',
      source: ['S1'],
      fixtures: ['system-string', 'words-in-prompt', 'cheap'],
      judge: unlessCounted(
        'system-string',
        steered({
          subject: (evidence) => evidence.of('system-string'),
          control: (evidence) => evidence.of('words-in-prompt'),
          shows: (message, { fixture }) => (fixture === 'words-in-prompt' ? saysBothWords : saysTheWord)(message),
          expected: 'the word that the system prompt asks for',
          lost: 'The model follows instructions when the user gives them, but not when the system prompt does.',
          needsEnd: true,
        }),
        // Without its instructions it is longer than `cheap` by half of that.
        { than: 'cheap', by: 15 },
      ),
    },
    {
      id: 'req.system.array',
      level: 'MUST',
      profile: 'core',
      statement: 'A system prompt that is an array of text blocks reaches the model with all its blocks.',
      source: ['S1', 'T:msg'],
      fixtures: ['system-array', 'system-string'],
      judge: unlessCounted(
        'system-array',
        steered({
          subject: (evidence) => evidence.of('system-array'),
          control: (evidence) => evidence.of('system-string'),
          shows: saysTheWord,
          expected: 'the word that the two blocks ask for together',
          lost: 'The same system prompt has its effect as a string, but not as an array of blocks.',
          needsEnd: true,
        }),
        // A block less is four tokens less at least; what joins the blocks may be counted or not.
        { than: 'system-string', by: -2 },
      ),
    },
    {
      id: 'req.system.non-text',
      level: 'SHOULD',
      profile: 'errors',
      statement:
        'A system prompt that is a number or an object, or that holds a block other than text, is refused as a client error (400 documented).',
      source: ['T:msg', 'O24', 'H3'],
      fixtures: ['system-image', 'system-number', 'system-object', 'cheap'],
      judge: rejected({ silent: true }),
    },
    {
      id: 'req.temperature.bounds',
      level: 'MUST',
      profile: 'core',
      statement: 'Under 2023-06-01 the bounds of temperature, 0 and 1, are served.',
      source: ['S1', 'H4'],
      fixtures: ['permitted-zero', 'temperature-zero', 'permitted-nulls', 'temperature-one', ...NUCLEUS],
      editions: ['2023-06-01'],
      judge: classic(
        bundled([
          { among: 'permitted-zero', alone: 'temperature-zero' },
          { among: 'permitted-nulls', alone: 'temperature-one' },
        ]),
      ),
    },
    {
      id: 'req.temperature.range',
      level: 'SHOULD',
      profile: 'core',
      statement: 'Under 2023-06-01 a temperature outside 0 to 1 is refused as a client error (400 documented).',
      source: ['S1', 'H3', 'H4'],
      fixtures: ['temperature-high', 'temperature-below-zero', 'version-2023-06-01'],
      editions: ['2023-06-01'],
      judge: classic(rejected()),
    },
    {
      id: 'req.temperature.type',
      level: 'SHOULD',
      profile: 'errors',
      statement: 'A temperature that is a string or null is refused as a client error (400 documented).',
      source: ['H3', 'H4'],
      fixtures: ['temperature-string', 'temperature-null', 'version-2023-06-01'],
      editions: ['2023-06-01'],
      judge: classic(rejected()),
    },
    {
      id: 'req.top-p.range',
      level: 'SHOULD',
      profile: 'core',
      statement:
        'Under 2023-06-01 a top_p within 0 to 1 is served and one outside is refused as a client error (400 documented).',
      source: ['S1', 'H3'],
      fixtures: ['permitted-nucleus', 'top-p-inside', 'top-p-high', 'version-2023-06-01', ...TEMPERATURE],
      editions: ['2023-06-01'],
      judge: classic(both(bundled([{ among: 'permitted-nucleus', alone: 'top-p-inside' }]), rejected())),
    },
    {
      id: 'req.top-k.type',
      level: 'SHOULD',
      profile: 'core',
      statement:
        'Under 2023-06-01 a whole-numbered top_k is served and one that is a fraction or a string is refused as a client error (400 documented).',
      source: ['S1', 'H3'],
      fixtures: [
        'permitted-nucleus',
        'top-k-integer',
        'top-k-fraction',
        'top-k-string',
        'version-2023-06-01',
        ...TEMPERATURE,
      ],
      editions: ['2023-06-01'],
      judge: classic(both(bundled([{ among: 'permitted-nucleus', alone: 'top-k-integer' }]), rejected())),
    },
    {
      id: 'req.stop-sequences.type',
      level: 'SHOULD',
      profile: 'errors',
      statement: 'Anything but a list of strings as stop_sequences is refused as a client error (400 documented).',
      source: ['H3', 'T:msg'],
      fixtures: ['stop-sequences-string', 'stop-sequences-numbers', 'stop-sequences-object', 'cheap'],
      judge: rejected(),
    },
    {
      id: 'req.stop-sequences.empty-array',
      level: 'MUST',
      profile: 'core',
      statement: 'An empty list of stop sequences is served and stops nothing.',
      source: ['H3'],
      fixtures: ['permitted-zero', 'stop-sequences-empty'],
      judge: bundled([{ among: 'permitted-zero', alone: 'stop-sequences-empty' }], servedUnstopped),
    },
    {
      id: 'req.stop-sequences.five',
      level: 'MUST',
      profile: 'core',
      statement: 'Five stop sequences are served, and the fifth stops the answer like the first.',
      source: ['S1'],
      fixtures: ['stop-sequences-six', 'stop-sequences-five', 'counting'],
      judge: fiveOrMore,
    },
    {
      id: 'req.stop-sequences.six',
      level: 'MAY',
      profile: 'core',
      statement: 'Six stop sequences are all in force, or refused as a client error; none is dropped in silence.',
      source: ['S1', 'D:ref'],
      fixtures: ['stop-sequences-six', 'counting'],
      judge: sixOrRefused,
    },
    {
      id: 'req.stop-sequences.whitespace',
      level: 'SHOULD',
      profile: 'errors',
      statement: 'A stop sequence of white space alone is refused as a client error (400 documented).',
      source: ['H5'],
      fixtures: ['stop-sequences-blank', 'cheap'],
      judge: rejected(),
    },
    {
      id: 'req.stream.type',
      level: 'SHOULD',
      profile: 'errors',
      statement: 'A stream field that is a string or a number is refused as a client error (400 documented).',
      source: ['H3'],
      fixtures: ['stream-word', 'stream-number', 'cheap'],
      judge: rejected(),
    },
    {
      id: 'req.metadata.user-id',
      level: 'MUST',
      profile: 'agent',
      statement: 'A metadata.user_id of up to 256 characters of any kind is served.',
      source: ['T:msg', 'D:ref'],
      fixtures: [...SESSION, 'metadata-user-id'],
      judge: servedInSession('metadata-user-id'),
    },
    {
      id: 'req.provider-fields',
      level: 'SHOULD',
      profile: 'agent',
      statement:
        'The fields service_tier, inference_geo, speed, diagnostics and container and the headers of user profile and workspace are applied, ignored, or refused by name; they cause no server error.',
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
      judge: servedOrRefusedByName,
    },
    {
      id: 'req.unknown-field',
      level: 'SHOULD',
      profile: 'errors',
      statement:
        'A top-level field that does not exist is refused as a client error (400 documented), unless the contract lets it be ignored.',
      source: ['O24', 'H3', 'H4'],
      fixtures: ['unknown-field', 'cheap'],
      judge: unknownField,
    },
    {
      id: 'req.unknown-field.nested',
      level: 'MAY',
      profile: 'errors',
      statement:
        'A field that does not exist inside a message, a block or metadata may be refused as a client error (400 documented).',
      source: ['O24', 'H3'],
      fixtures: ['unknown-field-message', 'unknown-field-metadata', 'unknown-field-block', 'cheap', 'content-array'],
      judge: rejected({ optional: 'unknown fields inside other values are accepted, which is a free choice' }),
    },
    {
      id: 'req.null.nullable-fields',
      level: 'SHOULD',
      profile: 'core',
      statement:
        'A null is served like absence for cache_control, container, inference_geo, output_config.format and output_config.effort.',
      source: ['T:msg', 'H3'],
      fixtures: [
        'permitted-nulls',
        'cache-control-null',
        'container-null',
        'inference-geo-null',
        'output-config-nulls',
      ],
      judge: bundled(
        ['cache-control-null', 'container-null', 'inference-geo-null', 'output-config-nulls'].map((alone) => ({
          among: 'permitted-nulls',
          alone,
        })),
      ),
    },
  ],
};

/** Models that take the sampling parameters at their defaults alone refuse what these requirements try. */
function classic(judge: Judge): Judge {
  return (evidence) => {
    const { sampling } = evidence.claims.dialect;
    if (sampling === 'fixed') {
      return notObserved(
        'the contract says that the models of this target take sampling parameters at their defaults only',
      );
    }
    const judgement = judge(evidence);
    if (judgement.outcome !== 'rejected') return judgement;
    if (sampling === 'either' && fixesSampling(evidence)) {
      const refusal = judgement.findings[0]?.actual ?? '';
      return notObserved(`this model takes sampling parameters at their defaults only, as newer ones do: ${refusal}`);
    }
    const expected = 'HTTP 200 with a Message, or a contract whose dialect.sampling is "fixed"';
    return { ...judgement, findings: judgement.findings.map((one) => ({ ...one, expected })) };
  };
}

/** Whether temperature, top_p and top_k are all refused away from their defaults: one alone would be a fault. */
function fixesSampling(evidence: Evidence): boolean {
  return [TEMPERATURE, NUCLEUS].every(([shared, ...alone]) => {
    const single = alone.flatMap((id) => evidence.of(id));
    const tried = single.length > 0 ? single : evidence.of(shared!);
    return tried.length > 0 && tried.every(rejectedAsInvalid);
  });
}

/** What is permitted is served, and what is not is refused: the first judgement that is not good news. */
function both(first: Judge, second: Judge): Judge {
  return (evidence) => {
    const judgement = first(evidence);
    return judgement.outcome === 'satisfied' ? second(evidence) : judgement;
  };
}

function servedUnstopped(evidence: Evidence): Judgement {
  const judgement = accepted()(evidence);
  if (judgement.outcome !== 'satisfied') return judgement;
  return verdictOf(
    evidence.own
      .filter((exchange) => get(exchange.message, 'stop_reason') === 'stop_sequence')
      .map((exchange) =>
        finding(
          exchange,
          'An answer was stopped by a sequence, though the list of stop sequences is empty.',
          'another stop_reason',
          `stop_reason "stop_sequence", stop_sequence ${quote(get(exchange.message, 'stop_sequence'))}`,
          { pointer: '/stop_reason' },
        ),
      ),
  );
}

/**
 * Whether the sequence 7 was in force while the model counted: `null` when the answer does not tell. A 7 in the text is
 * the control: the model wrote it, so it should have stopped there. That a stop is told with the right reason is judged
 * elsewhere; here an answer that breaks off before the 7 is enough.
 */
function stoppedAtSeven(exchange: Exchange): boolean | null {
  const reason = get(exchange.message, 'stop_reason');
  const written = text(exchange.message);
  if (reason === 'stop_sequence') return true;
  // A server may leave the sequence in the text, as others judge: it stopped all the same where nothing follows.
  if (written.includes('7')) return reason !== 'max_tokens' && /^[^7]*7\s*$/.test(written);
  return reason !== 'max_tokens' && /1\D+2\D+3\D+4\D+5\D+6\D*$/.test(written) ? true : null;
}

function allActive(fixture: string): Judge {
  return (evidence) => {
    const asked = evidence.of(fixture);
    const judgement = accepted()({ ...evidence, own: asked });
    if (judgement.outcome !== 'satisfied') return judgement;
    const served = asked.filter((exchange) => exchange.message !== null);
    if (served.some((exchange) => stoppedAtSeven(exchange) === true)) return satisfied();
    const ignored = served.filter((exchange) => stoppedAtSeven(exchange) === false);
    if (ignored.length === 0) {
      return inconclusive(
        'the model did not count, so nothing shows whether the last sequence stops it',
        served.length,
      );
    }
    return violated(
      ignored.map((exchange) =>
        finding(
          exchange,
          'The last of the stop sequences is not in force: the answer runs on past it.',
          'an answer that stops before 7',
          replyText(exchange),
        ),
      ),
      true,
    );
  };
}

/** Where six are in force, five are: they are sent only when six are refused or without effect. */
function fiveOrMore(evidence: Evidence): Judgement {
  const asked = evidence.of('stop-sequences-five').length > 0 ? 'stop-sequences-five' : 'stop-sequences-six';
  return allActive(asked)(evidence);
}

function sixOrRefused(evidence: Evidence): Judgement {
  const judgement = allActive('stop-sequences-six')(evidence);
  if (judgement.outcome !== 'rejected') return judgement;
  if (evidence.claims.dialect.stopSequenceLimit !== null)
    return satisfied('refused, as the contract documents a limit');
  return deviates(judgement.findings);
}

/** The field or header that each of these requests adds. */
const PROVIDER_FIELDS: Readonly<Record<string, readonly string[]>> = {
  'service-tier-auto': ['service_tier'],
  'service-tier-standard': ['service_tier'],
  'inference-geo-global': ['inference_geo'],
  'speed-standard': ['speed'],
  'diagnostics-first': ['diagnostics'],
  'container-unused': ['container'],
  'workspace-headers': ['profile', 'workspace', 'header'],
};

/** What was tried at once while it is served, otherwise what was tried by itself. */
function wholeOrParts(evidence: Evidence, id: string): readonly Exchange[] {
  const whole = evidence.of(id);
  const parts = evidence.fixture(id).splitInto.flatMap((part) => evidence.of(part));
  return whole.some(succeeded) || parts.length === 0 ? whole : parts;
}

function servedOrRefusedByName(evidence: Evidence): Judgement {
  const further = ['service-tier-standard', 'container-unused'].flatMap((id) => evidence.of(id));
  const asked = [...wholeOrParts(evidence, 'provider-fields'), ...further];
  const nothing = noAnswer(asked, evidence);
  if (nothing !== null) return nothing;
  const findings: Finding[] = [];
  for (const exchange of asked) {
    if (succeeded(exchange)) continue;
    const trouble = whyControlFailed(evidence, evidence.fixture(exchange.fixture), exchange);
    if (trouble !== null) return inconclusive(trouble);
    const parts = [exchange.fixture, ...evidence.fixture(exchange.fixture).splitInto];
    const names = parts.flatMap((id) => PROVIDER_FIELDS[id] ?? []);
    // In which envelope the name stands is for the requirements on errors.
    const told = (errorBody(exchange)?.message || (exchange.response?.body ?? '')).toLowerCase();
    if (rejectedAsInvalid(exchange) && names.some((name) => told.includes(name))) continue;
    // A workspace that does not exist may well be one that the key has no access to.
    if (exchange.fixture === 'workspace-headers' && exchange.response !== null && exchange.response.status < 500) {
      continue;
    }
    findings.push(
      finding(
        exchange,
        `${evidence.fixture(exchange.fixture).title}: neither served nor refused by name.`,
        `HTTP 200, or HTTP 400 whose message names ${names.join(', ')}`,
        answer(exchange),
      ),
    );
  }
  return verdictOf(findings);
}

function unknownField(evidence: Evidence): Judgement {
  const { unknownFields } = evidence.claims.dialect;
  if (unknownFields === 'refuse') return rejected({ silent: true })(evidence);
  return rejected({ optional: 'unknown fields are ignored, which the contract allows' })(evidence);
}
