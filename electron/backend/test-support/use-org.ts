import { readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { failureOf, keptOrg, openOrgs, ORG_ID } from './test-orgs.ts';

/**
 * A process of its own that has an org in common with others: the vault is a file in the folder. Told to go it asks the org for its
 * objects; with `die` it is killed at the moment when it would keep new tokens.
 */
const [folder = '', url = '', how = ''] = process.argv.slice(2);
const vault = join(folder, 'vault.json');
const { orgs } = openOrgs(folder, keptOrg(url), {
  secrets: {
    get: (name) => Promise.resolve((JSON.parse(readFileSync(vault, 'utf8')) as Record<string, string>)[name] ?? null),
    set: (name, value) => {
      if (how === 'die') process.kill(process.pid, 'SIGKILL');
      const part = `${vault}.${process.pid}`;
      writeFileSync(part, JSON.stringify({ ...(JSON.parse(readFileSync(vault, 'utf8')) as object), [name]: value }));
      renameSync(part, vault);
      return Promise.resolve();
    },
  },
});
const client = await orgs.client(ORG_ID);
process.on('message', () => {
  void failureOf(client.objects(new AbortController().signal)).then((failure) => process.send?.(failure));
});
process.send?.('ready');
