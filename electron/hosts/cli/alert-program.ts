import { Option, type Command } from 'commander';
import {
  addChannel,
  endAlert,
  listChannels,
  removeChannel,
  setAlert,
  testChannel,
  type AddChannelFlags,
  type SetAlertFlags,
} from './alert-commands.ts';
import { inTerminal, shared, type Shared } from './in-terminal.ts';

/** `longshore job alert …`: what is told of jobs, and where. */
export function addAlertCommands(job: Command): void {
  const alert = job.command('alert').description('be told when jobs fail, are held, or succeed again');

  shared(alert.command('set <job>').description('what is told of a job by a channel, each once until a run succeeds'))
    .requiredOption('--channel <name>', 'the channel')
    .option('--on <conditions>', 'failed, rows-failed, held, deviation, recovered (default: failed,held,recovered)')
    .option('--failed-rows <number>', 'also when so many rows of a load failed')
    .option('--failed-percent <percent>', 'also when more than this share of a load failed')
    .option('--quiet-for <hours>', 'also when no run has succeeded for so long')
    .option('--with-records', 'include what Salesforce says of failed rows, which may name values')
    .action((named: string, flags: Shared & Omit<SetAlertFlags, 'job'>) =>
      inTerminal(flags, (caller, _flags, output) => setAlert(caller, { ...flags, job: named }, output)),
    );
  shared(alert.command('off <job>').description('tell nothing of a job by a channel'))
    .requiredOption('--channel <name>', 'the channel')
    .action((named: string, flags: Shared & { channel: string }) =>
      inTerminal(flags, (caller, _flags, output) => endAlert(caller, { ...flags, job: named }, output)),
    );
  shared(alert.command('test <channel>').description('send a test by a channel')).action(
    (name: string, flags: Shared) =>
      inTerminal(flags, (caller, _flags, output) => testChannel(caller, { name }, output)),
  );

  const channel = alert.command('channel').description('where alerts go; secrets are kept in the keychain');
  shared(channel.command('add <name>').description('add a channel, or replace the one of this name'))
    .option('--webhook', 'a webhook; its address is asked for, or in LONGSHORE_WEBHOOK_URL')
    .option('--slack', 'a webhook of Slack; its address is asked for, or in LONGSHORE_WEBHOOK_URL')
    .option('--sign', 'sign messages of a webhook with a key, which is asked for, or in LONGSHORE_WEBHOOK_KEY')
    .option('--smtp <host>', 'a mail server; its password is asked for, or in LONGSHORE_SMTP_PASSWORD')
    .option('--port <port>', 'of the mail server (default: 465, or 587 with starttls)')
    .addOption(new Option('--security <how>', 'of the mail server (default: tls)').choices(['tls', 'starttls', 'none']))
    .option('--user <name>', 'of the mail server')
    .option('--from <email>', 'who the emails are from')
    .option('--to <email...>', 'who the emails are for')
    .option('--desktop', 'notifications of the desktop app')
    .action((name: string, flags: Shared & Omit<AddChannelFlags, 'name'>) =>
      inTerminal(flags, (caller, _flags, output) => addChannel(caller, { ...flags, name }, output)),
    );
  shared(channel.command('list').description('list the channels')).action((flags: Shared) =>
    inTerminal(flags, listChannels),
  );
  shared(channel.command('remove <name>').description('remove a channel and its secret')).action(
    (name: string, flags: Shared) =>
      inTerminal(flags, (caller, _flags, output) => removeChannel(caller, { name }, output)),
  );
}
