import type { Command } from 'commander';
import { inTerminal, shared, type Shared } from './in-terminal.ts';
import { listOrgs, listSfOrgs, setReadOnly, signIn, signOut } from './orgs-commands.ts';
import { signInOptions } from './sign-in-flags.ts';

/** `longshore orgs …`: who is signed in where, and which orgs accept no loads. */
export function addOrgCommands(program: Command): void {
  const orgs = signInOptions(
    shared(program.command('orgs').description('list the orgs you are signed in to, sign in, or sign out')),
  )
    .enablePositionalOptions()
    .action((flags: Shared) =>
      inTerminal(flags, async (caller, { login, clientId }, output) => {
        if (login !== undefined && caller.signedIn === null) await signIn(caller, { login, clientId }, output);
        return listOrgs(caller, output);
      }),
    );

  shared(orgs.command('list').description('list the orgs you are signed in to'))
    .option('--sf', 'list the orgs of the Salesforce CLI instead; its files are never changed')
    .action((flags: Shared) =>
      inTerminal(flags, (caller, { sf }, output) =>
        sf === true ? listSfOrgs(caller, output) : listOrgs(caller, output),
      ),
    );

  signInOptions(shared(orgs.command('sign-in').description('sign in to an org, in your browser or as the flags say')))
    .option('--sf <user or alias>', 'use an org that the Salesforce CLI is signed in to')
    .action((flags: Shared) => inTerminal(flags, signIn));

  shared(
    orgs.command('sign-out <org>').description('sign out of an org, by username or anything else that identifies it'),
  ).action((target: string, flags: Shared) =>
    inTerminal(flags, (caller, _flags, output) => signOut(caller, target, output)),
  );

  shared(
    orgs
      .command('read-only <org>')
      .description('block all loads into an org; --off allows them again')
      .option('--off', 'allow loads again'),
  ).action((target: string, flags: Shared) =>
    inTerminal(flags, (caller, { off }, output) => setReadOnly(caller, { target, readOnly: off !== true }, output)),
  );
}
