import { describe, expect, it } from 'vitest';
import { redactor } from '../../core/redact.js';
import { curl } from '../../runner/report/curl.js';

describe('a secret', () => {
  it.each([
    ['as it is', 'key: sk-very-"secret', 'key: ********************'.slice(0, 5 + 15)],
    ['in JSON', JSON.stringify({ k: 'sk-very-"secret' }), `{"k":"${'*'.repeat(16)}"}`],
    ['in an address', `?k=${encodeURIComponent('sk-very-"secret')}`, `?k=${'*'.repeat(17)}`],
    ['in base64', Buffer.from('sk-very-"secret').toString('base64'), '*'.repeat(20)],
  ])('is masked %s, by as many characters', (_form, text, masked) => {
    expect(redactor(['sk-very-"secret'])(text)).toBe(masked);
  });

  it('of less than six characters stays, so that ordinary words stay readable', () => {
    expect(redactor(['ok'])('ok')).toBe('ok');
  });
});

describe('a curl line', () => {
  const request = {
    method: 'POST',
    url: 'https://api.example.com/v1/messages',
    headers: { 'x-api-key': '$ANTHROPIC_API_KEY', 'anthropic-version': '2023-06-01' },
    body: '{"text":"it\'s $HOME"}',
  };

  it('leaves the key to the shell and nothing else', () => {
    expect(curl(request)).toBe(
      `curl -sS 'https://api.example.com/v1/messages' -H "x-api-key: $ANTHROPIC_API_KEY" -H 'anthropic-version: 2023-06-01' --data-binary '{"text":"it'\\''s $HOME"}'`,
    );
  });

  it('does not let a header of the fixture reach the shell', () => {
    expect(curl({ ...request, headers: { 'x-note': '$(rm -rf /)' }, body: null })).toContain(
      "-H 'x-note: $(rm -rf /)'",
    );
  });
});
