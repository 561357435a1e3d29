import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import picomatch from 'picomatch';
import { afterAll, describe, expect, it } from 'vitest';
import { builtInContracts, levelOverride, loadContract } from '../../runner/contract/contracts.js';
import { packageVersion } from '../../runner/package-files.js';
import { isNewMust, minorOf, SINCE } from '../../suites/catalogue/since.js';
import { CATALOGUE } from '../../suites/index.js';
import { violations } from '../../validation/index.js';
import { scratch } from '../support/command.js';

const { folder, remove } = scratch();
afterAll(remove);

async function refusal(changes: object): Promise<string> {
  const file = join(folder, 'contract.json');
  const base = await loadContract('anthropic');
  writeFileSync(file, JSON.stringify({ ...base, name: 'mine', ...changes }, null, 2));
  return loadContract(file).then(
    () => 'accepted',
    (error: Error) => error.message,
  );
}

describe('a built-in contract', () => {
  it.each(builtInContracts())('%s fits its schema, and its levels name requirements that exist', async (name) => {
    const contract = await loadContract(name);
    expect(violations('contract', contract)).toEqual([]);
    expect(contract.name).toBe(name);
    for (const { id } of contract.documented ?? [])
      expect(
        CATALOGUE.some((requirement) => picomatch(id)(requirement.id)),
        id,
      ).toBe(true);
    for (const line of contract.levels ?? []) {
      expect(
        CATALOGUE.some((requirement) => levelOverride({ ...contract, levels: [line] }, requirement)),
        line.id,
      ).toBe(true);
    }
  });
});

describe('a contract file', () => {
  const load = async (name: string, content: object) => {
    const file = join(folder, name);
    writeFileSync(file, JSON.stringify(content));
    return loadContract(file);
  };

  it('may say only what is particular: the rest is as in default', async () => {
    const { profiles, dialect } = await loadContract('default');
    const gateway = { speaks: 'openai-chat', ignores: ['top_k'] };
    expect(await load('My gateway.json', { gateway })).toEqual({
      name: 'my-gateway',
      title: 'The contract of My gateway.json',
      profiles,
      dialect,
      gateway,
    });
    expect(await load('b.json', { name: 'x', dialect: { prefill: 'refuse' } })).toMatchObject({
      name: 'x',
      dialect: { ...dialect, prefill: 'refuse' },
    });
  });

  it('with a misspelt member is refused with the right one', async () => {
    await expect(load('c.json', { profile: { claimed: ['core'] } })).rejects.toThrow(
      /\/profile: expected no field of this name, .*; did you mean "profiles"\?/,
    );
  });
});

describe('a MUST that is new in this minor version', () => {
  const [id, version] = ['resp.id', packageVersion()];
  const since = { [id]: minorOf(version) };

  it('warns, and says until when', async () => {
    const contract = await loadContract('default');
    const override = levelOverride(contract, { id, level: 'MUST' }, since);
    expect(override).toMatchObject({ level: 'SHOULD', reason: expect.stringContaining(`new in ${minorOf(version)}`) });
    expect(levelOverride(contract, { id: 'resp.role', level: 'MUST' }, since)).toBeUndefined();
    expect(levelOverride(contract, { id, level: 'SHOULD' }, since)).toBeUndefined();
  });

  it('is a MUST at once where the contract says so', async () => {
    const levels = [{ id, level: 'MUST' as const, reason: 'we promise it' }];
    const contract = { ...(await loadContract('default')), levels };
    expect(levelOverride(contract, { id, level: 'MUST' }, since)?.level).toBe('MUST');
  });

  it('is a MUST from the next minor version on, and in patch versions still new', () => {
    const must = { id, level: 'MUST' as const };
    expect(['0.2.0', '0.2.7', '0.3.0', '1.0.0'].map((one) => isNewMust(must, one, { [id]: '0.2' }))).toEqual([
      true,
      true,
      false,
      false,
    ]);
  });

  it('is listed by ids that exist, with versions that are not ahead', () => {
    for (const [listed, minor] of Object.entries(SINCE)) {
      expect(CATALOGUE.map(({ id: known }) => known)).toContain(listed);
      expect(minor.localeCompare(minorOf(version), 'en', { numeric: true })).toBeLessThanOrEqual(0);
    }
  });
});

describe('a contract that contradicts itself is refused with both lines', () => {
  it('a profile claimed and disclaimed', async () => {
    const message = await refusal({ profiles: { claimed: ['core', 'tools'], disclaimed: ['tools'] } });
    expect(message).toMatch(
      /the profile tools is claimed and disclaimed: line \d+ \(\/profiles\/claimed\/1\) and line \d+ \(\/profiles\/disclaimed\/0\)/,
    );
    const [first, second] = [...message.matchAll(/line (\d+)/g)].map(([, line]) => Number(line));
    expect(second).toBeGreaterThan(first!);
  });

  it('one requirement with two levels', async () => {
    const reason = 'because this is how it is';
    const message = await refusal({
      levels: [
        { id: 'tc.any', level: 'MAY', reason },
        { id: 'tc.any', level: 'MUST', reason },
      ],
    });
    expect(message).toMatch(/tc\.any has the level MAY and the level MUST/);
  });

  it('one without contradiction is taken', async () => {
    expect(await refusal({})).toBe('accepted');
  });
});
