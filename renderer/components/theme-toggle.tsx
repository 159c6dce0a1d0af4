import { ActionIcon, useComputedColorScheme, useMantineColorScheme } from '@mantine/core';
import { Moon, Sun } from 'lucide-react';
import { useChangeSettings } from '../settings/use-settings.ts';

/** The other theme, at once and from now on. */
export function ThemeToggle() {
  const scheme = useComputedColorScheme('light');
  const { setColorScheme } = useMantineColorScheme();
  const change = useChangeSettings();
  const other = scheme === 'dark' ? 'light' : 'dark';
  return (
    <ActionIcon
      variant="default"
      size="lg"
      aria-label={`Use the ${other} theme`}
      onClick={() => {
        setColorScheme(other);
        change.mutate({ theme: other });
      }}
    >
      {scheme === 'dark' ? <Sun size={17} aria-hidden /> : <Moon size={17} aria-hidden />}
    </ActionIcon>
  );
}
