import type * as vscode from 'vscode';

/** What the manifest says of the extension. */
export interface About {
	readonly version: string;
	/** The names of its settings, in full. */
	readonly settings: readonly string[];
}

interface Manifest {
	readonly version: string;
	readonly contributes: { readonly configuration: { readonly properties: Readonly<Record<string, unknown>> } };
}

/** Reads the manifest that VS Code has read already. */
export function aboutOf({ packageJSON }: Pick<vscode.Extension<unknown>, 'packageJSON'>): About {
	const { version, contributes } = packageJSON as Manifest;
	return { version, settings: Object.keys(contributes.configuration.properties) };
}
