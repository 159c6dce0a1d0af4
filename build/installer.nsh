; Longshore in "Open with" for tables, without becoming what opens them: the way that
; https://learn.microsoft.com/windows/win32/shell/app-registration describes ("Applications" subkey, "SupportedTypes"),
; and OpenWithProgids of https://learn.microsoft.com/windows/win32/shell/fa-file-types. The types' own default is not written.
!macro longshoreOpensWith EXT
  WriteRegStr SHELL_CONTEXT "Software\Classes\Applications\${APP_EXECUTABLE_FILENAME}\SupportedTypes" ".${EXT}" ""
  WriteRegNone SHELL_CONTEXT "Software\Classes\.${EXT}\OpenWithProgids" "Longshore.Table"
!macroend

!macro customInstall
  WriteRegStr SHELL_CONTEXT "Software\Classes\Longshore.Table" "" "Table"
  WriteRegStr SHELL_CONTEXT "Software\Classes\Longshore.Table\DefaultIcon" "" "$appExe,0"
  WriteRegStr SHELL_CONTEXT "Software\Classes\Longshore.Table\shell\open\command" "" '"$appExe" "%1"'
  WriteRegStr SHELL_CONTEXT "Software\Classes\Applications\${APP_EXECUTABLE_FILENAME}" "FriendlyAppName" "${PRODUCT_NAME}"
  WriteRegStr SHELL_CONTEXT "Software\Classes\Applications\${APP_EXECUTABLE_FILENAME}\shell\open\command" "" '"$appExe" "%1"'
  !insertmacro longshoreOpensWith "csv"
  !insertmacro longshoreOpensWith "tsv"
  !insertmacro longshoreOpensWith "xlsx"
!macroend

!macro customUnInstall
  DeleteRegKey SHELL_CONTEXT "Software\Classes\Longshore.Table"
  DeleteRegKey SHELL_CONTEXT "Software\Classes\Applications\${APP_EXECUTABLE_FILENAME}"
  DeleteRegValue SHELL_CONTEXT "Software\Classes\.csv\OpenWithProgids" "Longshore.Table"
  DeleteRegValue SHELL_CONTEXT "Software\Classes\.tsv\OpenWithProgids" "Longshore.Table"
  DeleteRegValue SHELL_CONTEXT "Software\Classes\.xlsx\OpenWithProgids" "Longshore.Table"
!macroend
