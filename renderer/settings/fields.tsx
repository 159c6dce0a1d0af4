import { NativeSelect, TextInput } from '@mantine/core';
import { useState } from 'react';

interface ChoiceProps<T extends string> {
  readonly label: string;
  readonly description?: string;
  readonly value: T;
  /** What each choice is called, in the order they are offered. */
  readonly options: Readonly<Record<T, string>>;
  readonly choose: (value: T) => void;
}

export function Choice<T extends string>({ label, description, value, options, choose }: ChoiceProps<T>) {
  const names = Object.keys(options) as T[];
  return (
    <NativeSelect
      label={label}
      {...(description === undefined ? {} : { description })}
      value={value}
      data={names.map((name) => ({ value: name, label: options[name] }))}
      onChange={(event) => {
        const chosen = names.find((name) => name === event.currentTarget.value);
        if (chosen !== undefined) choose(chosen);
      }}
    />
  );
}

interface NumberProps {
  readonly label: string;
  readonly description?: string;
  readonly value: number | null;
  readonly limits: readonly [least: number, most: number];
  /** Whether empty is a value, null. */
  readonly optional?: boolean;
  readonly choose: (value: number | null) => void;
}

/** A whole number that is taken when the field is left, or with Enter; one that is none says so and changes nothing. */
export function NumberSetting({ label, description, value, limits: [least, most], optional, choose }: NumberProps) {
  const [typed, setTyped] = useState<string | null>(null);
  const text = typed ?? (value === null ? '' : String(value));
  const wanted = text.trim() === '' ? null : Number(text);
  const good = wanted === null ? optional === true : Number.isInteger(wanted) && wanted >= least && wanted <= most;
  const take = () => {
    if (!good || typed === null) return;
    setTyped(null);
    if (wanted !== value) choose(wanted);
  };
  return (
    <TextInput
      label={label}
      {...(description === undefined ? {} : { description })}
      inputMode="numeric"
      value={text}
      error={
        good ? null : `Enter a whole number from ${least} to ${most}${optional === true ? ', or leave it empty' : ''}`
      }
      onChange={(event) => setTyped(event.currentTarget.value)}
      onBlur={take}
      onKeyDown={(event) => event.key === 'Enter' && take()}
    />
  );
}
