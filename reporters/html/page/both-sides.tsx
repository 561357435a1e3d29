import type { PageResponse, PageUpstreamCall } from '../data.js';
import { Body, Part, pathOf } from './exchange.js';
import { JsonText } from './json.js';
import { duration, Prose, Text } from './text.js';
import { StreamView } from './timeline.js';
import { isStream } from './timeline-model.js';

/** What belongs together, in two columns; on narrow screens one below the other. */
export function Beside({ children }: { children: preact.ComponentChildren }) {
  return <div class="beside">{children}</div>;
}

interface Side {
  call: PageUpstreamCall;
  /** Which of the requests that an exchange led to; the first when absent. */
  position?: number;
  of: number;
  level: 4 | 5;
  /** Id of the exchange. */
  name: string;
}

const whichOf = ({ position = 1, of }: Side): string =>
  of === 1 ? 'At the upstream' : `At the upstream, request ${position} of ${of}`;

/** What the upstream of a gateway got. */
export function UpstreamRequest(side: Side) {
  const { call, position = 1, level, name } = side;
  const { request, refused, overlooked = [] } = call;
  return (
    <Part title={`${whichOf(side)}: the request`} level={level}>
      <p class="muted">
        <Text>{`${request.method} ${pathOf(request.url)}`}</Text>, {duration(call.arrivedMs)} after the client sent its
        own
        {call.end === 'left' && `; the gateway left after ${duration(call.endMs)}`}
      </p>
      {[...refused, ...overlooked].map((why) => (
        <p class="failure" key={why}>
          <b>rejected</b> <Prose>{why}</Prose>
        </p>
      ))}
      {call.requestShortened && <p class="left-out">Shortened; report.json holds all of it.</p>}
      <JsonText text={request.body ?? ''} label={`Request ${position} at the upstream for ${name}`} />
    </Part>
  );
}

/** What it sent back, on the time axis of the client's side. */
export function UpstreamAnswer({ axis, ...side }: Side & { axis: readonly PageResponse[] }) {
  const { call, level, name } = side;
  const { response } = call;
  if (response === null)
    return (
      <Part title={`${whichOf(side)}: the response`} level={level}>
        <p class="muted">The connection was closed before the first byte of a response.</p>
      </Part>
    );
  const streamed = isStream(response);
  return (
    <Part title={`${whichOf(side)}: ${streamed ? 'the event stream' : 'the response'}`} level={level}>
      {streamed ? (
        <StreamView response={response} marks={[]} name={`${name}, upstream`} beside={axis} />
      ) : (
        <Body response={response} marks={[]} name={`${name}, upstream`} />
      )}
    </Part>
  );
}
