/** Links in the documents of the package to files that stay out of it. */
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join, posix, relative } from 'node:path';

const LINK = /(!?)\[((?:[^[\]]|!\[[^\]]*\])*)\]\(((?![a-z]+:|#)[^)\s]+)\)/g;

/** The relative links of a text: whether they show a picture, their words, and where they lead. */
export const linksIn = (text) =>
  [...text.matchAll(LINK)].map(([whole, picture, words, target]) => ({
    whole,
    picture: picture === '!',
    words,
    target,
  }));

/**
 * Lets every relative link of the documents in a folder lead into that folder, or to the repository. Without the address of one, the words stay
 * and the link goes.
 *
 * @param web Address of the repository on the web; `undefined` where it is not known.
 */
export function rewriteLinks(folder, web, version) {
  const documents = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((file) => file.endsWith('.md'));
  for (const document of documents) {
    const file = join(folder, document);
    const text = readFileSync(file, 'utf8');
    const written = linksIn(text).reduce((all, { whole, picture, words, target }) => {
      const [path] = target.split('#');
      const there = join(dirname(file), path);
      if (existsSync(there)) return all;
      const inRepository = relative(folder, there).replaceAll('\\', posix.sep);
      if (web === undefined) return all.replace(whole, picture ? `*${words}*` : words);
      const anchor = target.slice(path.length);
      return all.replace(
        whole,
        `${picture ? '!' : ''}[${words}](${web}/${picture ? 'raw' : 'blob'}/v${version}/${inRepository}${anchor})`,
      );
    }, text);
    if (written !== text) writeFileSync(file, written);
  }
}
