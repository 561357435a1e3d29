/** Which exchanges decide about one of several things that share a request. */

import { describe, expect, it } from 'vitest';
import { resolve } from '../../core/evidence.js';
import type { Exchange } from '../../core/exchange.js';
import type { Transport } from '../../core/protocol.js';
import { errorBody, events, exchange, message, textBlock } from '../support/exchange.js';

const accepted = (fixture: string, text = 'ok') => exchange({ fixture, json: message({ content: [textBlock(text)] }) });
const streamed = (fixture: string) => exchange({ fixture, events: events(message()) });
const rejected = (fixture: string) => exchange({ fixture, status: 400, json: errorBody() });
const withoutMessage = (fixture: string) => exchange({ fixture, raw: '' });

const lookUp =
  (exchanges: readonly Exchange[]) =>
  (fixture: string, transport?: Transport): Exchange[] =>
    exchanges.filter((one) => one.fixture === fixture && (transport === undefined || one.transport === transport));
const ids = (found: readonly Exchange[]): string[] => found.map(({ id }) => id);

describe('one of several things in a request', () => {
  const share = { whole: ['large', 'small'], part: 'only' };
  const decides = (...exchanges: Exchange[]) => ids(resolve(share, lookUp(exchanges)));

  it.each([
    ['the whole while it is accepted', [accepted('large')], ['large/json']],
    ['the first whole that is accepted', [rejected('large'), accepted('small')], ['small/json']],
    [
      'a whole of which one transport is accepted',
      [rejected('large'), streamed('large')],
      ['large/json', 'large/stream'],
    ],
    ['a whole that failed, while nothing else was sent', [withoutMessage('large')], ['large/stream']],
    ['the first whole, when all are rejected', [rejected('large'), rejected('small')], ['large/json']],
    ['the part when it was sent', [rejected('large'), accepted('only')], ['only/json']],
    ['the part even when it is rejected', [rejected('large'), rejected('only')], ['only/json']],
    ['the part of an accepted whole without effect', [accepted('large'), accepted('only')], ['only/json']],
    ['nothing when nothing was sent', [], []],
  ] as const)('is decided by %s', (_what, exchanges, expected) => {
    expect(decides(...exchanges)).toEqual(expected);
  });

  it('may have several parts, which decide together', () => {
    const several = { whole: 'large', part: ['only', 'other'] };
    const sent = [rejected('large'), accepted('only'), rejected('other')];
    expect(ids(resolve(several, lookUp(sent)))).toEqual(['only/json', 'other/json']);
  });

  it('may be asked for in one transport', () => {
    const sent = [accepted('large'), rejected('large'), streamed('large'), streamed('only')];
    expect(ids(resolve(share, lookUp(sent), 'json'))).toEqual(['large/json', 'large/json']);
    expect(ids(resolve(share, lookUp(sent), 'stream'))).toEqual(['only/stream']);
  });
});

describe('several forms of a request', () => {
  const asked = {
    forms: ['budget', 'adaptive'],
    shows: (one: Exchange) => JSON.stringify(one.message).includes('effect'),
  };
  const decides = (...exchanges: Exchange[]) => ids(resolve(asked, lookUp(exchanges)));

  it.each([
    ['the form with the effect', [accepted('budget'), accepted('adaptive', 'effect')], ['adaptive/json']],
    ['the preferred form', [accepted('budget', 'effect'), accepted('adaptive', 'effect')], ['budget/json']],
    ['the first accepted form without the effect', [rejected('budget'), accepted('adaptive')], ['adaptive/json']],
    [
      'all of them, when all are rejected',
      [rejected('budget'), rejected('adaptive')],
      ['budget/json', 'adaptive/json'],
    ],
    ['none, when none was sent', [], []],
  ] as const)('is decided by %s', (_what, exchanges, expected) => {
    expect(decides(...exchanges)).toEqual(expected);
  });
});
