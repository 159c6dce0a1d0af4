import { Group, NativeSelect } from '@mantine/core';
import { MasterRule, ValueRule, type MergeRules } from '../../../shared/domain/merge.ts';
import { MASTER_RULES, VALUE_RULES } from '../../../shared/text/merge-text.ts';

/** Which record stays, and whose values. */
export function RuleChoices({
  rules,
  change,
}: {
  readonly rules: MergeRules;
  readonly change: (rules: MergeRules) => void;
}) {
  return (
    <Group align="flex-end">
      <NativeSelect
        label="The master of each group"
        value={rules.master}
        data={MasterRule.options.map((value) => ({ value, label: MASTER_RULES[value] }))}
        onChange={(event) => change({ ...rules, master: MasterRule.parse(event.currentTarget.value) })}
      />
      <NativeSelect
        label="Its values"
        value={rules.values}
        data={ValueRule.options.map((value) => ({ value, label: VALUE_RULES[value] }))}
        onChange={(event) => change({ ...rules, values: ValueRule.parse(event.currentTarget.value) })}
      />
    </Group>
  );
}
