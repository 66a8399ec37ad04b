/** The looks of every page, in the colours of the theme. */
export const style = `
body { font: var(--vscode-font-size)/1.5 var(--vscode-font-family); color: var(--vscode-foreground); }
main { max-width: 60rem; margin: 0 auto; padding: 0.5rem 1rem 3rem; }
h1 { font-size: 1.6em; font-weight: 600; margin: 0.8em 0 0.4em; }
h2 { font-size: 1.2em; font-weight: 600; margin: 1.6em 0 0.4em; }
h3 { font-size: 1em; font-weight: 600; margin: 1.2em 0 0.3em; }
p, ul, ol, table { margin: 0.4em 0; }
ul, ol { padding-left: 1.4em; }
code { font-family: var(--vscode-editor-font-family); font-size: 0.95em; overflow-wrap: anywhere; background: none; padding: 0; }
table { border-collapse: collapse; width: 100%; }
th { text-align: left; font-weight: 600; }
th[scope=row] { width: 13rem; overflow-wrap: anywhere; }
th, td { padding: 0.25em 0.8em 0.25em 0; vertical-align: top; border-bottom: 1px solid var(--vscode-widget-border, transparent); }
a { color: var(--vscode-textLink-foreground); }
a:focus-visible { outline: 1px solid var(--vscode-focusBorder); outline-offset: 2px; }
.muted { color: var(--vscode-descriptionForeground); }
.ask, .block, .note { border-left: 3px solid var(--vscode-widget-border, currentColor); padding: 0.2em 0 0.2em 0.8em; margin: 0.6em 0; }
.ask { border-color: var(--vscode-editorWarning-foreground); }
.block { border-color: var(--vscode-editorError-foreground); }
.actions { display: flex; align-items: center; flex-wrap: wrap; gap: 0.6em; margin: 1em 0; }
.button { display: inline-block; padding: 0.35em 1em; text-decoration: none; border-radius: 2px;
	color: var(--vscode-button-foreground); background: var(--vscode-button-background);
	border: 1px solid var(--vscode-contrastBorder, transparent); }
.button:hover { background: var(--vscode-button-hoverBackground); }
ul.commits, ul.files { list-style: none; padding-left: 0; }
ul.commits li, ul.files li { padding: 0.1em 0; }
details { margin: 0.4em 0; }
summary { cursor: pointer; }
summary:focus-visible { outline: 1px solid var(--vscode-focusBorder); outline-offset: 2px; }
.button.secondary { color: var(--vscode-button-secondaryForeground); background: var(--vscode-button-secondaryBackground); }
`;
