import { useMantineColorScheme, type MantineColorScheme } from '@mantine/core';
import { useMutation, useQueryClient, type UseMutationResult } from '@tanstack/react-query';
import { useEffect, useEffectEvent } from 'react';
import { DEFAULT_SETTINGS, type AppSettings, type SettingsView } from '../../shared/domain/settings.ts';
import { writeNumbersAs } from '../../shared/text/counts.ts';
import { useBackend, useCall } from '../backend/backend-context.tsx';
import { writeDatesAs } from './moments.ts';

/** What is set; the defaults until it is known. */
export function useSettings(): AppSettings {
  return useCall('settings.get', {}, { keep: true }).data?.settings ?? DEFAULT_SETTINGS;
}

/** Changes settings, which apply to every window at once. */
export function useChangeSettings(): UseMutationResult<SettingsView, Error, Partial<AppSettings>> {
  const backend = useBackend();
  const cache = useQueryClient();
  return useMutation({
    mutationFn: (change: Partial<AppSettings>) => backend.call('settings.change', change),
    onSuccess: (view) => cache.setQueryData(['settings.get', {}], view),
  });
}

/** Lets the window look as the settings say. Once, above everything that writes numbers or dates. */
export function useAppliedSettings(): void {
  const { theme, numbers, dates } = useSettings();
  const { setColorScheme } = useMantineColorScheme();
  // While it is drawn, before what is below it is: all of that reads them.
  writeNumbersAs(numbers === 'system' ? undefined : numbers);
  writeDatesAs(dates);
  const known = useCall('settings.get', {}, { keep: true }).data !== undefined;
  // Once for each theme: every time costs two passes over the styles of the whole page, in which transitions are held back.
  const wear = useEffectEvent((scheme: MantineColorScheme) => setColorScheme(scheme));
  useEffect(() => {
    if (known) wear(theme === 'system' ? 'auto' : theme);
  }, [known, theme]);
}
