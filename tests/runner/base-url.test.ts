import { describe, expect, it } from 'vitest';
import { readBaseUrl } from '../../runner/run/target.js';
import { nearest, UsageError } from '../../runner/usage-error.js';

describe('a base URL', () => {
  it.each([
    ['https://api.example.com', 'https://api.example.com'],
    ['https://api.example.com/', 'https://api.example.com'],
    ['http://127.0.0.1:8080/anthropic/', 'http://127.0.0.1:8080/anthropic'],
  ])('%s is taken as it is', (given, baseUrl) => {
    expect(readBaseUrl(given)).toEqual({ baseUrl, notices: [] });
  });

  it.each(['https://api.example.com/v1', 'https://api.example.com/v1/', 'https://api.example.com/v1/messages'])(
    '%s loses what clients append, and says so',
    (given) => {
      const { baseUrl, notices } = readBaseUrl(given);
      expect(baseUrl).toBe('https://api.example.com');
      expect(notices.join()).toContain('/v1/messages themselves');
    },
  );

  it.each(['nonsense', 'ftp://x.example', 'https://user:pass@x.example', 'https://x.example/?a=1'])(
    '%s is refused',
    (given) => {
      expect(() => readBaseUrl(given)).toThrow(UsageError);
    },
  );
});

describe('a wrong name', () => {
  it('is answered with the nearest right one', () => {
    expect(nearest('too1s', ['core', 'tools', 'errors'])).toBe('did you mean "tools"?');
  });

  it('is answered with all of them when none is near', () => {
    expect(nearest('zzzzzz', ['core', 'tools'])).toBe('choose from core, tools');
    expect(nearest('nope', ['core', 'tools'])).toBe('choose from core, tools');
  });

  it('is answered with similar ones of many, or none', () => {
    const many = Array.from({ length: 20 }, (_, index) => `stream.order.${index}`);
    expect(nearest('stream.nothing', many)).toBe('the nearest are stream.order.0, stream.order.1, stream.order.2');
    expect(nearest('zzz', many)).toBe('no name is similar');
  });
});
