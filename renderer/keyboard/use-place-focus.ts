import { useLayoutEffect, useRef } from 'react';

/**
 * Whoever comes to another screen begins at its top and at its heading, as after following a link; a screen that loads first has
 * its heading later. The first screen of a window leaves the focus where it is.
 */
export function usePlaceFocus(place: string): void {
  const shown = useRef(place);
  useLayoutEffect(() => {
    if (shown.current === place) return undefined;
    shown.current = place;
    let leave = (): void => undefined;
    // With the frame that shows the screen: both want its layout, which would be worked out once more while it is put together.
    const frame = requestAnimationFrame(() => {
      leave = goToTop();
    });
    return () => {
      cancelAnimationFrame(frame);
      leave();
    };
  }, [place]);
}

/** Scrolls to the top and puts the focus on the heading, now or when there is one. What it returns ends the wait for it. */
function goToTop(): () => void {
  const main = document.querySelector<HTMLElement>('#main');
  if (!main) return () => undefined;
  main.scrollTo(0, 0);
  main.focus({ preventScroll: true });
  let heading: HTMLElement | null = null;
  const toHeading = (): void => {
    heading = main.querySelector<HTMLElement>('h2');
    if (!heading) return;
    heading.tabIndex = -1;
    heading.focus({ preventScroll: true });
  };
  toHeading();
  const observer = new MutationObserver(() => {
    const { activeElement } = document;
    // A screen that is on its way has a heading of its own, whose focus is lost to the page when the screen is there.
    const isLost = heading !== null && !heading.isConnected && activeElement === document.body;
    if (isLost || (heading === null && activeElement === main)) toHeading();
    // Whoever has gone on meanwhile is not called back.
    else if (activeElement !== heading) observer.disconnect();
  });
  observer.observe(main, { childList: true, subtree: true });
  return () => observer.disconnect();
}
