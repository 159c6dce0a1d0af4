import {
  CellStyleModule,
  ClientSideRowModelModule,
  ColumnApiModule,
  ColumnAutoSizeModule,
  InfiniteRowModelModule,
  LocaleModule,
  ModuleRegistry,
  RowApiModule,
  ScrollApiModule,
  TextEditorModule,
  TooltipModule,
} from 'ag-grid-community';

/** What the window's grids can do. A grid that is made before this module is read can do nothing but draw. */
ModuleRegistry.registerModules([
  InfiniteRowModelModule,
  ClientSideRowModelModule,
  ScrollApiModule,
  ColumnApiModule,
  RowApiModule,
  ColumnAutoSizeModule,
  CellStyleModule,
  LocaleModule,
  TextEditorModule,
  TooltipModule,
]);
