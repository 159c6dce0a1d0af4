import { themeQuartz } from 'ag-grid-community';

/** The grid in the window's own tokens: monospaced digits. */
const gridTheme = themeQuartz.withParams({
  backgroundColor: 'var(--paper)',
  foregroundColor: 'var(--ink)',
  headerBackgroundColor: 'var(--band)',
  headerTextColor: 'var(--ink)',
  // Its scroll bars, as the window's.
  browserColorScheme: 'inherit',
  borderColor: 'var(--line)',
  accentColor: 'var(--accent)',
  oddRowBackgroundColor: 'var(--paper)',
  rowHoverColor: 'var(--band)',
  selectedRowBackgroundColor: 'var(--band)',
  fontFamily: 'inherit',
  fontSize: 13,
  wrapperBorderRadius: 10,
  spacing: 6,
});

/** The same for rows of two lines. */
export const DOUBLE_THEMES = {
  compact: gridTheme.withParams({ rowHeight: 42, headerHeight: 32, fontSize: 12 }),
  normal: gridTheme.withParams({ rowHeight: 48, headerHeight: 36 }),
  roomy: gridTheme.withParams({ rowHeight: 58, headerHeight: 44, fontSize: 15 }),
} as const;

/** By how high rows are: 32 px unless set lower or higher. */
export const GRID_THEMES = {
  compact: gridTheme.withParams({ rowHeight: 26, headerHeight: 32, fontSize: 12 }),
  normal: gridTheme.withParams({ rowHeight: 32, headerHeight: 36 }),
  roomy: gridTheme.withParams({ rowHeight: 42, headerHeight: 44, fontSize: 15 }),
} as const;
