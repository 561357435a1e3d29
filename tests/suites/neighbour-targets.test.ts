import { describe, expect, it } from 'vitest';
import type { JsonObject } from '../../core/json.js';
import type { Profile } from '../../core/protocol.js';
import type { Report } from '../../core/report.js';
import { invalid } from '../../reference/errors.js';
import type { EndpointOptions } from '../../reference/options.js';
import { loadContract } from '../../runner/contract/contracts.js';
import { judged as judgedEndpoint } from '../support/judged.js';

const NEIGHBOURS: Profile[] = ['count-tokens', 'models', 'batches'];
const FAMILIES: Partial<Record<Profile, string>> = {
  'count-tokens': 'count.*',
  models: 'models.*',
  batches: 'batch.*',
};

async function judged(
  options: EndpointOptions,
  profiles: Profile[],
  claims = true,
  model = 'reference-1',
): Promise<Report> {
  const full = await loadContract('anthropic');
  const claimed = full.profiles.claimed.filter((profile) => !NEIGHBOURS.includes(profile));
  const contract = claims ? full : { ...full, profiles: { ...full.profiles, claimed } };
  // Who names a profile holds the target to it; its ids alone do not.
  const families = profiles.flatMap((profile) => FAMILIES[profile] ?? []);
  const selected = claims || families.length === 0 ? { profiles } : { only: families };
  return judgedEndpoint(options, { model, contract, ...selected });
}

/** Everything that did not pass, of one family. */
const troubled = (report: Report, family: string): Record<string, string> =>
  Object.fromEntries(
    report.results.flatMap(({ id, verdict, silent }) =>
      verdict === 'pass' || !id.startsWith(family) ? [] : [[id, silent ? `${verdict}, silent` : verdict]],
    ),
  );

/** Changes the bodies of answers below a path. */
const answers = (path: RegExp, change: (body: JsonObject) => unknown): EndpointOptions => ({
  alterations: {
    json: (body, call) => (path.test(call.path) && !('error' in (body as object)) ? change(body as JsonObject) : body),
  },
});

describe('an endpoint without neighbours', () => {
  const options: EndpointOptions = { features: { 'count-tokens': false, models: false, batches: false } };

  it('has them declined where it does not claim them', async () => {
    const report = await judged(options, NEIGHBOURS, false);
    expect(new Set(report.results.map(({ verdict }) => verdict))).toEqual(new Set(['declined', 'pass']));
    expect(report.results.filter(({ verdict }) => verdict === 'pass').map(({ id }) => id)).toEqual([
      'count.absent-clean',
      'count.messages-undisturbed',
    ]);
  });

  it('fails by its claim, and says so', async () => {
    const report = await judged(options, NEIGHBOURS);
    const reasons = Object.fromEntries(report.results.map(({ id, reason }) => [id, reason]));
    for (const [profile, id] of [
      ['count-tokens', 'count.basic'],
      ['models', 'models.list.shape'],
      ['batches', 'batch.list'],
    ] as const) {
      expect(reasons[id]).toContain(`The profile ${profile} is claimed but not there: HTTP 404`);
    }
    expect(new Set(report.results.map(({ verdict }) => verdict))).toEqual(new Set(['fail', 'skipped']));
    expect(report.results.filter(({ verdict }) => verdict === 'fail')).toHaveLength(3);
    expect(report.results.some(({ silent }) => silent)).toBe(false);
  });

  it('is no trouble to agents', async () => {
    const report = await judged(options, ['agent'], false);
    expect(report.results.find(({ id }) => id === 'count.absent-clean')?.verdict).toBe('pass');
  });
});

describe('a count', () => {
  const counts = (input_tokens: number) => answers(/count_tokens$/, () => ({ input_tokens }));

  it('that is the same for every prompt fails in silence', async () => {
    expect(troubled(await judged(counts(1), ['count-tokens']), 'count.')).toEqual({
      'count.system-tools': 'fail, silent',
      'count.matches-usage': 'warn, silent',
      'count.image': 'warn, silent',
    });
  });

  it('of nothing fails in silence', async () => {
    expect(troubled(await judged(counts(0), ['count-tokens']), 'count.')).toMatchObject({
      'count.basic': 'fail, silent',
    });
  });

  it('that agents ask for in vain is missed by them alone', async () => {
    const withoutQuery: EndpointOptions = {
      alterations: {
        request: (request) =>
          request.url.endsWith('count_tokens?beta=true')
            ? Response.json({ type: 'error', error: { type: 'not_found_error', message: 'x' } }, { status: 404 })
            : request,
      },
    };
    expect(troubled(await judged(withoutQuery, ['count-tokens', 'agent']), 'count.')).toEqual({
      'count.absent-clean': 'warn',
    });
  });
});

describe('a list of models', () => {
  it('in the form of another protocol fails', async () => {
    const openai = answers(/models$/, ({ data }) => ({
      object: 'list',
      data: (data as JsonObject[]).map(({ id }) => ({ id, object: 'model', created: 1, owned_by: 'x' })),
    }));
    expect(troubled(await judged(openai, ['models']), 'models.')).toMatchObject({
      'models.list.shape': 'fail',
      'models.item.shape': 'fail',
    });
  });

  it('that does not turn its page fails in silence', async () => {
    const stuck: EndpointOptions = {
      alterations: {
        request: (request) => new Request(request.url.replace(/&after_id=[^&]*/, ''), request),
      },
    };
    expect(troubled(await judged(stuck, ['models']), 'models.')).toEqual({ 'models.paging': 'fail, silent' });
  });

  it('with slashes and colons in its ids passes', async () => {
    const odd: EndpointOptions = { models: ['org/model:free v1', 'other'] };
    expect(troubled(await judged(odd, ['models'], true, 'other'), 'models.')).toEqual({});
  });

  it('of a model that cannot be used is warned of', async () => {
    const ghost = answers(/models$/, (page) => {
      const data = [...(page.data as JsonObject[])];
      data.unshift({ ...data[0]!, id: 'ghost' });
      return { ...page, data, first_id: 'ghost' };
    });
    const report = await judged(ghost, ['models']);
    expect(troubled(report, 'models.')).toMatchObject({ 'models.retrieve': 'fail', 'models.consistent': 'warn' });
  });
});

describe('batches', () => {
  it('whose requests are checked at once are warned of, and judged all the same', async () => {
    const eager: EndpointOptions = {
      alterations: {
        request: async (request) => {
          const isBatch = request.method === 'POST' && request.url.endsWith('/batches');
          if (!isBatch || !(await request.clone().text()).includes('without-messages')) return request;
          return Response.json(
            { type: 'error', error: { type: 'invalid_request_error', message: 'x' } },
            { status: 400 },
          );
        },
      },
    };
    expect(troubled(await judged(eager, ['batches']), 'batch.')).toEqual({ 'batch.params.async': 'warn' });
  });

  it('that lose count of their requests are warned of', async () => {
    const lost = answers(/batches(\/\w+)?$/, (body) =>
      body.processing_status === 'ended'
        ? { ...body, request_counts: { ...(body.request_counts as object), errored: 0 } }
        : body,
    );
    expect(troubled(await judged(lost, ['batches']), 'batch.')).toEqual({ 'batch.counts.sum': 'warn' });
  });

  it('that can be deleted while they run are warned of, and nothing is held against what could not be tried', async () => {
    const hasty: EndpointOptions = {
      alterations: {
        request: (request) =>
          request.method === 'DELETE'
            ? Response.json({ id: request.url.split('/').at(-1), type: 'message_batch_deleted' })
            : request,
      },
    };
    expect(troubled(await judged(hasty, ['batches']), 'batch.')).toEqual({
      'batch.cancel': 'inconclusive',
      'batch.delete': 'warn',
    });
  });
});

describe('several streams at once', () => {
  it('that share what they write are told apart by their words', async () => {
    let latest = '';
    const shared: EndpointOptions = {
      alterations: {
        message: (message, call) => {
          const text = JSON.stringify(message.content);
          if (!call.stream || !/AMBER|BIRCH|CORAL|DENIM|EMBER|FJORD|GROVE|HAZEL/.test(text)) return message;
          const before = latest;
          latest = text;
          return before === '' ? message : { ...message, content: JSON.parse(before) };
        },
      },
    };
    expect(troubled(await judged(shared, ['agent']), 'agent.')).toMatchObject({
      'agent.parallel.own-text': 'fail, silent',
    });
  });
});

describe('agents', () => {
  it('whose user id is rejected fail', async () => {
    const strict: EndpointOptions = {
      alterations: {
        rejectValid: (request) =>
          /[^\w-]/.test(request.metadata?.user_id ?? '') ? invalid('metadata.user_id: does not match') : null,
      },
    };
    expect(troubled(await judged(strict, ['agent']), 'agent.')).toMatchObject({ 'agent.request.shape': 'fail' });
  });

  it('on a model that writes little are accepted', async () => {
    const small: EndpointOptions = {
      models: [
        { id: 'one', displayName: 'One', createdAt: '2026-10-21T00:00:00Z', maxInputTokens: 200_000, maxTokens: 8_192 },
      ],
    };
    expect(troubled(await judged(small, ['agent'], true, 'one'), 'agent.')).toEqual({
      // Both send max_tokens 32000, which is more than this model can write.
      'agent.session.again': 'skipped',
      'agent.stream.again': 'skipped',
      'agent.max-tokens.large': 'skipped',
      'agent.tool-result.large': 'skipped',
    });
  });
});
