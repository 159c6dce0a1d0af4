import { MultiSelect, type ComboboxItem, type MultiSelectProps } from '@mantine/core';
import { useDeferredValue, useState } from 'react';

interface Props extends Omit<
  MultiSelectProps,
  'data' | 'value' | 'limit' | 'onFocus' | 'comboboxProps' | 'searchable' | 'clearable'
> {
  /** All that can be chosen: made when it is first needed. */
  readonly options: () => ComboboxItem[];
  readonly value: string[];
}

/** Of a list these are there at once; the others follow a moment later. */
const AT_ONCE = 24;

/**
 * Several of what may be hundreds, found by typing. There is nothing of the list until the field has the focus for the first time: most
 * who see the screen never open it, and hundreds of options would be drawn with it.
 */
export function SeveralChoice({ options, value, ...others }: Props) {
  const [isMet, setMet] = useState(false);
  const isWhole = useDeferredValue(isMet, false);
  return (
    <MultiSelect
      {...others}
      searchable
      clearable
      value={value}
      data={isMet || value.length > 0 ? options() : []}
      limit={isWhole ? Infinity : AT_ONCE}
      comboboxProps={{ keepMounted: isMet }}
      onFocus={() => setMet(true)}
    />
  );
}
