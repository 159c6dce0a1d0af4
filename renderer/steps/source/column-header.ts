import type { IHeaderComp, IHeaderParams } from 'ag-grid-community';
import type { ColumnSketch, PreviewRow } from '../../../shared/domain/source-file.ts';
import { sketchSentence, sketchWords } from '../../../shared/text/sketch-text.ts';
import { iconCopy } from '../../components/icon-plates.tsx';
import { makeElement } from '../../components/make-element.ts';
import type { ColumnSketches } from './column-sketches.ts';

/** What `cellColumn` gives its header. */
export interface ColumnHeaderParams {
  readonly index: number;
  readonly sketches: ColumnSketches;
  readonly show: () => void;
}

type HeaderParams = IHeaderParams<PreviewRow> & ColumnHeaderParams;

/** The column's name, which sorts; how its values are, in words and as a bar; and the way to its profile. */
export class ColumnHeader implements IHeaderComp {
  readonly #gui = makeElement('div', { class: 'column-header' });
  readonly #name = makeElement('bdi');
  readonly #sort = makeElement('button', { type: 'button' }, this.#name);
  readonly #profile = makeElement('button', { type: 'button', class: 'profile' }, iconCopy('profile'));
  readonly #ends: (() => void)[] = [];
  #params: HeaderParams | null = null;
  #sketch: ColumnSketch | 'failed' | undefined;
  /** How the values are, as it stands between the two buttons. */
  #told: readonly Element[] = [];

  init(params: HeaderParams): void {
    this.#gui.append(this.#sort, this.#profile);
    this.#sort.addEventListener('click', () => this.#params?.progressSort(false));
    this.#profile.addEventListener('click', () => this.#params?.show());
    this.#begin(params);
  }

  getGui(): HTMLElement {
    return this.#gui;
  }

  refresh(params: HeaderParams): boolean {
    this.destroy();
    this.#begin(params);
    return true;
  }

  destroy(): void {
    for (const end of this.#ends.splice(0)) end();
  }

  #begin(params: HeaderParams): void {
    this.#params = params;
    const { column, index, sketches, displayName } = params;
    this.#name.textContent = displayName;
    this.#sort.title = displayName;
    this.#profile.setAttribute('aria-label', `Profile of ${displayName}`);
    const follow = () => this.#showDirection();
    column.addEventListener('sortChanged', follow);
    this.#ends.push(
      () => column.removeEventListener('sortChanged', follow),
      sketches.subscribe(() => this.#showSketch()),
      sketches.want(index),
    );
    this.#showDirection();
    this.#showSketch();
  }

  #showDirection(): void {
    const direction = this.#params?.column.getSort();
    for (const icon of this.#sort.querySelectorAll('svg')) icon.remove();
    if (direction !== 'asc' && direction !== 'desc') return;
    const name = direction === 'asc' ? 'ascending' : 'descending';
    const icon = iconCopy(name);
    icon.removeAttribute('aria-hidden');
    icon.setAttribute('role', 'img');
    icon.setAttribute('aria-label', name);
    this.#sort.append(icon);
  }

  #showSketch(): void {
    if (!this.#params) return;
    const { index, sketches } = this.#params;
    // Columns are there before their rows are read to the end: the same ones, for making hundreds anew holds the window up.
    const hasRows = sketches.hasRows();
    this.#sort.disabled = !hasRows;
    this.#profile.disabled = !hasRows;
    const sketch = sketches.of(index);
    if (sketch === this.#sketch) return;
    this.#sketch = sketch;
    for (const element of this.#told) element.remove();
    this.#told = toldOf(sketch);
    this.#sort.after(...this.#told);
  }
}

function toldOf(sketch: ColumnSketch | 'failed' | undefined): Element[] {
  if (sketch === undefined) return [];
  if (sketch === 'failed') return [makeElement('small', {}, 'not counted')];
  const { rows, blank, misfits } = sketch;
  const sentence = sketchSentence(sketch);
  const words = sketchWords(sketch).map((text, at) =>
    makeElement('span', misfits > 0 && at === 0 ? { 'data-tone': 'warning' } : {}, text),
  );
  return [
    makeElement('span', { class: 'for-ears' }, sentence),
    makeElement('small', { 'aria-hidden': 'true', title: sentence }, ...words),
    makeElement(
      'span',
      { class: 'sketch-bar', 'aria-hidden': 'true' },
      ...share(rows - blank - misfits, {}),
      ...share(misfits, { 'data-tone': 'warning' }),
      ...share(blank, { 'data-blank': '' }),
    ),
  ];
}

/** A piece of the bar as long as it is of the rows; of none there is none. */
function share(rows: number, attributes: Readonly<Record<string, string>>): HTMLElement[] {
  if (rows <= 0) return [];
  const piece = makeElement('span', attributes);
  // As a property: the page's policy takes no style that is written as an attribute.
  piece.style.flexGrow = String(rows);
  return [piece];
}
