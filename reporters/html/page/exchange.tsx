import { useMemo, useState } from 'preact/hooks';
import { insideQuotes } from '../../../core/shell.js';
import type { PageExchange, PageResponse } from '../data.js';
import { Beside, UpstreamAnswer, UpstreamRequest } from './both-sides.js';
import { encodeAnchor } from './filters.js';
import { JsonText } from './json.js';
import { jsonLines, locate } from './json-lines.js';
import { Command, duration, number, Raw, size, Text } from './text.js';
import { StreamView } from './timeline.js';
import { isStream, type Mark } from './timeline-model.js';

/** One exchange: a line that unfolds to the request and the response. */
export function Exchange(properties: {
  exchange: PageExchange;
  marks: readonly Mark[];
  open: boolean;
  toggle: () => void;
  anchor?: string;
  /** Whether the page has an anchor for it. */
  linked: boolean;
  /** Heading level. */
  level: 3 | 4;
}) {
  const { exchange, marks, open, toggle, anchor, linked, level } = properties;
  const Heading = `h${level}` as const;
  return (
    <div class={open ? 'exchange open' : 'exchange'} id={anchor}>
      <div class="exchange-line">
        <Heading>
          <button type="button" aria-expanded={open} onClick={toggle}>
            <span class="turn" aria-hidden="true" />
            <Text class="mono">{exchange.id}</Text>
            {marks.length > 0 && <span class="tag fail">shows it</span>}
          </button>
        </Heading>
        <Summary exchange={exchange} />
        {linked && (
          <a
            class="anchor"
            href={`#${encodeAnchor(`exchange/${exchange.id}`)}`}
            data-anchor={`exchange/${exchange.id}`}
            aria-label={`Link to the exchange ${exchange.id}`}
          >
            #
          </a>
        )}
      </div>
      {open && <Opened exchange={exchange} marks={marks} level={level === 3 ? 4 : 5} />}
    </div>
  );
}

function Summary({ exchange: { response, failure, request } }: { exchange: PageExchange }) {
  return (
    <span class="exchange-sum">
      <Text>{`${request.method} ${pathOf(request.url)}`}</Text>
      {response !== null && <Status status={response.status} />}
      {failure !== null && <span class="tag fail">{failure.kind}</span>}
      {response !== null && (
        <span class="muted">
          {size(response.bytes)}, {duration(response.endMs)}
        </span>
      )}
    </span>
  );
}

export function Status({ status }: { status: number }) {
  const kind = status >= 500 ? 'server' : status >= 400 ? 'client' : status >= 200 && status < 300 ? 'fine' : 'other';
  return <span class={`status ${kind}`}>{status}</span>;
}

export function pathOf(url: string): string {
  return url.replace(/^https?:\/\/[^/]+/i, '') || url;
}

function Opened({ exchange, marks, level }: { exchange: PageExchange; marks: readonly Mark[]; level: 4 | 5 }) {
  const { request, response, failure, client } = exchange;
  const split = useMemo(() => splitMarks(exchange, marks), [exchange, marks]);
  const headerMarks = new Set(marks.flatMap(({ finding }) => finding.at?.header?.toLowerCase() ?? []));
  const curl = exchange.curl?.join(insideQuotes(request.body ?? '')) ?? null;
  const calls = exchange.upstream ?? [];
  const [first] = calls;
  // One time axis for both sides.
  const axis = useMemo(
    () => [response, ...calls.map((call) => call.response)].filter((one) => one !== null),
    [exchange],
  );
  const ownRequest = request.body !== null && (
    <>
      {exchange.requestShortened && <p class="left-out">Shortened; report.json holds all of it.</p>}
      <JsonText text={request.body} marks={split.request.map(jsonMark)} label={`Request body of ${exchange.id}`} />
    </>
  );
  const ownAnswer = response !== null && (
    <Part title={isStream(response) ? 'Event stream' : 'Response body'} level={level}>
      {exchange.truncatedBytes !== undefined && exchange.truncatedBytes > 0 && (
        <p class="left-out">{size(exchange.truncatedBytes)} were not kept by the run itself.</p>
      )}
      {isStream(response) ? (
        <StreamView response={response} marks={split.stream} name={exchange.id} beside={axis} />
      ) : (
        <Body response={response} marks={split.response} name={exchange.id} />
      )}
    </Part>
  );
  return (
    <div class="exchange-body">
      {failure !== null && (
        <p class="failure">
          <b>{failure.kind}</b> <Text>{failure.message}</Text>
        </p>
      )}
      <Part title="Request" level={level}>
        {curl === null ? (
          <p class="left-out">The body is too long for this page; report.json holds it with its curl line.</p>
        ) : curl === '' ? (
          <p class="left-out">This record does not have the request.</p>
        ) : (
          <Command text={curl} label={`curl line of ${exchange.id}`} />
        )}
      </Part>
      {first === undefined ? (
        request.body !== null && (
          <Fold level={level} title="Request body" detail={size(request.body.length)} start={split.request.length > 0}>
            {ownRequest}
          </Fold>
        )
      ) : (
        <Beside>
          <Part title="Request body" level={level}>
            <p class="muted">
              <Text>{`${request.method} ${pathOf(request.url)}`}</Text>, sent by the client
            </p>
            {ownRequest}
          </Part>
          <UpstreamRequest call={first} of={calls.length} level={level} name={exchange.id} />
        </Beside>
      )}
      {response !== null && (
        <Fold
          level={level}
          title="Response headers"
          detail={number(response.headers.length)}
          start={headerMarks.size > 0}
        >
          <Headers response={response} marked={headerMarks} />
        </Fold>
      )}
      {first === undefined ? (
        ownAnswer
      ) : (
        <Beside>
          {ownAnswer || (
            <Part title="Response" level={level}>
              <p class="muted">The client got none.</p>
            </Part>
          )}
          <UpstreamAnswer call={first} of={calls.length} level={level} name={exchange.id} axis={axis} />
        </Beside>
      )}
      {exchange.upstream && calls.length === 0 && (
        <Part title="At the upstream" level={level}>
          <p class="muted">No request reached the upstream.</p>
        </Part>
      )}
      {calls.slice(1).map((call, index) => (
        <Beside key={index}>
          <UpstreamRequest call={call} position={index + 2} of={calls.length} level={level} name={exchange.id} />
          <UpstreamAnswer
            call={call}
            position={index + 2}
            of={calls.length}
            level={level}
            name={exchange.id}
            axis={axis}
          />
        </Beside>
      ))}
      {client && (
        <Fold
          level={level}
          title="What the official client made of it"
          detail={`${client.name} ${client.version}`}
          start={false}
        >
          {client.error && (
            <p class="failure">
              <b>
                <Text>{client.error.class}</Text>
              </b>{' '}
              <Text>{client.error.message}</Text>
            </p>
          )}
          {client.message !== undefined && (
            <JsonText text={JSON.stringify(client.message)} label={`Message of the client for ${exchange.id}`} />
          )}
        </Fold>
      )}
    </div>
  );
}

const jsonMark = ({ finding }: Mark) => ({ pointer: finding.at?.pointer ?? '', note: `expected ${finding.expected}` });

/**
 * Which part of the exchange a finding points to. It is the request if the target should have rejected it, or if only the
 * request has the pointer.
 */
function splitMarks({ request, response }: PageExchange, marks: readonly Mark[]) {
  const parts: { request: Mark[]; response: Mark[]; stream: Mark[] } = { request: [], response: [], stream: [] };
  if (marks.length === 0) return parts;
  const streamed = response !== null && isStream(response);
  const answer = response === null || streamed ? null : jsonLines(response.pieces[0]?.text ?? '');
  const sent = request.body === null ? null : jsonLines(request.body);
  const found = (lines: typeof sent, pointer: string) => {
    const place = lines && locate(lines, pointer);
    return place !== null && place.missing === null;
  };
  for (const mark of marks) {
    const { at, expected } = mark.finding;
    const pointer = at?.pointer ?? '';
    const refusal = /^HTTP 4/.test(expected);
    if (streamed && (at?.event !== undefined || at?.offset !== undefined)) parts.stream.push(mark);
    else if (pointer !== '' && (refusal || (!found(answer, pointer) && found(sent, pointer)))) parts.request.push(mark);
    else if (streamed && at?.header === undefined && !refusal) parts.stream.push(mark);
    else if (!streamed && pointer !== '') parts.response.push(mark);
  }
  return parts;
}

export function Part({ title, level, children }: { title: string; level: 4 | 5; children: preact.ComponentChildren }) {
  const Heading = `h${level}` as const;
  return (
    <div class="part">
      <Heading>{title}</Heading>
      {children}
    </div>
  );
}

function Fold(properties: {
  title: string;
  detail: string;
  start: boolean;
  level: 4 | 5;
  children: preact.ComponentChildren;
}) {
  const Heading = `h${properties.level}` as const;
  const [open, setOpen] = useState(properties.start);
  return (
    <div class="part">
      <Heading>
        <button type="button" aria-expanded={open} onClick={() => setOpen(!open)}>
          <span class="turn" aria-hidden="true" />
          {properties.title} <span class="muted">{properties.detail}</span>
        </button>
      </Heading>
      {open && properties.children}
    </div>
  );
}

function Headers({ response, marked }: { response: PageResponse; marked: ReadonlySet<string> }) {
  const missing = [...marked].filter((name) => !response.headers.some(([present]) => present === name));
  return (
    <table class="headers">
      <thead class="unseen">
        <tr>
          <th scope="col">Name</th>
          <th scope="col">Value</th>
        </tr>
      </thead>
      <tbody>
        {response.headers.map(([name, value], index) => (
          <tr key={index} class={marked.has(name) ? 'marked' : ''}>
            <th scope="row">
              <Text>{name}</Text>
            </th>
            <td>
              <Text>{value}</Text>
            </td>
          </tr>
        ))}
        {missing.map((name) => (
          <tr key={name} class="marked">
            <th scope="row">
              <Text>{name}</Text>
            </th>
            <td>missing</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

export function Body({ response, marks, name }: { response: PageResponse; marks: readonly Mark[]; name: string }) {
  const text = response.pieces.map((piece) => piece.text).join('\n…\n');
  const label = `Response body of ${name}`;
  if (response.bytes === 0) return <p class="muted">Empty.</p>;
  return (
    <>
      {response.encoding === 'base64' && <p class="left-out">Not UTF-8: shown as base64.</p>}
      {(response.shortened || response.pieces.some((piece) => piece.cut)) && (
        <p class="left-out">{size(response.bytes)}, shortened for this page; report.json holds all of it.</p>
      )}
      {response.encoding === 'base64' ? (
        <Raw text={text} label={label} />
      ) : (
        <JsonText text={text} marks={marks.map(jsonMark)} label={label} />
      )}
    </>
  );
}
