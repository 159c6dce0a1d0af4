import { InvalidArgumentError, Option, type Command } from 'commander';
import { Operation } from '../../../shared/domain/field-mapping.ts';
import { ChosenWay } from '../../../shared/domain/load-way.ts';
import { MOST_JOBS_AT_ONCE } from '../../../shared/domain/settings.ts';
import { SimilarKeep } from '../../../shared/domain/similar-rows.ts';
import { Encoding } from '../../../shared/domain/source-file.ts';
import { readDateOrder, readDecimalMark } from './format-flags.ts';
import { ResemblingDecision } from '../../../shared/domain/resembling.ts';
import { readJobs, readMoment, readScore, readStopAfter } from './policy-flags.ts';
import { readRow } from './send-rows.ts';

export const FILE_OPTION = 'CSV, XLSX, or JSON file; several files with the same columns load as one';

function rowNumber(text: string): number {
  if (!/^\d{1,7}$/.test(text)) throw new InvalidArgumentError('Enter a row number: 1 or more, or 0 for no header.');
  return Number(text);
}

/** How a file is read, mapped and loaded: of every command that takes one. */
export function loadOptions(command: Command): Command {
  return command
    .addOption(
      new Option(
        '--operation <operation>',
        'default: update if the file has Ids, upsert if it has an external ID, otherwise insert',
      ).choices(Operation.options),
    )
    .option(
      '--mapping <file>',
      'which column fills which field: a .json file saved by Longshore, or a Data Loader .sdl file',
    )
    .option('-i, --external-id <field>', 'field to match records by in an upsert')
    .addOption(
      new Option('--column-delimiter <delimiter>', 'default: detected').choices([
        'COMMA',
        'TAB',
        'SEMICOLON',
        'PIPE',
        'CARET',
        'BACKQUOTE',
      ]),
    )
    .addOption(new Option('--encoding <encoding>', 'default: detected').choices(Encoding.options))
    .option('--sheet <name>', 'sheet of a workbook (default: the first one with a table)')
    .addOption(
      new Option(
        '--header-row <number>',
        'row of the sheet or line of the file that names the columns, or 0 if there is none (default: detected)',
      ).argParser(rowNumber),
    )
    .addOption(
      new Option(
        '--date-order <[column=]order>',
        'dmy, mdy, or ymd, for dates that can be read in several ways; repeat for more columns',
      ).argParser(readDateOrder),
    )
    .addOption(
      new Option(
        '--decimal-mark <[column=]mark>',
        'point or comma, for numbers that can be read in two ways; repeat for more columns',
      ).argParser(readDecimalMark),
    )
    .option('--update-only', 'upserts: rows that match no record are not sent')
    .option('--create-only', 'upserts: rows that match a record are not sent')
    .addOption(
      new Option(
        '--repeated <which>',
        'which of several rows with the same match value is sent: none until you choose (ask), or one of them',
      ).choices(['ask', 'first', 'last', 'newest', 'merge']),
    )
    .option('--send-row <row...>', 'of rows with the same match value, send these, whatever --repeated says', readRow)
    .option('--newest-by <column>', 'with --repeated newest: the column with the date of each row')
    .option('--repeated-by <column...>', 'inserts: rows with the same values in these columns are duplicates')
    .option('--similar-by <column...>', 'new rows that are alike in these columns, though not the same, are similar')
    .option('--similar-equal <column...>', 'with --similar-by: only rows with the same values in these columns')
    .addOption(
      new Option('--similar <which>', 'with --similar-by: which of similar rows is sent (default: all)').choices(
        SimilarKeep.options,
      ),
    )
    .addOption(
      new Option('--similar-from <score>', 'with --similar-by: the score from which rows are similar').argParser(
        readScore,
      ),
    )
    .addOption(
      new Option(
        '--way <way>',
        'how rows are sent: by Bulk API jobs (bulk), in the order of the file by Bulk API 1.0 jobs in Serial mode (bulk-1), 200 at a time, answered at once (collections), or whichever way fits the load (automatic), which is the default for new mappings unless the settings say otherwise',
      ).choices(ChosenWay.options),
    )
    .addOption(
      new Option(
        '--jobs <number>',
        `how many Bulk API jobs of a large file are worked on at the same time, from 1 to ${MOST_JOBS_AT_ONCE} (default: as in the settings)`,
      ).argParser(readJobs),
    )
    .option('--allow-duplicates', 'save rows that a duplicate rule only warns about; they are sent 200 at a time')
    .option('--all-or-none', 'save the rows of each request together or not at all; they are sent 200 at a time')
    .option('--assignment-rule <rule>', 'cases and leads: name or Id of the assignment rule that chooses the owner')
    .addOption(
      new Option(
        '--stop-after <failures>',
        'stop the load when so many rows have failed, such as 100, or such a share of those processed, such as 5%',
      ).argParser(readStopAfter),
    )
    .option('--fill-blanks-only', 'fill only blank fields; keep existing values')
    .option('--never-overwrite <field...>', 'like --fill-blanks-only, for these fields')
    .addOption(
      new Option(
        '--unless-changed-since <day or time>',
        'keep records unchanged that were changed in the org since then',
      ).argParser(readMoment),
    )
    .addOption(
      new Option('--line-ending <ending>', 'accepted for compatibility with sf; line endings are detected').choices([
        'LF',
        'CRLF',
      ]),
    )
    .option('--no-id-lookup', 'send Ids of other records without checking that the records exist')
    .option('--accept-changed-file', 'load a file that grew while it was read')
    .option('-w, --wait <minutes>', 'accepted for compatibility with sf; Longshore waits until the load ends');
}

/** What becomes of new rows that resemble records. */
export function resemblingOptions(
  command: Command,
  choices: readonly string[] = ['show', ...ResemblingDecision.options],
): Command {
  const shows = choices.includes('show') ? ', and show them, or' : ', and';
  return command
    .addOption(
      new Option(
        '--resembling <what>',
        `new accounts, contacts, and leads: look for existing records that rows resemble${shows} update these records, merge the rows into them (fill only their blank fields), skip the rows, or create them anyway; rows that several records or other rows could mean are not sent by update and merge`,
      ).choices(choices),
    )
    .addOption(
      new Option(
        '--resembling-score <score>',
        'least score of a row and a record (default: the one that Longshore proposes)',
      ).argParser(readScore),
    );
}
