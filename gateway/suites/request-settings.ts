import { get, quote } from '../../core/json.js';
import type { NeutralRequest } from '../../core/neutral.js';
import type { Suite } from '../../core/requirement.js';
import type { RequestPair } from '../judging/pairs.js';
import { turnsFault } from '../judging/parts.js';
import { arrives } from '../judging/requests.js';
import { requirementsBy } from '../judging/requirement.js';
import { sameJson } from '../judging/same-json.js';
import { type Fault, shown } from '../judging/texts.js';

const turns = ({ sent, got }: RequestPair): Fault | null => turnsFault(sent.turns, got.turns);

/** One setting has the same value on both sides. */
const same =
  (name: string, part: keyof NeutralRequest) =>
  ({ sent, got }: RequestPair): Fault | null =>
    sameJson(sent[part] as never, got[part] as never)
      ? null
      : {
          message: `\`${name}\` is ${got[part] === null || (got[part] as unknown[])?.length === 0 ? 'lost' : 'changed'}; the model answers in another way.`,
          expected: quote(sent[part] as never),
          actual: quote(got[part] as never),
        };

/** The id, or one made of it: an upstream may limit its length. */
function user({ got }: RequestPair): Fault | null {
  return got.user === null || got.user === ''
    ? { message: '`metadata.user_id` is lost.', expected: 'an id of the user', actual: 'none' }
    : null;
}

function documentText({ got }: RequestPair): Fault | null {
  const text = JSON.stringify(got.turns);
  return text.includes('The meeting is on 4 May.')
    ? null
    : { message: 'The text of a document is lost.', expected: 'The meeting is on 4 May.', actual: shown(text) };
}

/** Whether the model is to think first, in the words of the upstream's API. */
function thinks({ got }: RequestPair): Fault | null {
  return (got.thinking ?? (got.effort !== null && got.effort !== 'none'))
    ? null
    : {
        message: '`thinking` is lost; the model answers without thinking.',
        expected: 'reasoning turned on',
        actual: got.thinking === false ? 'turned off' : 'not said',
      };
}

function tier({ body }: RequestPair): Fault | null {
  return get(body, 'service_tier') === undefined
    ? {
        message: '`service_tier` is lost; requests run in another tier, at another price.',
        expected: 'a service_tier',
        actual: 'none',
      }
    : null;
}

function cited({ body }: RequestPair): Fault | null {
  return JSON.stringify(body ?? null).includes('"citations":{"enabled":true}')
    ? null
    : { message: '`citations` is lost; the answer has no sources.', expected: 'citations', actual: 'none' };
}

/** In a result, a document and a search result are what the tool has found. */
function textsOfResult({ got }: RequestPair): Fault | null {
  const text = JSON.stringify(got.turns);
  const lost = ['The bridge is closed.', 'It rains in Bergen.'].find((one) => !text.includes(one));
  return lost === undefined
    ? null
    : {
        message: 'The text of a document or a search result in a tool result is lost.',
        expected: lost,
        actual: shown(text),
      };
}

function searchResult({ got }: RequestPair): Fault | null {
  const text = JSON.stringify(got.turns);
  return text.includes('It rains in Bergen.')
    ? null
    : { message: 'The text of a search result is lost.', expected: 'It rains in Bergen.', actual: shown(text) };
}

const requirement = requirementsBy(arrives, { profile: 'core', source: ['D:ref', 'O:chat'] });

export const requestSettings: Suite = {
  name: 'gateway-request-settings',
  title: 'limits, sampling, pictures, documents and formats of a request, at the upstream',
  requirements: [
    requirement(
      'gw.request.max-tokens',
      ['limit', 'plain'],
      '`max_tokens` reaches the upstream unchanged.',
      same('max_tokens', 'maxTokens'),
    ),
    requirement(
      'gw.request.temperature',
      ['sampling'],
      '`temperature` reaches the upstream unchanged.',
      same('temperature', 'temperature'),
    ),
    requirement(
      'gw.request.temperature.zero',
      ['sampling-zero'],
      'A `temperature` of 0 reaches the upstream; it is a value, not an absence.',
      same('temperature', 'temperature'),
    ),
    requirement(
      'gw.request.top-p',
      ['sampling-top-p'],
      '`top_p` reaches the upstream unchanged.',
      same('top_p', 'topP'),
    ),
    requirement(
      'gw.request.top-k',
      ['sampling-top-k'],
      '`top_k` reaches the upstream, is rejected by name, or is documented as ignored.',
      same('top_k', 'topK'),
      { level: 'SHOULD', options: { feature: 'top-k', names: ['top_k'], documented: 'top_k' } },
    ),
    requirement(
      'gw.request.stop',
      ['stops', 'stops-one'],
      'All stop sequences reach the upstream, byte for byte; where its API has no place for them, they are rejected by name.',
      same('stop_sequences', 'stop'),
      { options: { feature: 'stop-sequences', names: ['stop'], documented: 'stop_sequences' } },
    ),
    requirement(
      'gw.request.stop.many',
      ['stops-five'],
      'More stop sequences than the upstream takes are rejected by name; none is dropped silently.',
      same('stop_sequences', 'stop'),
      { options: { feature: 'five-stop-sequences', names: ['stop'], documented: 'stop_sequences' } },
    ),
    requirement(
      'gw.request.user',
      ['user-id'],
      '`metadata.user_id` reaches the upstream as the id of the user, or is documented as ignored.',
      user,
      { level: 'SHOULD', options: { documented: 'metadata.user_id' } },
    ),
    requirement(
      'gw.request.picture',
      ['picture'],
      'A picture in base64 reaches the upstream with its media type, between the texts around it.',
      turns,
      { profile: 'vision', source: ['D:vision', 'O:chat'] },
    ),
    requirement('gw.request.picture.url', ['picture-url'], 'A picture by its address reaches the upstream.', turns, {
      profile: 'vision',
      source: ['D:vision', 'O:chat'],
    }),
    requirement('gw.request.pictures', ['pictures'], 'Several pictures reach the upstream in order.', turns, {
      profile: 'vision',
      source: ['D:vision', 'O:chat'],
    }),
    requirement(
      'gw.request.document.text',
      ['document-text'],
      'The text of a plain text document reaches the upstream.',
      documentText,
      { profile: 'documents', source: ['D:pdf', 'O:chat'] },
    ),
    requirement(
      'gw.request.document.pdf',
      ['document-pdf'],
      'A PDF reaches the upstream as a file, or the request is rejected by name.',
      turns,
      {
        profile: 'documents',
        source: ['D:pdf', 'O:chat'],
        options: { feature: 'document', names: ['document', 'pdf'] },
      },
    ),
    requirement(
      'gw.request.format',
      ['format'],
      'The schema of `output_config.format` reaches the upstream unchanged.',
      same('output_config.format', 'format'),
      { profile: 'structured-output', source: ['D:so', 'O:chat'] },
    ),
    requirement(
      'gw.request.thinking',
      ['thinking-on'],
      '`thinking` turns reasoning on at the upstream, is rejected by name, or is documented as ignored.',
      thinks,
      {
        level: 'SHOULD',
        profile: 'thinking',
        source: ['D:ethink', 'O:chat'],
        options: { feature: 'thinking', names: ['thinking', 'reasoning'], documented: 'thinking' },
      },
    ),
    requirement(
      'gw.request.effort',
      ['effort'],
      '`output_config.effort` reaches the upstream as its effort, is rejected by name, or is documented as ignored.',
      same('output_config.effort', 'effort'),
      {
        level: 'SHOULD',
        profile: 'thinking',
        source: ['D:effort', 'O:chat'],
        options: { feature: 'effort', names: ['effort'], documented: 'output_config.effort' },
      },
    ),
    requirement(
      'gw.request.service-tier',
      ['service-tier'],
      '`service_tier` reaches the upstream as its own tier, or is documented as ignored.',
      tier,
      { level: 'SHOULD', source: ['D:tier', 'O:chat'], options: { documented: 'service_tier' } },
    ),
    requirement(
      'gw.request.citations',
      ['document-cited'],
      'Citations are asked for at the upstream, or the request is rejected by name; they are never dropped silently.',
      cited,
      {
        profile: 'documents',
        source: ['D:cite'],
        options: { feature: 'citations', names: ['citation'], documented: 'citations' },
      },
    ),
    requirement(
      'gw.request.search-result',
      ['search-result'],
      'The text of a `search_result` block reaches the upstream, or the request is rejected by name.',
      searchResult,
      {
        profile: 'documents',
        source: ['D:search', 'O:chat'],
        options: { feature: 'search-results', names: ['search_result'], documented: 'search_result' },
      },
    ),
    requirement(
      'gw.request.results.documents',
      ['tool-result-documents'],
      'The texts of a document and a search result in a tool result reach the upstream, or the request is rejected by name.',
      textsOfResult,
      {
        profile: 'documents',
        source: ['D:handle', 'D:search'],
        options: {
          feature: 'document-in-result',
          names: ['document', 'search_result', 'tool_result'],
          documented: 'tool_result.document',
        },
      },
    ),
  ],
};
