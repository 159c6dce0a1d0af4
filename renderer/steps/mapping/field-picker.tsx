import { Combobox, Input, Select, type ComboboxItem, type SelectProps } from '@mantine/core';
import { memo, startTransition, useDeferredValue, useMemo, useState } from 'react';
import { bulkHeader, type MappingTarget } from '../../../shared/domain/field-mapping.ts';
import { FieldBadges } from './field-badges.tsx';
import type { FieldOption } from './field-options.ts';
import { searchFields } from './field-search.ts';

interface FieldPickerProps {
  readonly label: string;
  /** Shown above it; else the label is only read aloud. */
  readonly labelShown?: boolean;
  readonly target: MappingTarget;
  readonly options: readonly FieldOption[];
  readonly autoFocus?: boolean;
  readonly disabled?: boolean;
  /** Null for none. */
  readonly choose: (value: string | null) => void;
}

/** Fields that are there at once when the list opens or something is typed; the others follow a moment later. */
const AT_ONCE = 8;

const NOT_LOADED = 'Not loaded';

/**
 * The object's fields, found by label, API name or help text, each with what the operation can do with it. Of a table there are hundreds:
 * each is no more than what it shows until it has the focus for the first time.
 */
export const FieldPicker = memo(function FieldPicker(props: FieldPickerProps) {
  const { labelShown = false, autoFocus = false } = props;
  const [isMet, setMet] = useState(labelShown || autoFocus);
  if (!isMet) return <FieldAtRest {...props} meet={() => setMet(true)} />;
  return <FieldSelect {...props} autoFocus={autoFocus || !labelShown} />;
});

/** A field with its list: looks and is called as the one at rest whose place it takes. */
function FieldSelect({ label, labelShown, target, options, autoFocus, disabled, choose }: FieldPickerProps) {
  const filled = target.kind === 'ignored' ? null : bulkHeader(target);
  const [opened, setOpened] = useState(false);
  const chosen = useMemo(() => shownOption(filled, options), [filled, options]);
  return (
    <Select
      {...(labelShown ? { label } : { 'aria-label': label })}
      searchable
      clearable
      allowDeselect={false}
      autoFocus={autoFocus ?? false}
      disabled={disabled ?? false}
      placeholder={NOT_LOADED}
      nothingFoundMessage="No such field"
      // The list scrolls by itself: a box around it would be one more thing that a keyboard can't reach.
      withScrollArea={false}
      classNames={{ options: 'field-options' }}
      comboboxProps={{ width: 380, position: 'bottom-start' }}
      value={filled}
      // As Tab does in any field: what is typed takes the place of the choice.
      onFocus={(event) => event.currentTarget.select()}
      dropdownOpened={opened}
      // A field that takes the place of the one at rest is there before its list is drawn.
      onDropdownOpen={() => startTransition(() => setOpened(true))}
      onDropdownClose={() => setOpened(false)}
      {...useFieldList(opened, filled, chosen, options)}
      onChange={choose}
    />
  );
}

function FieldAtRest(props: FieldPickerProps & { readonly meet: () => void }) {
  const { label, target, options, disabled = false, choose, meet } = props;
  const filled = target.kind === 'ignored' ? null : bulkHeader(target);
  return (
    <Input
      role="combobox"
      aria-label={label}
      aria-haspopup="listbox"
      aria-expanded={false}
      disabled={disabled}
      placeholder={NOT_LOADED}
      value={shownOption(filled, options)[0]?.label ?? ''}
      onFocus={meet}
      onChange={meet}
      rightSectionPointerEvents="none"
      __defaultRightSection={<Combobox.Chevron />}
      __clearable={filled !== null && !disabled}
      __clearSection={<Combobox.ClearButton onClear={() => choose(null)} />}
    />
  );
}

/** What stands in the field: a field of the object, a lookup by a parent's key, or a field that this org does not have. */
function shownOption(filled: string | null, options: readonly FieldOption[]): ComboboxItem[] {
  if (filled === null) return [];
  const option = options.find(({ value }) => value === filled);
  return [option ? toItem(option) : { value: filled, label: filled }];
}

function toItem({ value, shown, open }: FieldOption): ComboboxItem {
  return { value, label: shown, disabled: !open };
}

/** The choice so far may be drawn after the list was opened at its beginning. */
function comeIntoSight(option: HTMLElement | null): void {
  option?.closest('[role="option"]')?.scrollIntoView({ block: 'nearest' });
}

/** What the list has in it, and how: nothing but the choice while it is closed, the first fields at once, then all. */
function useFieldList(
  opened: boolean,
  filled: string | null,
  chosen: ComboboxItem[],
  options: readonly FieldOption[],
): Pick<SelectProps, 'data' | 'filter' | 'limit' | 'onSearchChange' | 'renderOption'> {
  const [search, setSearch] = useState('');
  const shows = opened ? `open ${search}` : '';
  // The list as it was asked for last is drawn whole once nothing else is to be done.
  const isSettled = useDeferredValue(shows) === shows;
  const byValue = useMemo(
    () => new Map(opened ? options.map((option) => [option.value, option]) : []),
    [opened, options],
  );
  const data = useMemo(() => {
    if (!opened) return chosen;
    const isKnown = filled === null || byValue.has(filled);
    return [...options.map(toItem), ...(isKnown ? [] : chosen)];
  }, [opened, filled, chosen, options, byValue]);
  return {
    data,
    limit: isSettled ? Infinity : AT_ONCE,
    onSearchChange: setSearch,
    filter: ({ options: all, search: typed, limit }) => {
      // What stands there is the choice so far, not a search for it.
      const found = typed === '' || typed === chosen[0]?.label ? all : searchFields(options, typed).map(toItem);
      return found.slice(0, limit);
    },
    renderOption: ({ option, checked }) => {
      const field = byValue.get(option.value);
      return (
        <div className="field-option" ref={checked ? comeIntoSight : undefined}>
          <span>{option.label}</span> {field && <FieldBadges badges={field.badges} />}
          {field && field.help !== '' && <div className="field-help">{field.help}</div>}
        </div>
      );
    },
  };
}
