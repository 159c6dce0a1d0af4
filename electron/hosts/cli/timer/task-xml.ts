import { xmlText, type TimerEntry } from './timer-entry.ts';

/** Where Task Scheduler keeps an entry. */
export function taskPath({ name }: Pick<TimerEntry, 'name'>): string {
  return `\\Longshore\\${name}`;
}

/**
 * A task for Task Scheduler: repeated without an end (repetitionType, `Duration`: no value), not beside itself (`IgnoreNew`), on battery
 * too, and as long as it needs (`ExecutionTimeLimit` PT0S), with the rights and the keychain of the user who is signed in
 * (`InteractiveToken`). Task Scheduler Schema, learn.microsoft.com/windows/win32/taskschd. Pure.
 */
export function taskXml({ command, everyMinutes }: TimerEntry): string {
  const [program, ...words] = command;
  return `<?xml version="1.0" encoding="UTF-16"?>
<Task version="1.2" xmlns="http://schemas.microsoft.com/windows/2004/02/mit/task">
  <RegistrationInfo>
    <Description>Longshore: run the jobs that are due</Description>
  </RegistrationInfo>
  <Triggers>
    <TimeTrigger>
      <Repetition>
        <Interval>PT${everyMinutes}M</Interval>
      </Repetition>
      <StartBoundary>2026-01-01T00:00:00</StartBoundary>
      <Enabled>true</Enabled>
    </TimeTrigger>
  </Triggers>
  <Principals>
    <Principal id="Author">
      <LogonType>InteractiveToken</LogonType>
      <RunLevel>LeastPrivilege</RunLevel>
    </Principal>
  </Principals>
  <Settings>
    <MultipleInstancesPolicy>IgnoreNew</MultipleInstancesPolicy>
    <DisallowStartIfOnBatteries>false</DisallowStartIfOnBatteries>
    <StopIfGoingOnBatteries>false</StopIfGoingOnBatteries>
    <StartWhenAvailable>true</StartWhenAvailable>
    <ExecutionTimeLimit>PT0S</ExecutionTimeLimit>
    <Enabled>true</Enabled>
  </Settings>
  <Actions Context="Author">
    <Exec>
      <Command>${xmlText(program)}</Command>
      <Arguments>${xmlText(words.map(windowsWord).join(' '))}</Arguments>
    </Exec>
  </Actions>
</Task>
`;
}

/** A word as programs take it apart again: backslashes count before a quotation mark only (CommandLineToArgvW, learn.microsoft.com). */
export function windowsWord(word: string): string {
  if (/^[^\s"]+$/.test(word)) return word;
  return `"${word.replace(/(\\*)"/g, '$1$1\\"').replace(/\\+$/, '$&$&')}"`;
}
