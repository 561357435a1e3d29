import { Session } from 'node:inspector/promises';

/** Methods that pass over their whole subject inside the engine, where coverage does not see them. */
const NATIVE = [
  [Array.prototype, ['includes', 'indexOf', 'lastIndexOf', 'concat', 'slice', 'splice', 'unshift', 'join']],
  [String.prototype, ['includes', 'indexOf', 'lastIndexOf', 'slice', 'repeat', 'replaceAll', 'split', 'trim']],
] as const;

/**
 * Counts the work of the endpoint: how often each block of its code runs, from V8's coverage, and how many elements or
 * characters native methods pass over. Counts do not depend on how busy the machine is. Coverage counts blocks only in code
 * that is compiled after it begins, so the endpoint has to be imported after `startCounting`.
 */
export async function startCounting(): Promise<{
  work<Result>(act: () => Promise<Result> | Result): Promise<{ count: number; result: Result }>;
  stop(): Promise<void>;
}> {
  const session = new Session();
  session.connect();
  await session.post('Profiler.enable');
  await session.post('Profiler.startPreciseCoverage', { callCount: true, detailed: true });
  let native = 0;
  const restores = NATIVE.flatMap(([prototype, names]) =>
    names.map((name) => {
      const methods = prototype as unknown as Record<string, (...all: unknown[]) => unknown>;
      const own = methods[name]!;
      methods[name] = function counted(this: { length: number }, ...all: unknown[]) {
        native += this.length;
        return own.apply(this, all);
      };
      return () => {
        methods[name] = own;
      };
    }),
  );
  const blocks = async (): Promise<number> => {
    const { result } = await session.post('Profiler.takePreciseCoverage');
    return result
      .filter(({ url }) => /\/(?:reference|core|validation)\/[^?]*\.ts/.test(url) && !url.includes('/tests/'))
      .flatMap(({ functions }) => functions.flatMap(({ ranges }) => ranges))
      .reduce((sum, { count }) => sum + count, 0);
  };
  return {
    async work(act) {
      await blocks();
      native = 0;
      const result = await act();
      const passed = native;
      return { count: (await blocks()) + passed, result };
    },
    async stop() {
      for (const restore of restores) restore();
      await session.post('Profiler.stopPreciseCoverage');
      session.disconnect();
    },
  };
}
