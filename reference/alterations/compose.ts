import type { Rejection } from '../errors.js';
import type { Alterations, Call } from '../stages.js';

type Step = (value: unknown, call: Call) => unknown;

/** Steps that pass their value from one alteration to the next. */
const CHAINED = [
  'body',
  'prompt',
  'draft',
  'reply',
  'message',
  'events',
  'frames',
  'bytes',
  'json',
] as const satisfies readonly (keyof Alterations)[];

/** Several alterations as one; at each step they act in order. */
export function composeAlterations(all: readonly Alterations[]): Alterations {
  if (all.length <= 1) return all[0] ?? {};
  const composed: Record<string, unknown> = {};
  for (const name of CHAINED) {
    const steps = all.flatMap((one) => (one[name] as Step | undefined) ?? []);
    if (steps.length > 0) {
      composed[name] = (value: unknown, call: Call) => steps.reduce((so, step) => step(so, call), value);
    }
  }
  return { ...(composed as Alterations), ...answering(all) };
}

/** Steps that can end the pipeline, and asynchronous steps. */
function answering(all: readonly Alterations[]): Alterations {
  const requests = all.flatMap(({ request }) => request ?? []);
  const rejections = all.flatMap(({ rejection }) => rejection ?? []);
  const rejectsValid = all.flatMap(({ rejectValid }) => rejectValid ?? []);
  const responses = all.flatMap(({ response }) => response ?? []);
  return {
    ...(requests.length > 0 && {
      async request(request, call) {
        let current = request;
        for (const step of requests) {
          const next = await step(current, call);
          if (next instanceof Response) return next;
          current = next;
        }
        return current;
      },
    }),
    ...(rejections.length > 0 && {
      rejection: (rejection, call) =>
        rejections.reduce<Rejection | null>((so, step) => (so === null ? null : step(so, call)), rejection),
    }),
    ...(rejectsValid.length > 0 && {
      rejectValid(request, call) {
        for (const step of rejectsValid) {
          const rejection = step(request, call);
          if (rejection) return rejection;
        }
        return null;
      },
    }),
    ...(responses.length > 0 && {
      async response(response, call) {
        let current = response;
        for (const step of responses) current = await step(current, call);
        return current;
      },
    }),
  };
}
