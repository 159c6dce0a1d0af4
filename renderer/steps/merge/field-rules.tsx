import { Button, Group, NativeSelect } from '@mantine/core';
import { ValueRule, type MergeRules } from '../../../shared/domain/merge.ts';
import { VALUE_RULES } from '../../../shared/text/merge-text.ts';

interface Props {
  readonly rules: MergeRules;
  readonly fields: readonly { readonly name: string; readonly label: string }[];
  readonly change: (rules: MergeRules) => void;
}

/** Fields whose values go by a rule of their own. */
export function FieldRules({ rules, fields, change }: Props) {
  const own = Object.entries(rules.fields);
  const labelOf = (name: string) => fields.find((field) => field.name === name)?.label ?? name;
  const withRule = (name: string, rule: ValueRule) => change({ ...rules, fields: { ...rules.fields, [name]: rule } });
  const without = (name: string) =>
    change({ ...rules, fields: Object.fromEntries(own.filter(([field]) => field !== name)) });
  const open = fields.filter(({ name }) => !(name in rules.fields));
  return (
    <>
      {own.map(([name, rule]) => (
        <Group key={name} align="flex-end" mt="sm">
          <NativeSelect
            label={labelOf(name)}
            value={rule}
            data={ValueRule.options.map((value) => ({ value, label: VALUE_RULES[value] }))}
            onChange={(event) => withRule(name, ValueRule.parse(event.currentTarget.value))}
          />
          <Button size="compact-sm" variant="subtle" onClick={() => without(name)}>
            Like the other fields
          </Button>
        </Group>
      ))}
      {open.length > 0 && (
        <NativeSelect
          mt="sm"
          label="A rule for one field"
          value=""
          data={[
            { value: '', label: 'choose a field' },
            ...open.map(({ name, label }) => ({ value: name, label: `${label} (${name})` })),
          ]}
          onChange={(event) => {
            if (event.currentTarget.value !== '') withRule(event.currentTarget.value, rules.values);
          }}
        />
      )}
    </>
  );
}
