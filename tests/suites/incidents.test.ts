import { describe, expect, it } from 'vitest';
import { INCIDENTS, incidentsOf } from '../../suites/catalogue/incidents.js';
import { EXCUSED } from '../../suites/catalogue/untestable.js';
import { CATALOGUE } from '../../suites/index.js';

describe('the records of the field', () => {
  it('have each id once', () => {
    const ids = INCIDENTS.map(({ id }) => id);
    expect(ids.filter((id, index) => ids.indexOf(id) !== index)).toEqual([]);
  });

  it('name requirements that exist', () => {
    const known = new Set([...CATALOGUE, ...EXCUSED].map(({ id }) => id));
    const named = new Set(INCIDENTS.flatMap(({ requirements }) => requirements));
    const unknown = [...named].filter((id) => !known.has(id));
    expect(unknown, 'ids that neither suites/index.ts nor suites/excused.ts knows').toEqual([]);
  });

  it.each(INCIDENTS.map((record) => [record.id, record] as const))(
    '%s says who, where, when and what',
    (_id, record) => {
      expect(record.id).toMatch(/^[A-Z]{2}-\d{2,3}$/);
      expect(record.server).not.toBe('');
      expect(new URL(record.url).protocol).toBe('https:');
      expect(new URL(record.url).href).toBe(record.url);
      expect(record.date ?? '2026-01').toMatch(/^20\d\d-(0[1-9]|1[0-2])(-\d\d)?$/);
      expect(record.effect).toMatch(/^.{20,130}[^.]$/);
      expect(new Set(record.requirements).size).toBe(record.requirements.length);
      expect(record.requirements.length).toBeGreaterThan(0);
      expect(record.requirements.length).toBeLessThan(4);
    },
  );
});

describe('incidentsOf', () => {
  it('gives what a report shows of each record that names the requirement', () => {
    const named = INCIDENTS.filter(({ requirements }) => requirements.includes('stream.order.no-overlap'));
    expect(named.length).toBeGreaterThan(1);
    expect(incidentsOf('stream.order.no-overlap')).toEqual(
      named.map(({ server, url, effect }) => ({ server, url, effect })),
    );
  });

  it('is empty where the field knows nothing', () => {
    expect(incidentsOf('no.such.requirement')).toEqual([]);
  });
});
