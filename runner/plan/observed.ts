import type { Fixture } from '../../core/fixture.js';

/** Stands for every exchange that no fixture of the suite provoked. */
export const OBSERVED: Fixture = {
  id: 'observed',
  title: 'a request of a recorded client',
  transports: ['json', 'stream'],
  method: 'POST',
  path: '/v1/messages',
  query: '',
  headers: {},
  credential: 'default',
  apiVersion: 'default',
  client: 'http',
  turns: [{}],
  control: null,
  violates: null,
  attempts: 1,
  again: false,
  cost: 'normal',
  splitInto: [],
  onlyIfAccepted: false,
  oneConnection: false,
  startGroup: null,
};

/** Calls that the requirements are about. Others, such as telemetry and `HEAD /`, pass unjudged. */
const JUDGED = /\/v1\/(messages|models|files)([/?#]|$)/;

/** Whether an exchange belongs to the Messages API. */
export const isOfTheApi = ({ request: { method, url } }: { request: { method: string; url: string } }): boolean =>
  method !== 'HEAD' && method !== 'OPTIONS' && JUDGED.test(url);
