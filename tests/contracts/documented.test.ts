/** What a contract documents changes no verdict of a failure: it is shown beside it, and a clean rejection is no fault. */

import { readFileSync } from 'node:fs';
import picomatch from 'picomatch';
import { describe, expect, it } from 'vitest';
import type { Dialect } from '../../core/requirement.js';
import { markdown } from '../../reporters/markdown.js';
import { type Contract, loadContract } from '../../runner/contract/contracts.js';
import { documentedWeakness, FIELD_REQUIREMENTS } from '../../runner/contract/documented.js';
import { CATALOGUE } from '../../suites/index.js';
import { requestOptional } from '../../suites/request-optional.js';
import { exchange, judgeWith, requirementOf } from '../support/exchange.js';
import { judged } from '../support/judged.js';
import { rejection } from '../support/rejections.js';

const base = await loadContract('anthropic');
const under = (dialect: Partial<Dialect>): Contract => ({ ...base, dialect: { ...base.dialect, ...dialect } });

describe('a weakness is documented by', () => {
  it.each<[string, Partial<Dialect>, string, string | undefined]>([
    ['an ignored field', { ignoredFields: ['top_k'] }, 'req.top-k.type', 'top_k is ignored'],
    ['an ignored field, of another requirement', { ignoredFields: ['top_k'] }, 'req.top-p.range', undefined],
    ['a form of tool_choice that is missing', { toolChoice: ['auto'] }, 'tc.any', 'tool_choice has no "any"'],
    ['a form of tool_choice that is there', { toolChoice: ['auto'] }, 'tc.auto', undefined],
    ['no word about tool_choice', {}, 'tc.any', undefined],
    [
      'models that are mapped',
      { unknownModel: 'map' },
      'req.model.unknown',
      'unknown models are mapped to another one',
    ],
    ['one model for all', { unknownModel: 'default' }, 'req.model.unknown', 'unknown models lead to a default one'],
    ['models that are refused', { unknownModel: 'refuse' }, 'req.model.unknown', undefined],
    ['no stop sequences', { stopSequenceLimit: 0 }, 'stop.sequence.reason', 'stop_sequences are not offered'],
    ['some stop sequences', { stopSequenceLimit: 4 }, 'stop.sequence.reason', undefined],
    ['a bearer token only', { credentials: ['bearer'] }, 'auth.x-api-key', 'only a bearer token is accepted'],
    ['both credentials', {}, 'auth.x-api-key', undefined],
  ])('%s', (_what, dialect, id, expected) => {
    expect(documentedWeakness(under(dialect), id)).toBe(expected);
  });

  it('a line of its own, which goes before the dialect', () => {
    const documented = [{ id: 'tc.*', reason: 'the field is not there' }];
    expect(documentedWeakness({ ...under({ toolChoice: [] }), documented }, 'tc.any')).toBe('the field is not there');
  });
});

it('the schema lists the fields whose requirements are known, and each has one', () => {
  const schema = JSON.parse(readFileSync('schemas/contract.schema.json', 'utf8'));
  const { ignoredFields } = schema.properties.dialect.properties;
  expect(ignoredFields.items.enum).toEqual(Object.keys(FIELD_REQUIREMENTS));
  for (const [field, globs] of Object.entries(FIELD_REQUIREMENTS))
    for (const glob of globs)
      expect(
        CATALOGUE.some(({ id }) => picomatch(glob)(id)),
        `${field}: ${glob}`,
      ).toBe(true);
});

describe('a target under the contract ollama', () => {
  const only = ['tc.any', 'tc.tool', 'tc.auto'];

  it('that drops tool_choice fails all the same, and the report says that it is documented', async () => {
    const alterations = { prompt: ({ tool_choice: _, ...request }: { tool_choice?: unknown }) => request as never };
    const report = await judged({ alterations, apiKey: 'k' }, { contract: 'ollama', only });
    const any = report.results.find(({ id }) => id === 'tc.any');
    expect(any).toMatchObject({ verdict: 'fail', silent: true, documented: 'tool_choice is ignored' });
    expect(markdown(report)).toContain('**Documented by the contract:** tool\\_choice is ignored');
    const other = await judged({ alterations, apiKey: 'k' }, { contract: 'lmstudio', only });
    expect(other.results.find(({ id }) => id === 'tc.any')).toMatchObject({ verdict: 'fail' });
    expect(other.results.find(({ id }) => id === 'tc.any')).not.toHaveProperty('documented');
  });

  it('that rejects it is honest, and declined', async () => {
    const alterations = {
      rejectValid: ({ tool_choice }: { tool_choice?: { type: string } }) =>
        tool_choice?.type !== 'any'
          ? null
          : ({ errorType: 'invalid_request_error', message: 'tool_choice: not supported' } as const),
    };
    const verdicts = async (contract: string) =>
      (await judged({ alterations, apiKey: 'k' }, { contract, only: ['tc.any'] })).results.map(
        ({ verdict }) => verdict,
      );
    expect(await verdicts('ollama')).toEqual(['declined']);
    expect(await verdicts('lmstudio')).toEqual(['fail']);
  });
});

describe('the documented range of temperature', () => {
  const older = exchange({ fixture: 'version-2023-06-01' });
  const outcome = (id: string, temperature: Dialect['temperature'], ...exchanges: ReturnType<typeof exchange>[]) =>
    judgeWith(requirementOf(requestOptional, id), [older, ...exchanges], {
      claims: { dialect: { sampling: 'classic', ...(temperature && { temperature }) } },
    }).outcome;
  const open = { minimum: 0, exclusiveMinimum: true, maximum: 1 };
  const zero = [rejection('permitted-zero'), rejection('temperature-zero'), exchange({ fixture: 'permitted-nulls' })];
  const sent = (fixture: string, temperature: number) => ({ fixture, request: { body: { temperature } } });
  const warm = exchange(sent('temperature-high', 1.5));
  const cold = rejection('temperature-below-zero', 400, sent('temperature-below-zero', -0.1));

  it('without zero: a rejection of zero is right', () => {
    expect(outcome('req.temperature.bounds', open, ...zero)).toBe('satisfied');
    expect(outcome('req.temperature.bounds', undefined, ...zero)).toBe('rejected');
  });

  it('up to two: 1.5 is accepted, and what lies below zero is still rejected', () => {
    const wide = { minimum: 0, maximum: 2 };
    expect(outcome('req.temperature.range', wide, warm, cold)).toBe('satisfied');
    expect(outcome('req.temperature.range', undefined, warm, cold)).toBe('violated');
    const accepted = exchange(sent('temperature-below-zero', -0.1));
    expect(outcome('req.temperature.range', wide, warm, accepted)).toBe('violated');
  });

  it('with an open end: the end itself lies outside', () => {
    expect(outcome('req.temperature.range', { minimum: 0, maximum: 1.5, exclusiveMaximum: true }, warm, cold)).toBe(
      'violated',
    );
  });
});
