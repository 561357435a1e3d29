import { describe, expect, it } from 'vitest';
import type { Profile } from '../../core/protocol.js';
import type { Report } from '../../core/report.js';
import type { EndpointOptions } from '../../reference/options.js';
import type { Block, Message, MessageRequest } from '../../reference/wire.js';
import { loadContract } from '../../runner/contract/contracts.js';
import { judged as judgedEndpoint } from '../support/judged.js';

const MEDIA: Profile[] = ['vision', 'documents'];

/** Judges an endpoint by what it claims: everything, or everything but pictures and documents. */
async function judged(options: EndpointOptions, how: { claims: boolean; only?: string[] }): Promise<Report> {
  const full = await loadContract('anthropic');
  const claimed = full.profiles.claimed.filter((profile) => !MEDIA.includes(profile));
  const contract = how.claims ? full : { ...full, profiles: { ...full.profiles, claimed } };
  // Who names a profile holds the target to it; its ids alone do not.
  const all = how.claims ? { profiles: MEDIA } : { only: ['vision.*', 'doc.*', 'cite.*', 'files.*'] };
  const selected = how.only === undefined ? all : { only: how.only };
  return judgedEndpoint(options, { model: 'reference-1', contract, ...selected });
}

const verdicts = (report: Report): Record<string, string> =>
  Object.fromEntries(report.results.map(({ id, verdict, silent }) => [id, silent ? `${verdict}, silent` : verdict]));
const troubled = (report: Report): Record<string, string> =>
  Object.fromEntries(Object.entries(verdicts(report)).filter(([, verdict]) => verdict !== 'pass'));

const without =
  (...types: string[]) =>
  (request: MessageRequest): MessageRequest => ({
    ...request,
    messages: request.messages.map((message) =>
      typeof message.content === 'string'
        ? message
        : { ...message, content: message.content.filter((block: Block) => !types.includes(block.type)) },
    ),
  });

describe('an endpoint that takes neither pictures nor documents and says so', () => {
  const honest: EndpointOptions = { features: { vision: false, documents: false } };

  it('has them declined where it does not claim them', async () => {
    const report = await judged(honest, { claims: false });
    expect(new Set(Object.values(troubled(report)))).toEqual(new Set(['declined']));
    expect(verdicts(report)['vision.not-ignored']).toBe('pass');
    expect(report.results.filter(({ verdict }) => verdict === 'declined')).toHaveLength(19);
  });

  it('fails by its claim', async () => {
    const report = await judged(honest, { claims: true });
    const reasons = Object.fromEntries(report.results.map(({ id, reason }) => [id, reason]));
    expect(reasons['vision.base64.png']).toMatch(/^The profile vision is claimed but not there: HTTP 400/);
    expect(reasons['doc.text']).toMatch(/^The profile documents is claimed but not there: HTTP 400/);
    expect(report.results.some(({ silent }) => silent)).toBe(false);
  });
});

describe('an endpoint that swallows pictures and documents', () => {
  it('fails in silence, by words and colours that did not arrive', async () => {
    const report = await judged(
      { alterations: { prompt: without('image', 'document', 'search_result') } },
      { claims: true },
    );
    expect(troubled(report)).toEqual({
      'arrives.picture.earlier': 'skipped',
      'arrives.picture.beside-result': 'skipped',
      'arrives.document.beside-result': 'skipped',
      'arrives.document.title': 'skipped',
      'vision.base64.png': 'fail, silent',
      'vision.not-ignored': 'skipped',
      'vision.multiple': 'skipped',
      'doc.text': 'fail, silent',
      'doc.pdf.base64': 'skipped',
      'doc.content': 'skipped',
      'cite.text.shape': 'skipped',
      'cite.pdf.shape': 'skipped',
      'cite.stream.delta': 'skipped',
      'cite.search-result': 'skipped',
      'files.use': 'fail, silent',
    });
  });
});

describe('an endpoint that loses a part', () => {
  const IDS = ['vision.*', 'cite.*', 'doc.*', 'files.*'];

  it.each<[string, EndpointOptions['alterations'], Record<string, string>]>([
    [
      'all pictures of a message but the last',
      {
        prompt: (request) => ({
          ...request,
          messages: request.messages.map((message) => {
            if (typeof message.content === 'string') return message;
            const last = message.content.findLastIndex(({ type }) => type === 'image');
            return { ...message, content: message.content.filter(({ type }, at) => type !== 'image' || at === last) };
          }),
        }),
      },
      { 'vision.multiple': 'warn, silent' },
    ],
    [
      'citations of streams',
      {
        events: (events) =>
          events.filter((event) => event.type !== 'content_block_delta' || event.delta.type !== 'citations_delta'),
      },
      { 'cite.stream.delta': 'fail, silent' },
    ],
    [
      'all citations, which a model may have left out,',
      {
        message: (message) =>
          ({
            ...message,
            content: message.content.map((block) =>
              block.type === 'text' ? { type: 'text', text: block.text } : block,
            ),
          }) as Message,
      },
      {
        'cite.text.shape': 'inconclusive',
        'cite.pdf.shape': 'inconclusive',
        'cite.stream.delta': 'inconclusive',
        'cite.search-result': 'inconclusive',
      },
    ],
    [
      'the Files API',
      {
        request: (request) =>
          new URL(request.url).pathname.startsWith('/v1/files')
            ? Response.json({ type: 'error', error: { type: 'not_found_error', message: 'no files' } }, { status: 404 })
            : request,
      },
      { 'files.upload': 'fail', 'files.use': 'skipped', 'files.list-get-delete': 'skipped' },
    ],
  ])('%s fails by that alone', async (_part, alterations, expected) => {
    const report = await judged({ alterations }, { claims: true, only: IDS });
    expect(troubled(report)).toEqual(expected);
  });
});
