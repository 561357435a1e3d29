/**
 * Joins chunks of esbuild. It makes one for each set of entries and dynamic imports that needs the same modules: a run loaded 70 of them, and
 * each costs a quarter of a millisecond of CPU and 40 kB, however small it is. Chunks that the same of the frequent ways load become one
 * file: nothing more is loaded on those ways, and the others load a little more than they need.
 */
import { basename, dirname, join, relative } from 'node:path';
import { build } from 'esbuild';

/** Module names stand for parts that are in another file. */
const ELSEWHERE = 'elsewhere';
const MERGED = 'merged';

/**
 * @param {object} parts What esbuild has made: `folder` (absolute), and `outputs` of its metafile by path relative to that folder.
 * @param {Record<string, string[]>} ways What is loaded together: sources (relative to the root) that are entries or imported dynamically.
 * @param {import('esbuild').BuildOptions} options Of the second build.
 */
export async function mergeChunks({ folder, outputs }, ways, options) {
  const graph = new Map(Object.entries(outputs).filter(([name]) => name.endsWith('.js')));
  const rootOf = (source) => {
    const [name] = [...graph].find(([, { entryPoint }]) => entryPoint === source) ?? [];
    if (name === undefined) throw new Error(`${source} is no entry and not imported dynamically: adapt the ways`);
    return name;
  };
  const loadedBy = Object.entries(ways).map(([way, sources]) => [way, reached(graph, sources.map(rootOf))]);
  const waysTo = (name) => loadedBy.flatMap(([way, names]) => (names.has(name) ? [way] : []));
  const [first] = Object.keys(ways);
  /**
   * The file that a part goes into: a way in keeps its own, and so does what no frequent way loads. What the first way loads is one file:
   * the others through the same entry have it already.
   */
  const homes = new Map(
    [...graph].map(([name, { entryPoint }]) => {
      const used = waysTo(name);
      if (entryPoint !== undefined || used.length === 0) return [name, name];
      return [name, `chunks/for-${used.includes(first) ? first : used.join('-')}.js`];
    }),
  );
  const number = new Map([...graph.keys()].map((name, index) => [name, index]));
  const exported = (name, own) => `m${number.get(name).toString(36)}_${own}`;
  const isMerged = (name) => homes.get(name) !== name;
  const address = (from, to) => {
    const path = relative(dirname(from), to);
    return path.startsWith('.') ? path : `./${path}`;
  };

  const merging = {
    name: 'merge-chunks',
    setup(bundler) {
      bundler.onResolve({ filter: /^merged:/ }, ({ path }) => ({ path, namespace: MERGED }));
      bundler.onLoad({ filter: /.*/, namespace: MERGED }, ({ path }) => {
        const home = path.slice('merged:'.length);
        const members = [...graph].filter(([name]) => homes.get(name) === home);
        const contents = members.map(([name, { exports }]) => {
          const names = exports.map((own) => `${own} as ${exported(name, own)}`);
          return `export { ${names.join(', ')} } from ${JSON.stringify(join(folder, name))};`;
        });
        return { contents: contents.join('\n'), resolveDir: folder };
      });
      bundler.onResolve({ filter: /^\.{1,2}\// }, ({ path, importer, resolveDir, namespace }) => {
        if (namespace === ELSEWHERE) return { path, external: true };
        const target = relative(folder, join(resolveDir, path));
        const home = homes.get(target);
        const own = homes.get(relative(folder, importer));
        if (home === undefined || own === undefined) throw new Error(`${importer} imports ${path}, which is no chunk`);
        if (home === own) return undefined;
        if (!isMerged(target)) return { path: address(own, target), external: true };
        return { path: `${target}?${address(own, home)}`, namespace: ELSEWHERE };
      });
      bundler.onLoad({ filter: /.*/, namespace: ELSEWHERE }, ({ path }) => {
        const [name, file] = path.split('?');
        const names = graph.get(name).exports.map((own) => `${exported(name, own)} as ${own}`);
        return { contents: `export { ${names.join(', ')} } from ${JSON.stringify(file)};`, resolveDir: folder };
      });
    },
  };

  const merged = new Set([...homes.values()].filter((home) => !graph.has(home)));
  return build({
    ...options,
    entryPoints: [
      ...[...graph.keys()]
        .filter((name) => !isMerged(name))
        .map((name) => ({ in: join(folder, name), out: name.replace(/\.js$/, '') })),
      ...[...merged].map((home) => ({ in: `merged:${home}`, out: `chunks/${basename(home, '.js')}` })),
    ],
    plugins: [merging],
    bundle: true,
    packages: 'external',
  });
}

/** Outputs that loading these loads, by static imports. */
function reached(graph, roots) {
  const names = new Set(roots);
  for (const name of names)
    for (const { path, kind, external } of graph.get(name).imports)
      if (!external && kind === 'import-statement') names.add(path);
  return names;
}
