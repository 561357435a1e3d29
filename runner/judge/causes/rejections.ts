/** Rejections that are all alike: one status whatever is wrong, or one foreign envelope. */

import {
  answer,
  errorBody,
  errorOf,
  isAccepted,
  isMessagesCall,
  isRejectedIn200,
  status,
  succeeded,
} from '../../../core/answers.js';
import type { Exchange } from '../../../core/exchange.js';
import { type Json, quote } from '../../../core/json.js';
import { ERROR_STATUS, TRANSPORTS } from '../../../core/protocol.js';
import type { Finding } from '../../../core/requirement.js';
import {
  allAbout,
  cause,
  type Detector,
  explainedBy,
  type FoundCause,
  isValid,
  largest,
  type Scene,
  share,
} from './scene.js';

/** So few rejections show no pattern. */
const LEAST = 4;
/** Part of the rejections that have to be alike. */
const MOST_OF_THEM = 0.8;

/** Rejected invalid requests whose control request was accepted. A request to wait says nothing about them. */
const rejections = (scene: Scene): Exchange[] =>
  invalidRequests(scene).filter((exchange) => status(exchange) >= 400 && ![429, 529].includes(status(exchange)));

/** Answered invalid requests whose control request was accepted. */
function invalidRequests({ exchanges, fixture }: Scene): Exchange[] {
  const accepted = new Set(exchanges.filter(isAccepted).flatMap((one) => [one.fixture, ...(one.sharedBy ?? [])]));
  return exchanges.filter((exchange) => {
    const { violates, control } = fixture(exchange.fixture);
    return violates !== null && control !== null && accepted.has(control) && exchange.response !== null;
  });
}

/** One status that is not 400 for whatever is wrong with a request, e.g. 502 of a proxy. */
export const rejectionStatus: Detector = (scene) => {
  const all = rejections(scene);
  const [code, alike = []] = largest(all, (exchange) => String(status(exchange)));
  if (all.length < LEAST || code === '400' || alike.length < all.length * MOST_OF_THEM) return [];
  const crashes = new Set<string | null>(
    scene.exchanges.filter((exchange) => isCrash(exchange, scene)).map(({ id }) => id),
  );
  const explained = explainedBy(
    scene.open,
    scene.exchanges.filter((exchange) => status(exchange) === Number(code)),
  ).filter(({ findings }) => !findings.every(({ exchange }) => crashes.has(exchange)));
  if (explained.length < 2) return [];
  const title = `Rejections have the status ${code}, whatever is wrong with the request: ${share(alike.length, all.length, 'invalid requests')}.`;
  return [cause('rejection-status', title, explained, alike[0]?.id)];
};

/** A server error without a reason for a valid request: no rejection, but a cause of its own. */
const isCrash = (exchange: Exchange, scene: Scene): boolean =>
  isValid(exchange, scene) && status(exchange) >= 500 && isMessagesCall(exchange) && errorBody(exchange) === null;

/** Invalid requests that are accepted, whatever is wrong with them: nobody validates. */
export const invalidAccepted: Detector = (scene) => {
  const all = invalidRequests(scene);
  const accepted = all.filter(succeeded);
  if (accepted.length < LEAST || accepted.length < all.length * MOST_OF_THEM) return [];
  const explained = explainedBy(scene.open, accepted);
  if (explained.length < 2) return [];
  const title = `Invalid requests are accepted, whatever is wrong with them: ${share(accepted.length, all.length, 'invalid requests')}.`;
  return [cause('invalid-accepted', title, explained, accepted[0]?.id)];
};

/** A proxy that has begun the stream of its client before it knows that its upstream rejects the request. */
export const rejectedIn200: Detector = (scene) => {
  const all = invalidRequests(scene).filter(({ transport }) => transport === 'stream');
  const alike = all.filter(isRejectedIn200);
  const explained = explainedBy(scene.open, scene.exchanges.filter(isRejectedIn200));
  if (alike.length === 0 || explained.length < 2) return [];
  const title = `Rejected streams have HTTP 200 and an error event: ${share(alike.length, all.length, 'invalid requests for a stream')}.`;
  return [cause('rejection-status', title, explained, alike[0]!.id)];
};

const ENVELOPE = /^(err\.(envelope|content-type|message|rate-limit|overload|sdk-class)|stream\.error\.pre-stream)/;

/** The last is how the judges of gateways say it. */
const isAboutEnvelope = ({ at, message }: Finding): boolean =>
  at?.pointer?.startsWith('/error') === true || message.includes('does not arrive in the error envelope');

/** Error bodies that are written in one other form. */
export const errorEnvelope: Detector = (scene) => {
  const errors = scene.exchanges.filter((exchange) => status(exchange) >= 400);
  // Paths that a server does not have say little about its errors: they are often empty.
  const isForeign = (exchange: Exchange): boolean => errorBody(exchange) === null;
  // Nor does what was asked again and again: it is one error.
  const once = errors.filter(({ replaced }) => replaced === undefined);
  const ofMessages = once.filter(isMessagesCall);
  const shown = ofMessages.filter(isForeign).length >= LEAST - 1 ? ofMessages : once;
  const [form, alike = []] = largest(shown.filter(isForeign), (exchange) => formOf(exchange.json));
  if (form === undefined || alike.length < Math.max(LEAST - 1, shown.length / 2)) return [];
  const explained = explainedBy(scene.open, errors).filter(
    ({ requirement, findings }) => ENVELOPE.test(requirement.id) || findings.every(isAboutEnvelope),
  );
  const title = `Error responses are ${form}, not {"type":"error","error":{"type":…,"message":…}}: ${share(alike.length, shown.length, 'error responses')}.`;
  const ids = new Set<string | null>(errors.map(({ id }) => id));
  const covers = (finding: Finding): boolean => ids.has(finding.exchange) && isAboutEnvelope(finding);
  return [{ ...cause('error-envelope', title, explained, alike[0]?.id), covers }];
};

/** The last is how the judges of gateways say it. */
const isAboutType = ({ at, message }: Finding): boolean =>
  at?.pointer === '/error/type' ||
  /^`\/error\/type` is not one of|an `error\.type` that the API does not have/.test(message);

/** Errors in the documented envelope, but with a type of the server's own, whatever went wrong. */
export const errorTypes: Detector = (scene) => {
  const errors = scene.exchanges.flatMap((exchange) => {
    const error = errorOf(exchange);
    return error === null ? [] : [{ exchange, type: error.type }];
  });
  const foreign = errors.filter(({ type }) => type !== '' && !Object.hasOwn(ERROR_STATUS, type));
  const [type, alike = []] = largest(foreign, (error) => error.type);
  if (type === undefined || alike.length < Math.max(LEAST, errors.length / 2)) return [];
  const explained = allAbout(scene.open, isAboutType);
  if (explained.length < 2) return [];
  const title = `\`error.type\` is ${quote(type)}, which the API does not have: ${share(alike.length, errors.length, 'errors')}.`;
  return [cause('error-envelope', title, explained, alike[0]?.exchange.id)];
};

/** The form of an error body, by its outermost members. */
function formOf(body: Json | undefined): string {
  if (body === undefined) return 'no JSON';
  if (typeof body !== 'object' || body === null || Array.isArray(body)) return 'JSON without members';
  const members = Object.entries(body)
    .slice(0, 4)
    .map(
      ([key, value]) =>
        `${JSON.stringify(key.slice(0, 30))}:${typeof value === 'object' && value !== null ? '{…}' : '…'}`,
    );
  return `{${members.join(',')}}`;
}

/** Requests of one transport that are all rejected, while the same in the other are accepted. */
export const transportRejected: Detector = (scene) =>
  TRANSPORTS.flatMap((transport): FoundCause[] => {
    const own = scene.exchanges.filter((exchange) => exchange.transport === transport && isMessagesCall(exchange));
    const valid = own.filter(
      ({ turn, fixture, response }) => turn === 1 && scene.fixture(fixture).violates === null && response !== null,
    );
    const failed = valid.filter(({ message }) => message === null);
    const others = scene.exchanges.some((exchange) => exchange.transport !== transport && exchange.message !== null);
    if (!others || valid.length < 2 || failed.length < valid.length) return [];
    const ids = new Set<string | null>(valid.map(({ id }) => id));
    const explained = explainedBy(scene.open, own).filter(({ findings }) =>
      findings.some(({ exchange }) => ids.has(exchange)),
    );
    if (explained.length < 2) return [];
    const shown = failed.find(succeeded) ?? failed[0]!;
    const title = `${REJECTED[transport][succeeded(shown) ? 'begun' : 'rejected']}: ${answer(shown)}.`;
    return [cause(transport === 'stream' ? 'streams-rejected' : 'same-fault', title, explained, shown.id)];
  });

const REJECTED = {
  json: {
    rejected: 'Every request without `stream` is rejected, while streams are messages',
    begun: 'No reply without `stream` is a message, while streams are',
  },
  stream: {
    rejected: 'Every streamed request is rejected, while requests without `stream` are accepted',
    begun: 'No stream adds up to a message, while replies without `stream` are messages',
  },
} as const;
