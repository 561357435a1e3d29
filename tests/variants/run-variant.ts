import { PROFILES, type Profile } from '../../core/protocol.js';
import type { Report } from '../../core/report.js';
import { startEndpoint } from '../../reference/serve.js';
import type { Alterations, Call } from '../../reference/stages.js';
import type { Variant } from '../../reference/variants/index.js';
import { variantOptions } from '../../reference/variants/index.js';
import { type Contract, loadContract } from '../../runner/contract/contracts.js';
import { run } from '../../runner/run.js';

const KEY = 'sk-variant-0123456789';

/** What the documentation of an odd endpoint says, as a contract. */
export async function documentation({
  documents = 'own',
  options,
  declines = [],
  lacks = [],
}: Variant): Promise<Contract> {
  if (documents !== 'own') return loadContract(documents);
  const contract = await loadContract('anthropic');
  return {
    ...contract,
    name: 'own',
    profiles: {
      claimed: contract.profiles.claimed.filter((profile) => ![...declines, ...lacks].includes(profile)),
      disclaimed: PROFILES.filter((profile) => lacks.includes(profile)),
      unclaimed: 'judge',
    },
    dialect: { ...contract.dialect, ...options?.dialect },
  };
}

export interface VariantRun {
  report: Report;
  /** Hooks of the variant that were asked, and whether one of them handed on something else than it got. */
  asked: ReadonlySet<string>;
  changed: ReadonlySet<string>;
}

/**
 * A run against an endpoint with the variant: of all profiles that its documentation claims, or of some of them. Profiles
 * that it declines are judged all the same.
 */
export async function runVariant(variant: Variant, profiles?: readonly Profile[]): Promise<VariantRun> {
  const { alterations, ...options } = variantOptions(variant);
  const asked = new Set<string>();
  const changed = new Set<string>();
  const endpoint = await startEndpoint({
    ...options,
    alterations: watched(alterations ?? {}, asked, changed),
    apiKey: KEY,
    ...(variant.connection && { connection: variant.connection }),
  });
  try {
    const { report } = await run({
      url: endpoint.url,
      apiKey: KEY,
      model: 'reference-1',
      contract: await documentation(variant),
      ...(variant.declines ? {} : { profiles }),
      headers: variant.clientSends ?? {},
      timeoutSeconds: 20,
    });
    return { report, asked, changed };
  } finally {
    await endpoint.close();
  }
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
