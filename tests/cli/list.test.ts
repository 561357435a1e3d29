import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { source } from '../../suites/catalogue/sources.js';
import { EXCUSED } from '../../suites/catalogue/untestable.js';
import { SUITES } from '../../suites/index.js';
import { command, scratch } from '../support/command.js';

const made = scratch();
afterAll(() => made.remove());

const list = async (...args: string[]) => (await command(['list', ...args], { cwd: made.folder })).out;

describe('list', () => {
  let json: { requirements: Record<string, unknown>[]; excused: unknown[] };
  beforeAll(async () => {
    json = JSON.parse(await list('--json'));
  });

  it('has the requirements of the suites, as the build found them, and what is excused', () => {
    const expected = SUITES.flatMap(({ name: suite, requirements }) =>
      requirements.map(({ id, level, profile, statement, source: tags, fixtures, editions, onRequest }) => ({
        id,
        level,
        profile,
        suite,
        statement,
        source: tags.map(source),
        fixtures,
        ...(editions === undefined ? {} : { editions }),
        ...(onRequest === undefined ? {} : { onRequest }),
      })),
    );
    expect(json.requirements).toEqual(expected);
    expect(json.excused).toEqual(EXCUSED);
  });

  it('has a line for each in its text, and counts them', async () => {
    const lines = (await list()).trimEnd().split('\n');
    expect(lines.filter((line) => /^[a-z]+\.[\w.-]+ +(MUST|SHOULD|MAY) /.test(line))).toHaveLength(
      json.requirements.length,
    );
    expect(lines.at(-1)).toBe(`${json.requirements.length} requirements, ${json.excused.length} excused`);
  });

  it('has those of a profile', async () => {
    const { requirements } = JSON.parse(await list('--json', '--profile', 'models'));
    expect(requirements).toEqual(json.requirements.filter(({ profile }) => profile === 'models'));
    expect(requirements.length).toBeGreaterThan(5);
  });
});
