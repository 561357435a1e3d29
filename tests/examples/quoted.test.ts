import { readFileSync } from 'node:fs';
import { FAULTS } from 'messages-conformance/msw';
import { describe, expect, it } from 'vitest';
import { packageFile } from '../../runner/package-files.js';

const page = readFileSync(packageFile('docs/testing-clients.md'), 'utf8');
const example = (name: string): string => readFileSync(packageFile('examples', 'client', name), 'utf8');

describe('docs/testing-clients.md', () => {
  it.each(['client.ts', 'client.test.ts'])('quotes %s literally', (name) => {
    const quotations = [...page.matchAll(/^```ts\n(.*?)^```$/gms)].map(([, text]) => text);
    expect(quotations).toContain(example(name));
  });

  it('lists ten faults, and the example tests each of them', () => {
    const ids = [...page.matchAll(/^\| `([a-z\d-]+)` \|/gm)].map(([, id]) => id!);
    expect(ids).toHaveLength(10);
    expect(ids.filter((id) => !FAULTS.some((fault) => fault.id === id))).toEqual([]);
    expect(ids.filter((id) => !example('client.test.ts').includes(`'${id}'`))).toEqual([]);
  });
});
