/** What a person is asked before anything is fetched. */
export function updateText(
  running: string,
  offered: string,
): { title: string; detail: string; yes: string; no: string } {
  return {
    title: `Longshore ${offered} is available`,
    detail:
      `You have ${running}. The update downloads now and is installed when you quit Longshore, ` +
      'never while a load runs. “Later” asks again in a week.',
    yes: 'Download and install when I quit',
    no: 'Later',
  };
}
