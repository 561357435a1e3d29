import { around, framed } from './rewrite.js';
import type { VariantFamily } from './variant.js';

const lines = (...all: string[]): string => `${all.join('\n')}\n\n`;

export const framing: VariantFamily = {
  name: 'framing',
  title: 'how frames of a stream are written',
  variants: [
    {
      id: 'lines-end-in-crlf',
      title: 'Lines of a stream end in CRLF.',
      source: ['X', 'G'],
      alters: framed(({ event, data }) => `event: ${event}\r\ndata: ${data}\r\n\r\n`),
    },
    {
      id: 'line-ends-alternate',
      title: 'Lines of a stream end in LF and in CRLF alternately.',
      source: ['X', 'G'],
      alters: framed(({ event, data }, index) =>
        index % 2 === 0 ? lines(`event: ${event}`, `data: ${data}`) : `event: ${event}\r\ndata: ${data}\n\r\n`,
      ),
    },
    {
      id: 'no-space-behind-colon',
      title: 'No space follows the colon of a field.',
      source: ['X'],
      alters: framed(({ event, data }) => lines(`event:${event}`, `data:${data}`)),
    },
    {
      id: 'data-before-event',
      title: 'The data of a frame comes before its event name.',
      source: ['X'],
      alters: framed(({ event, data }) => lines(`data: ${data}`, `event: ${event}`)),
    },
    {
      id: 'data-on-several-lines',
      title: 'The JSON of an event is indented over several data lines.',
      source: ['X', 'G'],
      alters: framed(({ event, data }) =>
        lines(
          `event: ${event}`,
          ...JSON.stringify(JSON.parse(data), null, 2)
            .split('\n')
            .map((line) => `data: ${line}`),
        ),
      ),
    },
    {
      id: 'padding-behind-json',
      title: 'Spaces follow the JSON of an event, as in recorded streams.',
      source: ['F', 'X'],
      alters: framed(({ event, data }, index) => lines(`event: ${event}`, `data: ${data}${' '.repeat(index % 17)}`)),
    },
    {
      id: 'comments-between-frames',
      title: 'A keep-alive comment stands between all frames.',
      source: ['CC', 'X'],
      alters: framed(({ event, data }) => `: keep-alive\n\n${lines(`event: ${event}`, `data: ${data}`)}`),
    },
    {
      id: 'comments-inside-frames',
      title: 'Every frame has comments: before its event name, before its data, after it.',
      source: ['X'],
      alters: framed(({ event, data }) =>
        lines(': gateway 2.4', `event: ${event}`, ':', `data: ${data}`, ':{"type":"message_stop"}'),
      ),
    },
    {
      id: 'comment-first',
      title: 'A stream begins with a long comment, which flushes buffers on the way.',
      source: ['X'],
      alters: around([`:${' '.repeat(2048)}\n\n`]),
    },
    {
      id: 'comment-last',
      title: 'A comment follows the last event.',
      source: ['X'],
      alters: around([], [': bye\n\n']),
    },
    {
      id: 'retry-first',
      title: 'A stream begins with a reconnection time.',
      source: ['https://html.spec.whatwg.org/multipage/server-sent-events.html'],
      alters: around(['retry: 3000\n\n']),
    },
    {
      id: 'frames-have-ids',
      title: 'Every frame has an id field.',
      source: ['https://html.spec.whatwg.org/multipage/server-sent-events.html'],
      alters: framed(({ event, data }, index) => lines(`id: ${index}`, `event: ${event}`, `data: ${data}`)),
    },
    {
      id: 'unknown-fields-in-frames',
      title: 'Frames have unknown fields.',
      source: ['https://html.spec.whatwg.org/multipage/server-sent-events.html'],
      alters: framed(({ event, data }) => lines('trace: 4bf92f35', `event: ${event}`, `data: ${data}`, 'flush')),
    },
    {
      id: 'further-empty-lines',
      title: 'Several empty lines come before the first frame and between frames.',
      source: ['https://html.spec.whatwg.org/multipage/server-sent-events.html'],
      alters: framed(({ event, data }) => `\n\n${lines(`event: ${event}`, `data: ${data}`)}\n`),
    },
    {
      id: 'bare-done-at-the-end',
      title:
        'A data line [DONE] without an event name follows `message_stop`: discouraged, and ignored by all official clients.',
      source: ['D:ver', 'X'],
      alters: around([], ['data: [DONE]\n\n']),
    },
  ],
};
