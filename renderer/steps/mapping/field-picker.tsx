import { Select } from '@mantine/core';
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

/** The object's fields, found by label, API name or help text, each with what the operation can do with it. */
export function FieldPicker({ label, labelShown, target, options, autoFocus, disabled, choose }: FieldPickerProps) {
  const filled = target.kind === 'ignored' ? null : bulkHeader(target);
  const byValue = new Map(options.map((option) => [option.value, option]));
  return (
    <Select
      {...(labelShown ? { label } : { 'aria-label': label })}
      searchable
      clearable
      allowDeselect={false}
      autoFocus={autoFocus ?? false}
      disabled={disabled ?? false}
      placeholder="Not loaded"
      nothingFoundMessage="No such field"
      // The list scrolls by itself: a box around it would be one more thing that a keyboard can't reach.
      withScrollArea={false}
      classNames={{ options: 'field-options' }}
      comboboxProps={{ width: 380, position: 'bottom-start' }}
      value={filled}
      data={[
        ...options.map(({ value, shown, open }) => ({ value, label: shown, disabled: !open })),
        // A lookup by a parent's key, or a field that this org does not have.
        ...(filled === null || byValue.has(filled) ? [] : [{ value: filled, label: filled }]),
      ]}
      filter={({ options: all, search }) => {
        const chosen = byValue.get(filled ?? '')?.shown ?? filled;
        // What stands there is the choice so far, not a search for it.
        if (search === chosen) return all;
        return searchFields(options, search).map(({ value, shown, open }) => ({
          value,
          label: shown,
          disabled: !open,
        }));
      }}
      renderOption={({ option }) => {
        const field = byValue.get(option.value);
        return (
          <div className="field-option">
            <span>{option.label}</span> {field && <FieldBadges badges={field.badges} />}
            {field && field.help !== '' && <div className="field-help">{field.help}</div>}
          </div>
        );
      }}
      onChange={choose}
    />
  );
}
