import type { SentRequest } from '../../core/exchange.js';
import { shellQuoted } from '../../core/shell.js';

/** A request as a `curl` line for a POSIX shell. The credential stands as a shell variable, as it does in the record. */
export function curl(request: SentRequest): string {
  const parts = ['curl -sS'];
  if (request.method !== 'POST') parts.push(request.method === 'HEAD' ? '-I' : `-X ${request.method}`);
  parts.push(shellQuoted(request.url));
  const isForm = request.headers['content-type'] === 'multipart/form-data';
  for (const [name, value] of Object.entries(request.headers)) {
    // curl writes the content-type of a form itself, with the boundary.
    if ((isForm && name === 'content-type') || OF_THE_CONNECTION.includes(name)) continue;
    parts.push(`-H ${header(`${name}: ${value}`)}`);
  }
  if (isForm && request.body !== null) {
    for (const field of request.body.split('\n')) parts.push(`-F ${shellQuoted(field)}`);
    return parts.join(' ');
  }
  if (request.headers.accept === 'text/event-stream' || request.body?.includes('"stream":true')) parts.push('-N');
  if (request.body !== null) {
    const long = request.body.length > MAX_BODY;
    parts.push(
      long
        ? `--data-binary @request.json  # ${request.body.length} characters`
        : `--data-binary ${shellQuoted(request.body)}`,
    );
  }
  return parts.join(' ');
}

/** Headers that curl sends by itself, or that belong to the connection of a recorded client. */
const OF_THE_CONNECTION = [
  'host',
  'content-length',
  'connection',
  'accept-encoding',
  'transfer-encoding',
  'expect',
  'te',
];

const MAX_BODY = 20_000;

/** Double quotes where a variable must be filled in by the shell, single quotes everywhere else. */
function header(line: string): string {
  const variable = /^([a-z0-9-]+: (?:Bearer )?)\$([A-Za-z_]\w*)$/.exec(line);
  return variable === null ? shellQuoted(line) : `"${variable[1]}$${variable[2]}"`;
}
