import type { TimerEntry } from './timer-entry.ts';

/**
 * The service that a timer starts. One that runs is not started once more (systemd.timer(5)), and a oneshot may take its time
 * (systemd.service(5), `TimeoutStartSec=`). Who signs out interrupts it as Ctrl+C does: a load is paused then, not canceled. Pure.
 */
export function serviceUnit({ command }: Pick<TimerEntry, 'command'>): string {
  return `[Unit]
Description=Longshore: run the jobs that are due

[Service]
Type=oneshot
ExecStart=${command.map(quoted).join(' ')}
KillSignal=SIGINT
`;
}

/** Every so many minutes, and once after a start in which one was missed (`Persistent=`). Pure. */
export function timerUnit({ everyMinutes }: Pick<TimerEntry, 'everyMinutes'>): string {
  return `[Unit]
Description=Longshore: look every ${everyMinutes} minutes for jobs that are due

[Timer]
OnCalendar=*:0/${everyMinutes}
AccuracySec=10s
Persistent=true

[Install]
WantedBy=timers.target
`;
}

/** A word of a command line: quoted (systemd.syntax(7), "Quoting"), without specifiers (`%`) and variables (`$`; systemd.service(5), "Command lines"). */
function quoted(word: string): string {
  return `"${word.replace(/[\\"]/g, '\\$&').replace(/%/g, '%%').replace(/\$/g, '$$$$')}"`;
}
