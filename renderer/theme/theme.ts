import { createTheme, Menu, type MantineColorsTuple } from '@mantine/core';

const harbour: MantineColorsTuple = [
  '#e8f6f5',
  '#d0eae8',
  '#a1d5d1',
  '#6ebfb9',
  '#43aca4',
  '#2a9f97',
  '#178a82',
  '#0b6f69',
  '#075b56',
  '#034743',
];

/** What Mantine draws its dark surfaces with (menus, lists, borders, faint text), in the tones of `styles.css`. */
const night: MantineColorsTuple = [
  '#e6edf2',
  '#c4d0d9',
  '#a7b6c2',
  '#8496a4',
  '#33414c',
  '#26313a',
  '#1e2932',
  '#172028',
  '#10171d',
  '#0b1115',
];

export const theme = createTheme({
  primaryColor: 'harbour',
  primaryShade: { light: 7, dark: 7 },
  colors: { harbour, dark: night },
  fontFamily: 'Inter, system-ui, -apple-system, "Segoe UI", Roboto, "Noto Sans", "Noto Sans CJK JP", sans-serif',
  fontFamilyMonospace: 'ui-monospace, "SF Mono", "Cascadia Mono", "DejaVu Sans Mono", monospace',
  defaultRadius: 'md',
  cursorType: 'pointer',
  autoContrast: true,
  respectReducedMotion: true,
  components: {
    // A place for the focus beside the items is none of a menu's children (WAI-ARIA 1.2, menu): the first item has it.
    Menu: Menu.extend({ defaultProps: { withInitialFocusPlaceholder: false } }),
  },
});
