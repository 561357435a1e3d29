/** Where the project is on the web, for the package that is published. */

/** Address of the project on the web by its remote, e.g. `git@host:owner/name.git`; `undefined` for one that is not on the web. */
export function webAddress(remote = '') {
  const web = remote
    .replace(/^git@([^:/]+):/, 'https://$1/')
    .replace(/^ssh:\/\/git@/, 'https://')
    .replace(/\.git$/, '');
  return /^https:\/\/[\w.-]+\.[a-z]+\/[^\s@]+$/.test(web) ? web : undefined;
}

/** What `package.json` says of a project with this address. */
export function addresses(web) {
  if (web === undefined) return {};
  return {
    repository: { type: 'git', url: `git+${web}.git` },
    homepage: `${web}#readme`,
    bugs: { url: `${web}/issues` },
  };
}
