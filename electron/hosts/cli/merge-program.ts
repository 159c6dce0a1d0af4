import { Option, type Command } from 'commander';
import { MasterRule, ValueRule } from '../../../shared/domain/merge.ts';
import { inTerminal, shared, type Shared } from './in-terminal.ts';
import { planMerge, reportMerge, runMerge, undoMerge, type MergePlanFlags } from './merge-commands.ts';
import { signInOptions } from './sign-in-flags.ts';

/** `longshore merge …`: duplicates of the org, found, merged, and parted again. */
export function addMergeCommands(program: Command): void {
  const merge = program.command('merge').description('merge duplicates that are in the org, and take that back');

  signInOptions(
    shared(merge.command('plan').description('find groups of duplicates and plan their merge; writes nothing')),
  )
    .requiredOption('-s, --sobject <object>', 'API name of the object')
    .option(
      '-f, --file <file>',
      'take the groups from this file instead of looking for records that resemble each other',
    )
    .option('--id-column <column>', 'column of the file with the record Id (default: Id)')
    .option('--group-column <column>', 'column of the file that is the same for records of one group (default: Group)')
    .addOption(new Option('--master <rule>', 'which record of a group stays').choices(MasterRule.options))
    .addOption(new Option('--values <rule>', 'whose values stay').choices(ValueRule.options))
    .option('--values-of <field=rule...>', `whose value stays in single fields: ${ValueRule.options.join(', ')}`)
    .action((flags: Shared & MergePlanFlags) => inTerminal(flags, planMerge));

  for (const [name, description, run] of [
    ['report', 'show a merge, planned or done, and write each group of it to a file', reportMerge],
    ['run', 'merge what was planned, or continue a merge that was interrupted', runMerge],
    ['undo', 'take a merge back, as far as records are still as it left them', undoMerge],
  ] as const) {
    const command = signInOptions(shared(merge.command(`${name} <mergeId>`).description(description)))
      .option('--results-dir <folder>', 'folder for the report of the merge', '.')
      .action((mergeId: string, flags: Shared & { yes?: boolean }) =>
        inTerminal(flags, (caller, { yes = false }, output) => run(caller, { mergeId, yes }, output)),
      );
    if (name !== 'report') command.option('-y, --yes', 'confirm changes in production or over the API budget');
  }
}
