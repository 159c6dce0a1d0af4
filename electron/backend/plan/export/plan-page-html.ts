import { createHash } from 'node:crypto';
import type { LoadPlan, PlannedRow } from '../../../../shared/domain/load-plan.ts';
import { number, plural } from '../../../../shared/text/counts.ts';
import { OPERATION_WORD } from '../../../../shared/text/load-title.ts';
import { secondStepText } from '../../../../shared/text/lookup-text.ts';
import { similarText } from '../../../../shared/text/similar-text.ts';
import {
  decidedTexts,
  duplicateText,
  laterFields,
  leftOutTexts,
  plannedWord,
  policyTexts,
  resemblesText,
} from '../../../../shared/text/plan-text.ts';
import { APPROVAL_SCRIPT } from './approval-script.ts';
import { raw, html, type Html } from './html.ts';
import { PAGE_STYLE } from './page-style.ts';
import { changesOf } from '../../../../shared/domain/confirmation.ts';

/** What of a plan a colleague reads. */
export interface PlanPage {
  readonly plan: LoadPlan;
  readonly orgName: string;
  readonly objectLabel: string;
  readonly fileName: string;
  /** By field, a few changes. */
  readonly samples: ReadonlyMap<string, readonly { readonly old: string; readonly now: string }[]>;
  /** Why rows are not sent, by how many. */
  readonly reasons: readonly { readonly title: string; readonly rows: number }[];
  /** The first rows of each kind that would be written. */
  readonly rows: readonly PlannedRow[];
}

/** The page as text. It is whole by itself: no part of it is loaded from anywhere, and only its own script may run. */
export function planPageHtml(page: PlanPage): string {
  const { plan, orgName, objectLabel, fileName } = page;
  // The policy names the script by its digest, so not a space may be added to it.
  const hash = createHash('sha256').update(APPROVAL_SCRIPT).digest('base64');
  const policy = `default-src 'none'; style-src 'unsafe-inline'; script-src 'sha256-${hash}'; form-action 'none'; base-uri 'none'`;
  const title = `Plan: ${OPERATION_WORD[plan.mapping.operation]} ${objectLabel} in ${orgName}`;
  const facts: [string, Html | string][] = [
    ['Org', orgName],
    ['Object', `${objectLabel} (${plan.mapping.objectName})`],
    ['Operation', OPERATION_WORD[plan.mapping.operation]],
    ['File', `${fileName}, ${plural(plan.rows, 'row')}`],
    ['Compared with the org', new Date(plan.currentRecordsFetchedAt).toISOString()],
    ['Plan', html`<span class="digest">${plan.planDigest}</span>`],
  ];
  return String(
    html`<!doctype html>
      <html lang="en">
        <meta charset="utf-8" />
        <meta http-equiv="Content-Security-Policy" content="${policy}" />
        <meta name="viewport" content="width=device-width" />
        <title>${title}</title>
        ${raw(`<style>${PAGE_STYLE}</style>`)}
        <h1>${title}</h1>
        <p>Nothing has been written yet. This page says what would be.</p>
        <table>
          ${facts.map(
            ([name, value]) =>
              html`<tr>
                <th scope="row">${name}</th>
                <td>${value}</td>
              </tr>`,
          )}
        </table>
        ${countsTable(plan)} ${policies(plan)} ${decisions(plan)} ${fieldsTable(page)} ${reasonsTable(page)}
        ${rowsTable(page)}
        <h2>Approve</h2>
        <form data-plan-digest="${plan.planDigest}" hidden>
          <p>You approve exactly the plan named above. If anything in it changes, it must be approved again.</p>
          <label>Your name <input name="name" required maxlength="200" autocomplete="name" /></label>
          <label>Comment <textarea name="comment" maxlength="2000" rows="2"></textarea></label>
          <button>Approve</button> <output></output>
        </form>
        ${raw(`<script>${APPROVAL_SCRIPT}</script>`)}
      </html> `,
  );
}

function countsTable({ counts, rows, secondStep, similar }: LoadPlan): Html {
  const kinds = Object.entries(counts) as [keyof typeof counts, number][];
  return html`<h2>Rows</h2>
    <table>
      ${kinds
        .filter(([, count]) => count > 0)
        .map(
          ([kind, count]) =>
            html`<tr>
              <th scope="row">${plannedWord(kind)}</th>
              <td class="number">${number(count)}</td>
            </tr>`,
        )}
      <tr>
        <th scope="row">All rows of the file</th>
        <td class="number">${number(rows)}</td>
      </tr>
    </table>
    ${secondStep ? html`<p>${secondStepText(secondStep)}</p>` : html``}
    ${similar ? html`<p>${similarText(similar)}</p>` : html``}`;
}

function policies(plan: LoadPlan): Html {
  const texts = [...policyTexts(plan), ...leftOutTexts(plan)];
  return texts.length === 0
    ? html``
    : html`<h2>What stays as it is</h2>
        <ul>
          ${texts.map((text) => html`<li>${text}</li>`)}
        </ul>`;
}

function decisions(plan: LoadPlan): Html {
  const texts = decidedTexts(plan);
  return texts.length === 0
    ? html``
    : html`<h2>Rows that resemble records</h2>
        <ul>
          ${texts.map((text) => html`<li>${text}</li>`)}
        </ul>`;
}

function fieldsTable({ plan, samples }: PlanPage): Html {
  if (plan.changedFields.length === 0) return html``;
  return html`<h2>Fields of existing records</h2>
    <table>
      <tr>
        <th>Field</th>
        <th class="number">Records</th>
        <th class="number">Blank now</th>
        <th class="number">Cleared</th>
        <th>For example</th>
      </tr>
      ${plan.changedFields.map(
        ({ field, rows, filled, cleared }) =>
          html`<tr>
            <td>${field}</td>
            <td class="number">${number(rows)}</td>
            <td class="number">${number(filled)}</td>
            <td class="number">${number(cleared)}</td>
            <td>${(samples.get(field) ?? []).map(({ old, now }) => html`<div>${change(old, now)}</div>`)}</td>
          </tr>`,
      )}
    </table>`;
}

function change(old: string, now: string): Html {
  return html`<del>${old === '' ? 'blank' : old}</del> → <ins>${now === '' ? 'cleared' : now}</ins>`;
}

function reasonsTable({ reasons }: PlanPage): Html {
  if (reasons.length === 0) return html``;
  return html`<h2>Not sent</h2>
    <table>
      ${reasons.map(
        ({ title, rows }) =>
          html`<tr>
            <td>${title}</td>
            <td class="number">${plural(rows, 'row')}</td>
          </tr>`,
      )}
    </table>`;
}

function rowsTable({ rows, plan }: PlanPage): Html {
  if (rows.length === 0) return html``;
  const all = changesOf(plan.counts);
  const more = all > rows.length ? ` The first ${number(rows.length)} of ${number(all)}; the CSV has them all.` : '';
  return html`<h2>Records</h2>
    <p>Row by row, as they would be written.${more}</p>
    <table>
      <tr>
        <th class="number">Row</th>
        <th>${plan.mapping.matchField ?? 'First field'}</th>
        <th></th>
        <th>What happens</th>
      </tr>
      ${rows.map(
        (row) =>
          html`<tr>
            <td class="number">${number(row.row)}</td>
            <td>${row.key}</td>
            <td>${plannedWord(row.kind)}</td>
            <td>${what(row)}${secondStepOf(row)}${decisionOf(row)}</td>
          </tr>`,
      )}
    </table>`;
}

function what(row: PlannedRow): Html | string | Html[] {
  switch (row.kind) {
    case 'update':
      return row.changes.map(({ field, old, new: now }) => html`<div>${field}: ${change(old, now)}</div>`);
    case 'insert':
    case 'delete':
      return row.values.map(({ field, value }) => html`<div>${field}: ${value}</div>`);
    case 'undelete':
      return 'Comes back from the Recycle Bin';
    case 'duplicate':
      return duplicateText(row);
    default:
      return '';
  }
}

function decisionOf(row: PlannedRow): Html {
  const text = resemblesText(row);
  return text === '' ? html`` : html`<div>${text}</div>`;
}

/** What of the above a row is given once the rows that it names have their records. */
function secondStepOf(row: PlannedRow): Html {
  const fields = laterFields(row);
  return fields.length === 0 ? html`` : html`<div>In a second step: ${fields.join(', ')}</div>`;
}
