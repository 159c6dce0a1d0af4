import { assertNever } from '../domain/assert-never.ts';
import { columnsReadBy } from '../domain/cleaning.ts';
import type { MappingLoss, MappingMisfit } from '../domain/mapping-file.ts';
import { CLEANING_NAMES } from './cleaning-text.ts';
import { plural } from './counts.ts';

const WHY_CLOSED: Record<Extract<MappingMisfit, { code: 'FIELD_CLOSED' }>['why'], string> = {
  formula: 'is a formula',
  'auto-number': 'is numbered by Salesforce',
  system: 'is set by Salesforce',
  compound: 'is made up of other fields',
  'no-access': 'is not editable for you',
};

function quoted(names: readonly string[]): string {
  return names.map((name) => `“${name}”`).join(', ');
}

/** What of a mapping made before no longer fits, and what that means now. */
export function misfitText(misfit: MappingMisfit): string {
  switch (misfit.code) {
    case 'FIELD_GONE':
      return `${misfit.field}, which “${misfit.column}” filled, is not in this org. The column is not loaded until you choose a field.`;
    case 'FIELD_CLOSED':
      return `${misfit.field}, which “${misfit.column}” filled, ${WHY_CLOSED[misfit.why]} now. The column is not loaded.`;
    case 'COLUMN_GONE':
      return `There is no column “${misfit.column}” now. Nothing fills ${misfit.field}.`;
    case 'COLUMNS_NEW':
      return `${quoted(misfit.columns)} ${misfit.columns.length === 1 ? 'is' : 'are'} not in the saved mapping. Check what ${misfit.columns.length === 1 ? 'it fills' : 'they fill'}.`;
    case 'STEP_LOST':
      return `A cleaning step (${CLEANING_NAMES[misfit.step.kind]}) uses ${columnsReadBy(misfit.step).length === 1 ? 'a column' : 'columns'} that the file doesn’t have. The step was left out.`;
    case 'MATCH_FIELD_GONE':
      return `Records can no longer be matched by ${misfit.field}. Choose another field to match by.`;
    case 'FIELD_TWICE':
      return `Another line of the mapping file also fills ${misfit.field}. “${misfit.column}” is not loaded.`;
    case 'NOTHING_TO_FILL':
      return `The line for ${misfit.field} has no value. Nothing fills the field.`;
    default:
      return assertNever(misfit);
  }
}

/** What a file of Data Loader's could not take along. */
export function lossText(loss: MappingLoss): string {
  switch (loss.code) {
    case 'VALUES_LOST':
      return `Formats, fixes, replacements, and the choice for Ids that are not found are not in the .sdl file (${quoted(loss.columns)}).`;
    case 'STEPS_LOST':
      return `${plural(loss.steps, 'cleaning step')} ${loss.steps === 1 ? 'is' : 'are'} not in the .sdl file.`;
    case 'COLUMNS_LOST':
      return `${quoted(loss.columns)} can’t be named in an .sdl file and ${loss.columns.length === 1 ? 'is' : 'are'} not in it.`;
    case 'LOOKUPS_LOST':
      return `Data Loader has no lookups like those of ${quoted(loss.columns)}. ${loss.columns.length === 1 ? 'The column is' : 'The columns are'} not in the .sdl file.`;
    default:
      return assertNever(loss);
  }
}

/** What is said of a mapping file that came before it can be used. */
export function givenMappingText(fileName: string, hasSource: boolean): string {
  return hasSource
    ? `“${fileName}” is a mapping. It is used as soon as the file is read and an org is connected.`
    : `“${fileName}” is a mapping. Open the file with the data, and the mapping is used for it.`;
}
