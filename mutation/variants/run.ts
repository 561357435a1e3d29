import type { Report } from '../../core/report.js';
import { composeAlterations } from '../../reference/alterations/compose.js';
import { createEndpoint } from '../../reference/create-endpoint.js';
import type { EndpointOptions } from '../../reference/options.js';
import { startEndpoint } from '../../reference/serve.js';
import type { Alterations, Call } from '../../reference/stages.js';
import type { Variant } from '../../reference/variants/index.js';
import { type Contract, loadContract } from '../../runner/contract/contracts.js';
import { run } from '../../runner/run.js';

const KEY = 'sk-variant-0123456789';

/** Several variants as one. At most one of them has a contract of its own, and one a connection. */
function combined(group: readonly Variant[]): Variant {
  const { documents } = group.find((variant) => variant.documents !== undefined) ?? {};
  const { connection } = group.find((variant) => variant.connection !== undefined) ?? {};
  const { socket } = group.find((variant) => variant.socket !== undefined) ?? {};
  return {
    id: group.map(({ id }) => id).join(' + '),
    title: '',
    source: [],
    options: Object.assign({}, ...group.map(({ options }) => options)),
    clientSends: Object.assign({}, ...group.map(({ clientSends }) => clientSends)),
    declines: group.flatMap(({ declines = [] }) => declines),
    ...(documents !== undefined && { documents }),
    ...(connection !== undefined && { connection }),
    ...(socket !== undefined && { socket }),
  };
}

/** What the documentation of an odd endpoint says, as a contract. */
async function documentation({ documents = 'own', options, declines = [] }: Variant): Promise<Contract> {
  if (documents !== 'own') return loadContract(documents);
  const contract = await loadContract('anthropic');
  return {
    ...contract,
    name: 'own',
    profiles: {
      claimed: contract.profiles.claimed.filter((profile) => !declines.includes(profile)),
      unclaimed: 'judge',
    },
    dialect: { ...contract.dialect, ...options?.dialect },
  };
}

export interface VariantRun {
  report: Report;
  /** Steps of the variants that were asked, and those of them that handed on something else than they got. */
  asked: ReadonlySet<string>;
  changed: ReadonlySet<string>;
}

/** Longest time of one exchange in seconds: what a machine may need that is busy with other things. */
const PATIENCE_SECONDS = 300;

/**
 * A run against an endpoint with these variants: of all profiles that its documentation claims. Profiles that it declines are judged
 * all the same.
 */
export async function runVariants(group: readonly Variant[]): Promise<VariantRun> {
  const variant = combined(group);
  const asked = new Set<string>();
  const changed = new Set<string>();
  const target = await open(variant, {
    ...variant.options,
    alterations: composeAlterations(group.map(({ alters = {} }) => watched(alters, asked, changed))),
    apiKey: KEY,
  });
  try {
    const { report } = await run({
      ...target.options,
      apiKey: KEY,
      model: 'reference-1',
      contract: await documentation(variant),
      headers: variant.clientSends ?? {},
      timeoutSeconds: PATIENCE_SECONDS,
    });
    return { report, asked, changed };
  } finally {
    await target.close();
  }
}

/** In this process, unless the variant is about a connection. */
async function open({ connection, socket }: Variant, options: EndpointOptions) {
  if (connection === undefined && socket === undefined) {
    return { options: { fetch: createEndpoint(options).fetch }, close: async () => {} };
  }
  const { url, close } = await startEndpoint({ ...options, ...(connection && { connection }) });
  return { options: { url }, close };
}

type Hook = (value: unknown, call: Call) => unknown;

/** The same alterations, which tell that they were asked and that they changed something. */
function watched(alterations: Alterations, asked: Set<string>, changed: Set<string>): Alterations {
  const watch = (name: string, hook: Hook): Hook => {
    return (value, call) => {
      asked.add(name);
      const before = inWords(value, call);
      const note = (after: unknown): unknown => {
        if ((after !== value && !isPlain(value)) || inWords(after, call) !== before) changed.add(name);
        return after;
      };
      const result = hook(value, call);
      return result instanceof Promise ? result.then(note) : note(result);
    };
  };
  const hooks = Object.entries(alterations as Record<string, Hook>);
  return Object.fromEntries(hooks.map(([name, hook]) => [name, watch(name, hook)])) as Alterations;
}

/** What can be compared by its JSON; requests, responses and bytes are compared by identity. */
const isPlain = (value: unknown): boolean =>
  !(value instanceof Response || value instanceof Request) && !(Symbol.asyncIterator in Object(value));

const inWords = (value: unknown, { requestId }: Call): string =>
  isPlain(value) ? JSON.stringify([value, requestId]) : requestId;
